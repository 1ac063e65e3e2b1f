"""Walks through folders with links: each ends, and says what it met twice."""

from __future__ import annotations

from pathlib import Path

from airflow_devenv.folder_walks import second_names, walk


def names(top: Path) -> list[str]:
    return [str(Path(folder, name).relative_to(top)) for folder, files in walk(str(top)) for name in files]


def write(top: Path, *files: str) -> None:
    for each in files:
        (top / each).parent.mkdir(parents=True, exist_ok=True)
        (top / each).write_text("", encoding="utf-8")


def test_files_are_found_in_order_without_hidden_folders(tmp_path: Path) -> None:
    write(tmp_path, "b.py", "a.py", ".git/x.py", "__pycache__/a.py", "team/c.py")
    assert names(tmp_path) == ["a.py", "b.py", "team/c.py"]
    assert second_names(str(tmp_path)) == []


def test_a_link_to_a_folder_outside_is_followed(tmp_path: Path) -> None:
    write(tmp_path, "library/x.py", "dags/a.py")
    (tmp_path / "dags/linked").symlink_to("../library")
    assert names(tmp_path / "dags") == ["a.py", "linked/x.py"]
    assert second_names(str(tmp_path / "dags")) == []


def test_a_loop_ends_and_is_told_from_a_folder_with_two_names(tmp_path: Path) -> None:
    write(tmp_path, "real/x.py")
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "real/loop").symlink_to("..")
    (tmp_path / "real/other").symlink_to("../real")
    assert names(tmp_path) == ["real/x.py"]
    found = second_names(str(tmp_path))
    told = {str(Path(each.link).relative_to(tmp_path)): each.is_loop for each in found}
    assert told == {"link": False, "real/loop": True, "real/other": True}


def test_many_links_to_each_other_are_walked_in_no_time(tmp_path: Path) -> None:
    for name in "abcdefghijklmnop":
        (tmp_path / name).mkdir()
        for other in "abcdefghijklmnop":
            (tmp_path / name / f"to_{other}").symlink_to(f"../{other}")
    assert len(list(walk(str(tmp_path)))) == 17


def test_a_link_to_itself_and_one_to_nothing_are_files(tmp_path: Path) -> None:
    (tmp_path / "self").symlink_to("self")
    (tmp_path / "lost").symlink_to("nowhere")
    assert names(tmp_path) == ["lost", "self"]


def test_folders_come_before_links_to_them_wherever_these_lie(tmp_path: Path) -> None:
    write(tmp_path, "a/deep/x.py", "b/y.py", "c/z.py")
    for link in ("a/first", "a/second"):
        (tmp_path / link).symlink_to("../c")
    assert names(tmp_path) == ["a/deep/x.py", "b/y.py", "c/z.py"]
    found = [Path(each.link).name for each in second_names(str(tmp_path))]
    assert found == ["second", "first"]
