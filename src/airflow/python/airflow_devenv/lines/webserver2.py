"""Airflow 2's webserver, built once in a process that is forked afterwards, served by gunicorn."""

from __future__ import annotations

import os
import socket
from typing import Any

from airflow_devenv.lines import orm

#: Seconds that requests in progress get when the server is asked to end.
GRACE = 3
THREADS = 4


def build_app() -> Any:
    import gunicorn.app.base
    import gunicorn.workers.gthread  # noqa: F401
    from airflow.www.app import cached_app

    return cached_app()


def with_author_plugins(app: Any) -> Any:
    """Flask takes no blueprint after its first request, and views belong to menus: it is built again."""
    from airflow import plugins_manager
    from airflow.www import app as app_module

    plugins_manager.initialize_web_ui_plugins()
    contributions = (
        plugins_manager.flask_blueprints,
        plugins_manager.flask_appbuilder_views,
        plugins_manager.flask_appbuilder_menu_links,
    )
    if not any(contributions):
        return app
    app_module.purge_cached_app()
    built = app_module.cached_app()
    # The server forks its worker.
    orm.close_connections()
    return built


def serve(app: Any, listener: socket.socket) -> None:
    from gunicorn.app.base import BaseApplication

    options = {
        "bind": f"fd://{listener.fileno()}",
        "workers": 1,
        "worker_class": "gthread",
        "threads": THREADS,
        "timeout": 120,
        "graceful_timeout": GRACE,
        "keepalive": 75,
        "errorlog": "-",
        "loglevel": "warning",
        "preload_app": True,
        # It would lie in a place that all servers of this user share.
        "control_socket_disable": True,
    }
    if os.path.isdir("/dev/shm"):
        options["worker_tmp_dir"] = "/dev/shm"

    class Server(BaseApplication):
        def load_config(self) -> None:
            for name, value in options.items():
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self) -> Any:
            return app

    Server().run()
