"""What a project shows of itself: its listing, one level of a folder, the beginning of a file."""

import os
from pathlib import Path

import pytest

from flowerpower_tui.errors import ProjectError
from flowerpower_tui.project.files import read_text
from flowerpower_tui.project.tree import MOST_ENTRIES, list_folder, read_project


def make(root: Path, *files: str) -> None:
    for folder in ("conf/pipelines", "pipelines"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for file in files:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")


def below(root: Path, paths: object) -> list[str]:
    return [str(path.relative_to(root)) for path in paths]  # type: ignore[attr-defined]


def test_a_project_is_listed_by_what_its_files_are(tmp_path: Path) -> None:
    make(
        tmp_path,
        ".env",
        "README.md",
        "conf/logging.yml",
        "conf/aaa.yml",
        "conf/project.yml",
        "conf/pipelines/etl.yml",
        "data/orders.csv",
        "pipelines/etl.py",
        "pipelines/helpers.py",
    )
    listing = read_project(tmp_path, {})
    assert [entry.name for entry in listing.pipelines] == ["etl"]
    assert below(tmp_path, listing.config) == ["conf/project.yml", ".env", "conf/aaa.yml", "conf/logging.yml"]
    assert below(tmp_path, listing.modules) == ["pipelines/helpers.py"]
    assert below(tmp_path, listing.data) == ["data", "README.md"]


def test_what_is_hidden_or_made_by_tools_is_not_listed(tmp_path: Path) -> None:
    make(tmp_path, ".git/HEAD", ".venv/bin/python", "__pycache__/x.pyc", "node_modules/a/b.js", ".hidden", "seen.txt")
    assert below(tmp_path, read_project(tmp_path, {}).data) == ["seen.txt"]


def test_folders_come_first_and_the_alphabet_knows_no_case(tmp_path: Path) -> None:
    for name in ("b.csv", "A.csv", "z/x", "Y/x"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    assert below(tmp_path, list_folder(tmp_path)) == ["Y", "z", "A.csv", "b.csv"]


def test_links_that_lead_out_are_not_followed(tmp_path: Path) -> None:
    inside, outside = tmp_path / "project", tmp_path / "elsewhere"
    inside.mkdir()
    outside.mkdir()
    (outside / "secret.txt").write_text("")
    (inside / "own.txt").write_text("")
    (inside / "folder").symlink_to(outside)
    (inside / "file.txt").symlink_to(outside / "secret.txt")
    (inside / "broken").symlink_to(inside / "nothing")
    (inside / "circle.txt").symlink_to("circle.txt")
    (inside / "alias.txt").symlink_to(inside / "own.txt")
    assert below(inside, list_folder(inside)) == ["alias.txt", "own.txt"]


def test_a_crowded_folder_is_cut_and_says_so(tmp_path: Path) -> None:
    for number in range(MOST_ENTRIES + 5):
        (tmp_path / f"{number:05}.csv").touch()
    folder = list_folder(tmp_path)
    assert (len(folder), folder.left_off) == (MOST_ENTRIES, 5)


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"gone: Cannot be read: No such file"):
        list_folder(tmp_path / "gone")


def test_the_beginning_of_a_file_ends_at_a_whole_line(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("id,amount\n" + "17,9.99\n" * 1000)
    read = read_text(path, 100)
    assert read.truncated
    assert read.size == path.stat().st_size
    assert read.text.endswith("17,9.99\n")
    assert len(read.text) <= 100


def test_a_short_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_text("größer\nend", encoding="utf-8")
    assert read_text(path).text == "größer\nend"
    assert not read_text(path).truncated


def test_a_character_cut_at_the_limit_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("ä" * 10, encoding="utf-8")
    assert read_text(path, 5).text == "ää"


def test_what_is_no_utf_8_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "latin.txt"
    path.write_bytes(b"caf\xe9 au lait")
    assert read_text(path).text == "caf� au lait"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_tells_the_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "marked.txt"
    path.write_bytes("große Datei".encode(encoding))
    assert read_text(path).text == "große Datei"


def test_a_binary_file_is_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    path.write_bytes(b"PAR1\x00\x15\x04" * 100)
    read = read_text(path)
    assert (read.binary, read.text, read.size) == (True, "", 700)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ProjectError, match="no ordinary file"):
        read_text(tmp_path / "pipe")


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"gone\.txt: Cannot be read: No such file"):
        read_text(tmp_path / "gone.txt")
