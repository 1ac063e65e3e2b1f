"""What hdfscli's tests import and its package leaves out: a client with a folder of its own in HDFS."""

from __future__ import annotations

import os

from hdfs import InsecureClient


class _IntegrationTest:
    client = InsecureClient(os.environ["HDFSCLI_TEST_URL"], user=os.environ["HADOOP_USER_NAME"], root=".hdfscli")

    @classmethod
    def setup_class(cls):
        cls.client.delete("", recursive=True)

    @classmethod
    def teardown_class(cls):
        cls.client.delete("", recursive=True)

    def setup_method(self, method=None):
        self.client.delete("", recursive=True)

    def _read(self, hdfs_path, **options):
        with self.client.read(hdfs_path, **options) as reader:
            return reader.read()

    def _write(self, hdfs_path, data, **options):
        with self.client.write(hdfs_path, **options) as writer:
            writer.write(data)

    def _exists(self, hdfs_path):
        return self.client.status(hdfs_path, strict=False) is not None
