"""What airflow-devenv uses of Airflow, FastAPI, SQLAlchemy and Python beyond what they promise."""
