"""fsspec's `hdfs://` over WebHDFS where there is no libhdfs: no Java, and the same URIs."""

from __future__ import annotations

from typing import Any

from . import has_libhdfs


def patch(registry: Any) -> None:
    """`registry`: the module `fsspec.registry`."""
    if has_libhdfs():
        return
    # Who registers an implementation of their own later wins.
    registry.register_implementation("hdfs", "fsspec.implementations.webhdfs.WebHDFS", clobber=True)
