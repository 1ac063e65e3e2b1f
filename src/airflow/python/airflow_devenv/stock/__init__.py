"""`--stock`: Airflow as it was installed, watched by what it offers to everybody: listeners and its database."""
