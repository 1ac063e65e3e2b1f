from datetime import datetime, timezone

try:
    from airflow.sdk import dag, task
except ModuleNotFoundError:  # Airflow 2
    from airflow.decorators import dag, task


@dag(schedule=None, start_date=datetime(2026, 1, 1, tzinfo=timezone.utc))
def mapped():
    @task
    def numbers():
        return list(range(200))

    @task
    def double(number):
        return number * 2

    double.expand(number=numbers())


mapped_dag = mapped()

if __name__ == "__main__":
    mapped_dag.test()
