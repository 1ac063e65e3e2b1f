from datetime import datetime, timezone

try:
    from airflow.sdk import dag, task
except ModuleNotFoundError:  # Airflow 2
    from airflow.decorators import dag, task


@dag(schedule=None, start_date=datetime(2026, 1, 1, tzinfo=timezone.utc))
def twenty():
    @task
    def step(before=0):
        return before + 1

    result = step()
    for _ in range(19):
        result = step(result)


twenty_dag = twenty()

if __name__ == "__main__":
    twenty_dag.test()
