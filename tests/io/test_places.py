"""Where data lies: what is written appears whole or not at all, and what cannot be is told."""

from __future__ import annotations

import os
from pathlib import Path

import fsspec
import pytest

from flowerpower_tui.errors import NothingThereError, OutputError, ProjectError
from flowerpower_tui.io.places import place_of


def test_until_all_is_written_the_old_file_stands_there(tmp_path: Path) -> None:
    target = tmp_path / "out/a.txt"
    target.parent.mkdir()
    target.write_text("old")
    with place_of("out/a.txt", tmp_path, {}).writing() as draft:
        draft.write_text("new")
        assert target.read_text() == "old"
        assert draft.suffix == ".txt"
    assert target.read_text() == "new"
    assert list(target.parent.iterdir()) == [target]


def test_an_exception_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(KeyError), place_of("a.txt", tmp_path, {}).writing() as draft:
        draft.write_text({}["half"])
    assert list(tmp_path.iterdir()) == []


def test_what_is_added_is_added_to_a_copy(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one")
    with place_of("a.txt", tmp_path, {}).writing(onto=True) as draft, draft.open("a") as file:
        file.write(" two")
    assert (tmp_path / "a.txt").read_text() == "one two"


def test_a_folder_takes_the_place_of_one(tmp_path: Path) -> None:
    for part in ("a", "b"):
        with place_of("table", tmp_path, {}).writing() as draft:
            draft.mkdir()
            (draft / part).write_text(part)
    assert [path.name for path in (tmp_path / "table").iterdir()] == ["b"]
    assert [path.name for path in tmp_path.iterdir()] == ["table"]


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to("real.txt")
    with place_of("link.txt", tmp_path, {}).writing() as draft:
        draft.write_text("new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "new"


def test_names_may_have_anything_in_them(tmp_path: Path) -> None:
    name = "Büro & 'Co' \"x\"/ä b.txt"
    with place_of(name, tmp_path, {}).writing() as draft:
        draft.write_text("x")
    with place_of(name, tmp_path, {}).reading() as file:
        assert file.read_text() == "x"


def test_paths_may_be_absolute_or_file_urls(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    for written in (str(tmp_path / "a.txt"), f"file://{tmp_path}/a.txt"):
        with place_of(written, Path("/nowhere"), {}).reading() as file:
            assert file == tmp_path / "a.txt"


def test_what_is_not_there_is_told_with_what_is(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").touch()
    for written, hint in (
        ("order.csv", "Did you mean 'orders.csv'?"),
        ("data/x.csv", f"The folder {tmp_path} has no 'data'."),
    ):
        with pytest.raises(NothingThereError) as raised, place_of(written, tmp_path, {}).reading():
            pass
        assert raised.value.hint == hint


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_to_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        refused(tmp_path, "a.txt", "Permission denied")
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="this system has no /proc")
def test_a_place_where_nothing_can_be_made_is_told(tmp_path: Path) -> None:
    refused(tmp_path, "/proc/self/out/a.txt", "cannot be written")


def test_a_file_in_the_way_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    refused(tmp_path, "out/deeper/a.txt", "Not a directory")


def refused(root: Path, path: str, message: str) -> None:
    with pytest.raises(OutputError, match=message), place_of(path, root, {}).writing() as draft:
        draft.write_text("x")


def test_other_storages_are_written_and_read_as_files(tmp_path: Path) -> None:
    for text in ("one", "two"):
        with place_of("memory://data/of/mine.txt", tmp_path, {}).writing() as draft:
            draft.write_text(text)
    with place_of("memory://data/of/mine.txt", tmp_path, {}).reading() as file:
        assert (file.name, file.read_text()) == ("mine.txt", "two")
    with place_of("memory://data/of/mine.txt", tmp_path, {}).writing(onto=True) as draft:
        assert draft.read_text() == "two"
    fsspec.filesystem("memory").rm("/data", recursive=True)


def test_a_folder_in_a_storage_is_a_folder_here(tmp_path: Path) -> None:
    with place_of("memory://table/t.parquet", tmp_path, {}).writing() as draft:
        (draft / "day=1").mkdir(parents=True)
        (draft / "day=1/part").write_text("x")
    with place_of("memory://table/t.parquet", tmp_path, {}).reading() as folder:
        assert (folder / "day=1/part").read_text() == "x"
    fsspec.filesystem("memory").rm("/table", recursive=True)


def test_nothing_at_a_url_is_told_by_it(tmp_path: Path) -> None:
    url = "memory://data/none.txt"
    with pytest.raises(NothingThereError, match=f"There is nothing at {url}"), place_of(url, tmp_path, {}).reading():
        pass


@pytest.mark.parametrize("url", ["ftp://h/a.csv", "simplecache::s3://b/a.csv", "github://a:b@c/d.csv"])
def test_other_protocols_are_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="cannot be opened"):
        place_of(url, tmp_path, {})


def test_nothing_is_saved_on_the_web_and_signatures_are_not_shown(tmp_path: Path) -> None:
    place = place_of("https://host/a.csv?signature=hidden9", tmp_path, {})
    assert place.shown == "https://host/a.csv"
    with pytest.raises(OutputError, match="nothing is saved by https://"), place.writing():
        pass
