from __future__ import annotations

import os
from pathlib import Path

from flowerpower_tui.project.texts import text_files


def named(root: Path, largest: int = 1_000) -> list[str]:
    return [path.relative_to(root).as_posix() for path in text_files(root, largest)]


def put(root: Path, path: str, content: str | bytes = "text\n") -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(content.encode() if isinstance(content, str) else content)


def test_texts_of_all_kinds_are_found_the_nearest_first(tmp_path: Path) -> None:
    for path in ("sql/daily/orders.sql", "README.md", ".env", "data/rates.csv", "Makefile", "data/empty.txt"):
        put(tmp_path, path, "" if "empty" in path else "text\n")
    assert named(tmp_path) == [
        ".env", "Makefile", "README.md", "data/empty.txt", "data/rates.csv", "sql/daily/orders.sql"
    ]  # fmt: skip


def test_what_cannot_be_edited_or_is_made_by_tools_is_left_out(tmp_path: Path) -> None:
    put(tmp_path, "data/table.parquet", b"PAR1\0\1")
    put(tmp_path, "notes.txt", "café".encode("latin-1"))
    put(tmp_path, "large.csv", "1,2\n" * 1_000)
    for folder in (".git", ".venv", "__pycache__", ".cache"):
        put(tmp_path, f"{folder}/file.txt")
    os.mkfifo(tmp_path / "pipe")
    assert named(tmp_path) == []


def test_a_letter_that_is_cut_in_two_makes_no_binary_file(tmp_path: Path) -> None:
    put(tmp_path, "umlauts.txt", "a" + "ä" * 2_000)
    assert named(tmp_path, largest=10_000) == ["umlauts.txt"]


def test_links_are_followed_inside_the_project_only(tmp_path: Path) -> None:
    root = tmp_path / "project"
    put(root, "real.txt")
    put(tmp_path, "secret.txt")
    put(tmp_path, "elsewhere/other.txt")
    (root / "inside.txt").symlink_to("real.txt")
    (root / "outside.txt").symlink_to(tmp_path / "secret.txt")
    (root / "folder").symlink_to(tmp_path / "elsewhere")
    (root / "circle.txt").symlink_to("circle.txt")
    assert named(root) == ["inside.txt", "real.txt"]


def test_a_folder_that_is_not_there_has_none(tmp_path: Path) -> None:
    assert text_files(tmp_path / "gone", 1_000) == []
