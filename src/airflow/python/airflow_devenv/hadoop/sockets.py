"""The nameservice resolved in this process: no name server and no hosts file knows it."""

from __future__ import annotations

import os
from typing import Any

from . import VARIABLE

#: What clients take for the port of a nameservice; the order is that of the ports in the variable.
USUAL_PORTS = (9870, 8020, 50070)


def patch(socket: Any) -> None:
    if hasattr(socket.getaddrinfo, "nameservice"):
        # By another copy of this folder.
        return
    original_getaddrinfo = socket.getaddrinfo
    original_gethostbyname = socket.gethostbyname
    original_connect = socket.socket.connect
    original_connect_ex = socket.socket.connect_ex

    def getaddrinfo(host: Any, port: Any, *others: Any, **more: Any) -> Any:
        host, port = translated(host, port)
        return original_getaddrinfo(host, port, *others, **more)

    def gethostbyname(host: Any) -> Any:
        return original_gethostbyname(translated(host, None)[0])

    def connect(self: Any, address: Any) -> Any:
        return original_connect(self, _translated_address(address))

    def connect_ex(self: Any, address: Any) -> Any:
        return original_connect_ex(self, _translated_address(address))

    getaddrinfo.nameservice = True  # type: ignore[attr-defined]
    socket.getaddrinfo = getaddrinfo
    socket.gethostbyname = gethostbyname
    # Airflow's WebHDFSHook connects a bare socket to the host of its connection.
    socket.socket.connect = connect
    socket.socket.connect_ex = connect_ex


def translated(host: Any, port: Any) -> tuple[Any, Any]:
    """The address and the port behind the nameservice; everything else as it is."""
    words = os.environ.get(VARIABLE, "").split()
    if len(words) < 2 + len(USUAL_PORTS):
        return host, port
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if not isinstance(name, str) or name.lower() != words[0].lower():
        return host, port
    wanted = str(port)
    for usual, actual in zip(USUAL_PORTS, words[2:]):  # noqa: B905 - strict= came with Python 3.10
        if wanted == str(usual):
            return words[1], int(actual)
    return words[1], port


def _translated_address(address: Any) -> Any:
    if not isinstance(address, tuple) or len(address) != 2:
        return address
    return translated(*address)
