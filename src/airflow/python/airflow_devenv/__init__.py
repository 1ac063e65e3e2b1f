"""The Python side of airflow-devenv: runs DAGs inside a project's Airflow environment."""
