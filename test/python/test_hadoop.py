"""How a Python finds the project's HDFS by the name of its nameservice."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from airflow_devenv.hadoop import arrow, filesystems, sockets

STARTUP = Path(__file__).parents[2] / "src" / "airflow" / "python" / "startup"
VARIABLE = "AIRFLOW_DEVENV_HDFS"


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"here")

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


def run(code: str, hdfs: str | None, *pythonpath: Path) -> str:
    """What a Python prints that a task starts."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(str(each) for each in (STARTUP, *pythonpath)),
        **({} if hdfs is None else {VARIABLE: hdfs}),
    }
    found = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert found.stderr == ""
    return found.stdout.strip()


FETCH = "import urllib.request as u; print(u.build_opener(u.ProxyHandler({})).open('http://%s').read())"


def test_a_child_python_reaches_the_nameservice_at_each_of_its_usual_ports(port: int) -> None:
    hdfs = f"analytics-hadoop 127.0.0.1 {port} {port} {port}"
    for usual in (9870, 8020, 50070):
        assert run(FETCH % f"analytics-hadoop:{usual}/x", hdfs) == "b'here'"
    assert run(FETCH % f"Analytics-Hadoop:{port}/x", hdfs) == "b'here'"


def test_a_bare_socket_reaches_it_too(port: int) -> None:
    hdfs = f"analytics-hadoop 127.0.0.1 {port} {port} {port}"
    code = "import socket; s = socket.socket(); print(s.connect_ex(('analytics-hadoop', 9870))); s.close()"
    assert run(code, hdfs) == "0"
    code = "import socket; print(socket.gethostbyname('analytics-hadoop'))"
    assert run(code, hdfs) == "127.0.0.1"


def test_asyncio_reaches_it_too(port: int) -> None:
    hdfs = f"analytics-hadoop 127.0.0.1 {port} {port} {port}"
    code = (
        "import asyncio\nasync def f():\n r, w = await asyncio.open_connection('analytics-hadoop', 8020)\n"
        " print('open'); w.close(); await w.wait_closed()\nasyncio.run(f())"
    )
    assert run(code, hdfs) == "open"


def test_other_hosts_stay_what_they_are(port: int) -> None:
    hdfs = "analytics-hadoop 127.9.9.9 1 2 3"
    assert run(FETCH % f"127.0.0.1:{port}/x", hdfs) == "b'here'"
    code = "import socket; print(socket.getaddrinfo('localhost', 9870, socket.AF_INET)[0][4])"
    assert run(code, hdfs) == "('127.0.0.1', 9870)"


def test_a_project_without_hdfs_has_no_such_thing() -> None:
    assert run("import sys; print('airflow_devenv_hadoop' in sys.modules)", None) == "False"
    assert run("import socket; print(hasattr(socket.getaddrinfo, 'nameservice'))", None) == "False"


def test_nothing_is_imported_that_the_program_does_not_import() -> None:
    code = "import sys; print([each for each in ('socket', 'fsspec', 'pyarrow') if each in sys.modules])"
    assert run(code, "analytics-hadoop 127.0.0.1 1 2 3") == "[]"


def test_a_sitecustomize_of_the_author_runs_too(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import socket; print(socket.gethostbyname('analytics-hadoop'))"
    )
    hdfs = "analytics-hadoop 127.4.5.6 1 2 3"
    assert run("print('main')", hdfs, tmp_path).splitlines() == ["127.4.5.6", "main"]


REGISTRY = """
known = {}
def register_implementation(name, cls, clobber=False):
    known[name] = (cls, clobber)
"""


def test_fsspec_reads_hdfs_over_webhdfs(tmp_path: Path) -> None:
    (tmp_path / "fsspec").mkdir()
    (tmp_path / "fsspec" / "__init__.py").write_text("from . import registry")
    (tmp_path / "fsspec" / "registry.py").write_text(REGISTRY)
    code = "import fsspec; print(fsspec.registry.known['hdfs'], fsspec.registry.__spec__.loader.name)"
    expected = "('fsspec.implementations.webhdfs.WebHDFS', True) fsspec.registry"
    assert run(code, "analytics-hadoop 127.0.0.1 1 2 3", tmp_path) == expected


def test_a_module_that_is_missing_is_missing() -> None:
    code = "try:\n import pyarrow.fs\nexcept ImportError as error:\n print(type(error).__name__)"
    assert run(code, "analytics-hadoop 127.0.0.1 1 2 3") == "ModuleNotFoundError"


def test_what_fails_here_does_not_fail_the_import(tmp_path: Path) -> None:
    (tmp_path / "fsspec").mkdir()
    (tmp_path / "fsspec" / "__init__.py").write_text("")
    (tmp_path / "fsspec" / "registry.py").write_text("VERSION = 1")
    environment = {
        **os.environ,
        "PYTHONPATH": f"{STARTUP}{os.pathsep}{tmp_path}",
        VARIABLE: "a 127.0.0.1 1 2 3",
    }
    found = subprocess.run(
        [sys.executable, "-c", "import fsspec.registry as r; print(r.VERSION)"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout == "1\n"
    assert "fsspec.registry could not be changed for the project" in found.stderr


def test_with_libhdfs_hadoops_own_client_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "libhdfs.so").touch()
    (tmp_path / "libhdfs.dylib").touch()
    monkeypatch.setenv("ARROW_LIBHDFS_DIR", str(tmp_path))
    module = SimpleNamespace(FileSystem=object)
    filesystems.patch(module)
    arrow.patch(module)
    assert module.FileSystem is object


def test_the_nameservice_is_looked_up_when_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "prod 127.1.1.1 10 20 30")
    assert sockets.translated("prod", 9870) == ("127.1.1.1", 10)
    assert sockets.translated(b"prod", "8020") == ("127.1.1.1", 20)
    assert sockets.translated("prod", 443) == ("127.1.1.1", 443)
    monkeypatch.setenv(VARIABLE, "prod 127.2.2.2 9870 8020 50070")
    assert sockets.translated("prod", None) == ("127.2.2.2", None)
    assert sockets.translated("other", 9870) == ("other", 9870)
    monkeypatch.delenv(VARIABLE)
    assert sockets.translated("prod", 9870) == ("prod", 9870)


class Base:
    """What is there of `pyarrow.fs.FileSystem`."""

    @staticmethod
    def from_uri(uri: str) -> tuple[str, str]:
        return "base", uri


class Local(Base):
    """One of pyarrow's own."""


def test_every_file_system_of_pyarrow_is_one_still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ARROW_LIBHDFS_DIR", raising=False)
    monkeypatch.delenv("HADOOP_HOME", raising=False)
    module = SimpleNamespace(FileSystem=Base, HadoopFileSystem=object)
    arrow.patch(module)
    assert module.FileSystem is not Base
    assert isinstance(Local(), module.FileSystem)
    assert issubclass(Local, module.FileSystem)
    assert not isinstance(1, module.FileSystem)
    assert module.FileSystem.from_uri("file:///a") == ("base", "file:///a")
