"""fsspec's WebHDFS against the server at HDFS_TEST_URL."""

import os
from urllib.parse import urlsplit

import pytest
from fsspec.implementations.webhdfs import WebHDFS

URL = urlsplit(os.environ["HDFS_TEST_URL"])
FOLDER = "/tmp/fsspec"


def client(user: str) -> WebHDFS:
    return WebHDFS(host=URL.hostname, port=URL.port, user=user, skip_instance_cache=True)


@pytest.fixture
def files() -> WebHDFS:
    made = client(os.environ["HDFS_TEST_USER"])
    if made.exists(FOLDER):
        made.rm(FOLDER, recursive=True)
    made.makedirs(FOLDER)
    return made


def test_a_file_of_several_blocks_comes_back_whole(files: WebHDFS) -> None:
    data = os.urandom(300_000)
    # One CREATE, and an APPEND for each block.
    with files.open(f"{FOLDER}/big", "wb", block_size=64 * 1024) as writer:
        writer.write(data)
    assert files.size(f"{FOLDER}/big") == len(data)
    assert files.cat(f"{FOLDER}/big") == data
    with files.open(f"{FOLDER}/big", "rb", block_size=1024) as reader:
        reader.seek(200_000)
        assert reader.read(50) == data[200_000:200_050]
        reader.seek(-10, 2)
        assert reader.read() == data[-10:]


def test_names_with_odd_letters(files: WebHDFS) -> None:
    for name in ["a b", "k=v", "100%", "ż", "日", "a+b", "#x?"]:
        with files.open(f"{FOLDER}/{name}", "wb") as writer:
            writer.write(name.encode())
    assert sorted(entry["name"].rsplit("/", 1)[1] for entry in files.ls(FOLDER, detail=True)) == sorted(
        ["a b", "k=v", "100%", "ż", "日", "a+b", "#x?"]
    )
    for name in ["a b", "k=v", "100%", "ż"]:
        assert files.cat(f"{FOLDER}/{name}") == name.encode()


def test_moving_removing_and_asking(files: WebHDFS) -> None:
    files.pipe(f"{FOLDER}/f", b"secret")
    files.mv(f"{FOLDER}/f", f"{FOLDER}/g")
    assert not files.exists(f"{FOLDER}/f")
    assert files.info(f"{FOLDER}/g")["type"] == "file"
    assert files.ukey(f"{FOLDER}/g")["algorithm"].startswith("MD5-of-")
    assert files.content_summary(FOLDER)["fileCount"] == 1
    assert files.home_directory() == f"/user/{os.environ['HDFS_TEST_USER']}"
    files.chmod(f"{FOLDER}/g", 600)
    with pytest.raises(PermissionError):
        client("somebody").cat(f"{FOLDER}/g")
    with pytest.raises(PermissionError):
        client("somebody").mkdir("/forbidden")
    files.rm(FOLDER, recursive=True)
    with pytest.raises(FileNotFoundError):
        files.ls(FOLDER)
