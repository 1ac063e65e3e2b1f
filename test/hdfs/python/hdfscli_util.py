"""What hdfscli's own tests import as `test.util`, which its distribution does not bring along."""

import os
from typing import ClassVar

from hdfs.client import Client, InsecureClient

ROOT = "/tmp/hdfscli"


class _IntegrationTest:
    """A client of the server at HDFSCLI_TEST_URL, and an empty directory for each test."""

    client: ClassVar[Client]

    @classmethod
    def setup_class(cls) -> None:
        url = os.environ["HDFSCLI_TEST_URL"]
        cls.client = InsecureClient(url, user=os.environ["HDFSCLI_TEST_USER"], root=ROOT)
        cls._start_empty()

    def setup_method(self) -> None:
        self._start_empty()

    @classmethod
    def _start_empty(cls) -> None:
        cls.client.delete("", recursive=True)
        cls.client.makedirs("")

    def _read(self, path: str, encoding: str | None = None) -> bytes | str:
        with self.client.read(path, encoding=encoding) as reader:
            data: bytes | str = reader.read()
        return data

    def _write(self, path: str, data: bytes | str, encoding: str | None = None) -> None:
        with self.client.write(path, encoding=encoding, overwrite=True) as writer:
            writer.write(data)

    def _exists(self, path: str) -> bool:
        return self.client.status(path, strict=False) is not None
