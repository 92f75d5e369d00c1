"""A file while it is edited: what was not edited keeps every byte, and what was typed outlives a crash."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowerpower_tui.errors import ProjectError
from flowerpower_tui.tui.buffer import Buffer
from flowerpower_tui.tui.drafts import Drafts

HERE = Path("file.yml")

ends = st.sampled_from(["\n", "\r\n", "\r", "\u2028", "\x0c", "\x85"])
line = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"))
files = st.builds(
    lambda mark, lines, last: (mark + "".join(text + end for text, end in lines) + last).encode(),
    st.sampled_from(["", "\ufeff"]),
    st.lists(st.tuples(line, ends), max_size=12),
    line,
).filter(lambda content: not content.decode().startswith("\ufeff\ufeff"))


@given(files)
def test_what_nobody_edits_is_saved_as_it_was(content: bytes) -> None:
    buffer = Buffer(HERE, content)
    assert buffer.encode(buffer.text) == content


@given(files, line, st.data())
@settings(max_examples=400)
def test_an_edited_line_leaves_the_bytes_of_all_others(content: bytes, new: str, data: st.DataObject) -> None:
    buffer = Buffer(HERE, content)
    lines = buffer.text.split("\n")
    index = data.draw(st.integers(0, len(lines) - 1))
    edited = [*lines[:index], new, *lines[index + 1 :]]

    saved = buffer.encode("\n".join(edited))

    old = content.decode().removeprefix("\ufeff").splitlines(keepends=True)
    before = "".join(old[:index])
    after = "".join(old[index + 1 :])
    text = saved.decode().removeprefix("\ufeff")
    assert text.startswith(before)
    assert text.endswith(after)
    assert text[len(before) : len(text) - len(after)].startswith(new)
    assert saved.startswith("\ufeff".encode()) == content.startswith("\ufeff".encode())


@given(files, st.lists(line, min_size=1, max_size=12))
def test_what_was_typed_is_what_is_read_again(content: bytes, typed: list[str]) -> None:
    saved = Buffer(HERE, content).encode("\n".join(typed))
    assert Buffer(HERE, saved).text.split("\n") == typed


def test_new_lines_end_as_most_lines_of_the_file_do() -> None:
    assert Buffer(HERE, b"a: 1\r\nb: 2\r\n").encode("a: 1\nnew: 3\nb: 2\n") == b"a: 1\r\nnew: 3\r\nb: 2\r\n"


def test_an_emptied_line_between_two_kinds_of_ends_stays_a_line() -> None:
    assert Buffer(HERE, b"\r0\n\n").encode("\n\n\n") == b"\r\r\n\n"


def test_a_file_that_an_edit_would_damage_is_refused(tmp_path: Path) -> None:
    latin = tmp_path / "latin.py"
    latin.write_bytes("# café".encode("latin-1"))
    with pytest.raises(ProjectError, match="not UTF-8"):
        Buffer.read(latin)
    with pytest.raises(ProjectError, match="no ordinary file"):
        Buffer.read(tmp_path)


def test_a_file_that_is_not_there_yet_is_empty(tmp_path: Path) -> None:
    buffer = Buffer.read(tmp_path / "new.yml")
    assert (buffer.base, buffer.text) == (None, "")
    assert buffer.encode("a: 1\n") == b"a: 1\n"


def test_a_draft_is_there_until_it_is_forgotten(tmp_path: Path) -> None:
    drafts, path = Drafts(tmp_path), tmp_path / "work" / "job.yml"
    drafts.keep(path, b"a: 1\n", "a: 2\n")

    draft = Drafts(tmp_path).find(path)
    assert draft is not None
    assert draft.text == "a: 2\n"
    assert draft.is_based_on(b"a: 1\n")
    assert not draft.is_based_on(b"a: 3\n")
    assert not draft.is_based_on(None)
    assert [found.path for found in drafts.below(tmp_path / "work")] == [str(path)]
    assert drafts.below(tmp_path / "elsewhere") == []

    drafts.forget(path)
    assert drafts.find(path) is None


def test_a_draft_is_for_nobody_elses_eyes(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path)
    drafts.keep(tmp_path / "a.yml", None, "password: x")
    assert [oct(file.stat().st_mode & 0o777) for file in (tmp_path / "drafts").iterdir()] == ["0o600"]
