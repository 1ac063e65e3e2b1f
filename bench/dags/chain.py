"""Ten tasks, one after the other, that do nothing: what is left is the scheduler's and the executor's time."""

from __future__ import annotations

import datetime

from airflow.decorators import dag, task


@dag(schedule=None, start_date=datetime.datetime(2024, 1, 1), catchup=False)
def chain():
    @task
    def step(number: int) -> int:
        return number + 1

    last = 0
    for index in range(10):
        last = step.override(task_id=f"step_{index}")(last)


chain()
