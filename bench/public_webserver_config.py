"""Lets the benchmark use the API of `airflow standalone` 2.x without a login, as it uses ours."""

AUTH_ROLE_PUBLIC = "Admin"
WTF_CSRF_ENABLED = False
