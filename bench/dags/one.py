from datetime import datetime, timezone

try:
    from airflow.sdk import dag, task
except ModuleNotFoundError:  # Airflow 2
    from airflow.decorators import dag, task


@dag(schedule=None, start_date=datetime(2026, 1, 1, tzinfo=timezone.utc))
def one():
    @task
    def answer():
        return 42

    answer()


one_dag = one()

if __name__ == "__main__":
    one_dag.test()
