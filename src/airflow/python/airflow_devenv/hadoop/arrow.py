"""pyarrow's `hdfs://` over WebHDFS where there is no libhdfs; pandas hands such URIs to pyarrow."""

from __future__ import annotations

from typing import Any

from . import has_libhdfs


def patch(fs: Any) -> None:
    """`fs`: the module `pyarrow.fs`."""
    if has_libhdfs():
        return
    base = fs.FileSystem

    class Type(type(base)):  # type: ignore[misc]
        """Every file system of pyarrow is one of these, too."""

        def __instancecheck__(cls, instance: Any) -> bool:
            return isinstance(instance, base)

        def __subclasscheck__(cls, subclass: type) -> bool:
            return issubclass(subclass, base)

    class FileSystem(base, metaclass=Type):  # type: ignore[misc, valid-type]
        """A class of pyarrow can't be changed; this one stands for it."""

        @staticmethod
        def from_uri(uri: Any) -> Any:
            if not str(uri).startswith(("hdfs://", "webhdfs://")):
                return base.from_uri(uri)
            from fsspec.core import url_to_fs

            filesystem, path = url_to_fs(str(uri))
            return fs.PyFileSystem(fs.FSSpecHandler(filesystem)), path

    def hadoop_filesystem(host: Any = None, port: Any = None, user: Any = None, **_: Any) -> Any:
        """Stands for `pyarrow.fs.HadoopFileSystem`; what tunes a Java client says nothing here."""
        from fsspec import filesystem

        name = str(host or "default")
        name = name[len("hdfs://") :] if name.startswith("hdfs://") else name
        options: dict[str, Any] = {} if name == "default" else {"host": name}
        # pyarrow's usual port is that of the native protocol; the server answers there as well.
        options.update({"port": port} if port and "host" in options else {})
        options.update({"user": user} if user else {})
        return fs.PyFileSystem(fs.FSSpecHandler(filesystem("webhdfs", **options)))

    fs.FileSystem = FileSystem
    fs.HadoopFileSystem = hadoop_filesystem
