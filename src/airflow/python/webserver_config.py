"""The settings of Airflow 2's web server in a personal Airflow; `AIRFLOW__WEBSERVER__CONFIG_FILE` names this file.

Nobody types a login: whoever is let in by the access rules is the admin.
"""

AUTH_ROLE_PUBLIC = "Admin"
# As in Airflow's own default: a page may be left open for a day.
WTF_CSRF_ENABLED = True
WTF_CSRF_TIME_LIMIT = None
