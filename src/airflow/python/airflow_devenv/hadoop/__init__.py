"""
Makes a Python find the project's HDFS by the name that production gives it.

Stands alone: `startup/sitecustomize.py` loads this folder in every Python that a task starts, whatever its
environment, from Python 3.7 on. Costs an entry in `sys.meta_path` until one of the modules is imported.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

#: `analytics-hadoop 127.71.3.9 9870 8020 50070`: the nameservice, and where it is.
VARIABLE = "AIRFLOW_DEVENV_HDFS"


def install() -> None:
    """Does nothing in a project without HDFS. May be called again, also after the variable has changed."""
    if not os.environ.get(VARIABLE) or _is_installed():
        return
    from .after_import import after_import

    after_import("socket", _patch("sockets"))
    after_import("fsspec.registry", _patch("filesystems"))
    after_import("pyarrow.fs", _patch("arrow"))


def _is_installed() -> bool:
    """By another copy of this folder, or before a fork: what it has left in this process looks at the variable."""
    return hasattr(getattr(sys.modules.get("socket"), "getaddrinfo", None), "nameservice")


def _patch(name: str) -> Callable[[Any], None]:
    def patch(module: Any) -> None:
        from importlib import import_module

        import_module("." + name, __name__).patch(module)

    return patch


def has_libhdfs() -> bool:
    """Whether pyarrow could load Hadoop's own client: then `hdfs://` goes through that, as in production."""
    folders = [os.environ.get("ARROW_LIBHDFS_DIR", "")]
    home = os.environ.get("HADOOP_HOME", "")
    if home:
        folders.append(os.path.join(home, "lib", "native"))
    name = "libhdfs.dylib" if sys.platform == "darwin" else "libhdfs.so"
    return any(folder and os.path.exists(os.path.join(folder, name)) for folder in folders)
