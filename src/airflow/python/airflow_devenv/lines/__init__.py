"""One adapter for each line of Airflow. Everything else in the package is the same on both."""
