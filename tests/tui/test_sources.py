"""The source around a traceback's lines: as it stands, unless it is another one by now."""

from __future__ import annotations

from pathlib import Path

from flowerpower_tui.pipeline.failure import Failure, Frame
from flowerpower_tui.tui.sources import around, sources_of

TEXT = """\
def load(path):
    rows = read(path)

    return clean(rows)


def clean(rows):
\treturn [row / 0 for row in rows]
"""


def test_lines_around_are_numbered_and_lose_what_all_are_indented_by(tmp_path: Path) -> None:
    file = tmp_path / "job.py"
    file.write_text(TEXT)
    frame = Frame(str(file), 4, "load", "return clean(rows)")

    shown = list(around(frame, sources_of([Failure("E", "", (frame,))])))

    assert shown == [(2, "rows = read(path)"), (3, ""), (4, "return clean(rows)")]


def test_a_line_that_is_another_one_by_now_is_told_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "job.py"
    file.write_text("# new\n" + TEXT)
    frame = Frame(str(file), 4, "load", "return clean(rows)")

    assert list(around(frame, sources_of([Failure("E", "", (frame,))]))) == [(4, "return clean(rows)")]


def test_what_cannot_be_read_leaves_the_line_itself(tmp_path: Path) -> None:
    gone = Frame(str(tmp_path / "gone.py"), 9, "load", "raise")
    nowhere = Frame("<string>", 1, "<module>")
    cause = Failure("E", "", (gone,))
    failure = Failure("E", "", (nowhere,), cause)

    sources = sources_of([failure])

    assert sources == {}
    assert [list(around(frame, sources)) for frame in (gone, nowhere)] == [[(9, "raise")], []]


def test_the_files_of_causes_are_read_too(tmp_path: Path) -> None:
    file = tmp_path / "job.py"
    file.write_text(TEXT)
    frame = Frame(str(file), 8, "clean", "return [row / 0 for row in rows]")

    sources = sources_of([Failure("E", "", (), Failure("F", "", (frame,)))])

    assert list(around(frame, sources)) == [(7, "def clean(rows):"), (8, "    return [row / 0 for row in rows]")]
