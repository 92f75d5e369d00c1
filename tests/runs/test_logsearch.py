"""Filtering and searching a log finds what one finds who looks at every line."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flowerpower_tui.runs.directory import OUTPUT, RunDirectory
from flowerpower_tui.runs.events import LogEmitted, NodeStarted, OutputWritten
from flowerpower_tui.runs.journal import JOURNAL, encode
from flowerpower_tui.runs.lines import LogLine
from flowerpower_tui.runs.logbook import LogBook
from flowerpower_tui.runs.logfilter import FilterError, LineFilter, TextPattern, only_node
from flowerpower_tui.runs.logsearch import Matches, find_rows
from flowerpower_tui.terminal import one_line, sanitise

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)

words = st.sampled_from(
    [
        "error",
        "Error",
        "ERROR",
        "err\x1b[31mor",
        "ord",
        "ers",
        "\u212a",
        "k",
        'say "x"',
        "§",
        "\u009b2J",
        "5003\r8",
        "\x1b]0;t\x07",
        "\\",
        "é",
    ]
)
texts = st.lists(words, max_size=4).map(" ".join)
nodes = st.sampled_from(["", "orders", "order", "a b", "x: y", 'say "x"', "o\x1b[1mrd", "a\nb"])
outputs = st.tuples(
    st.sampled_from(["stdout", "stderr"]),
    st.builds(lambda text, end: text + end, texts, st.sampled_from(["", "\n", "\n\n"])),
    nodes,
)
records = st.tuples(st.sampled_from(["DEBUG", "INFO", "WARNING", "ERROR", "ODD"]), texts, nodes)
steps = st.lists(st.one_of(outputs, outputs, records, nodes), max_size=30)
filters = st.lists(
    st.sampled_from(
        [
            "error",
            "Error",
            "ors",
            "k",
            "K",
            '"say "',
            "/err.?o/",
            "/E/",
            "level:warning",
            "level:debug",
            "stream:stderr",
            "stream:run",
            "stream:log",
            "node:orders",
            "node:ord*",
            'node:"a b"',
            'node:""',
            "§",
            "é",
            "x",
            "\\",
            "j",
        ]
    ).flatmap(lambda term: st.sampled_from([term, term, f"!{term}"])),
    max_size=3,
).map(" ".join)


def write(path: Path, steps: list[Any]) -> None:
    with (path / OUTPUT).open("ab") as output, (path / JOURNAL).open("ab") as journal:
        for step in steps:
            if isinstance(step, str):
                event: Any = NodeStarted(time=NOON, node=step)
            elif step[0] in ("stdout", "stderr"):
                start = output.tell()
                output.write(step[1].encode())
                event = OutputWritten(time=NOON, stream=step[0], start=start, end=output.tell(), node=step[2])
            else:
                event = LogEmitted(time=NOON, level=step[0], logger="l", message=step[1], node=step[2])
            journal.write(encode(event) + b"\n")


def with_book(test: Callable[[Path, LogBook], None], steps: list[Any], rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        write(path, steps)
        book = LogBook(RunDirectory(path), block_rows=rows)
        book.extend()
        test(path, book)


@settings(max_examples=300, deadline=None)
@given(steps, filters, st.integers(1, 5))
@example([("stdout", "err", ""), ("stderr", "x\n", ""), ("stdout", "or\n", "")], "error", 1)
@example([("stdout", "err\n", ""), ("stdout", "x", "orders"), ("stdout", "or\n", "")], "node:orders", 1)
def test_a_filter_lets_through_what_one_finds_who_looks_at_every_line(steps: list[Any], text: str, rows: int) -> None:
    def test(path: Path, book: LogBook) -> None:
        wanted = LineFilter.parse(text)
        matches = Matches(book, wanted)

        matches.advance()

        naive = [line for line in book if wanted.accepts(line)]
        assert list(matches) == naive
        assert [book[row] for row in matches.rows] == naive
        assert matches[1:3] == naive[1:3]

    with_book(test, steps, rows)


@settings(max_examples=300, deadline=None)
@given(steps, st.integers(1, 5), st.data())
@example([("stdout", "395\n", "orders"), ("stdout", "x\n", "")], 1, "orders: 395")
@example([("stdout", "395\n", "orders"), ("stdout", "x\n", "")], 1, "ers:")
@example([("stdout", "395\n", "orders"), ("stdout", "x\n", "")], 1, " 39")
@example([("stdout", "5003\r8\n", "orders"), ("stdout", "x\n", "")], 1, ": 8003")
def test_a_text_is_found_exactly_in_those_lines_that_show_it(
    steps: list[Any], rows: int, data: st.DataObject | str
) -> None:
    def test(path: Path, book: LogBook) -> None:
        shown = [shown_of(line) for line in book]
        literal = data if isinstance(data, str) else data.draw(part_of(shown))
        folds, ascii_only = literal == literal.lower(), re.ASCII if literal.isascii() else re.NOFLAG
        there = re.compile(re.escape(literal), (re.IGNORECASE if folds else re.NOFLAG) | ascii_only)

        matches = Matches(book, TextPattern(literal))
        matches.advance()

        assert list(matches.rows) == [row for row, text in enumerate(shown) if there.search(text)]

    with_book(test, steps, rows)


def shown_of(line: LogLine) -> str:
    """What the log shows of a line, without time and level."""
    return (f"{one_line(line.node)}: " if line.node and line.source != "run" else "") + sanitise(line.text)


def part_of(texts: list[str]) -> st.SearchStrategy[str]:
    """A part of one of the texts, or one that is in none."""
    some = [text for text in texts if text] or ["nothing"]
    spans = st.tuples(st.sampled_from(some), st.integers(0, 20), st.integers(1, 20))
    return st.one_of(
        spans.map(lambda span: span[0][span[1] :][: span[2]] or "j"), st.sampled_from(["rs: x", "x:", " x"])
    )


@settings(max_examples=80, deadline=None)
@given(st.lists(steps, max_size=4), filters, st.integers(1, 5))
def test_a_filter_keeps_up_with_a_run(parts: list[list[Any]], text: str, rows: int) -> None:
    def test(path: Path, book: LogBook) -> None:
        wanted = LineFilter.parse(text)
        matches = Matches(book, wanted)
        for some in parts:
            write(path, some)
            book.extend()
            while matches.advance(0):
                pass
            assert list(matches) == [line for line in book if wanted.accepts(line)]
            assert matches.seen == len(book)

    with_book(test, [], rows)


@settings(max_examples=150, deadline=None)
@given(steps, st.sampled_from(["error", "ERR", "k", "/o.d/", "/[A-Z]/", "§", " "]), st.integers(1, 5), st.data())
def test_a_search_finds_the_same_forwards_and_backwards(
    steps: list[Any], text: str, rows: int, data: st.DataObject
) -> None:
    def test(path: Path, book: LogBook) -> None:
        pattern = TextPattern.parse(text)
        naive = [row for row, line in enumerate(book) if pattern.accepts(line)]
        first = data.draw(st.integers(0, max(0, len(book) - 1)))

        assert list(find_rows(book, pattern, first)) == [row for row in naive if row >= first]
        assert list(find_rows(book, pattern, first, backwards=True)) == [row for row in naive[::-1] if row <= first]
        low, high = sorted((first, data.draw(st.integers(0, max(0, len(book) - 1)))))
        between = [row for row in naive if low <= row <= high]
        assert list(find_rows(book, pattern, low, last=high)) == between
        assert list(find_rows(book, pattern, high, last=low, backwards=True)) == between[::-1]

    with_book(test, steps, rows)


def test_bytes_rule_out_what_has_not_to_be_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, [("stdout", "".join(f"line {number}\n" for number in range(10_000)), "orders")])
    book = LogBook(RunDirectory(tmp_path), block_rows=100)
    book.extend()
    decoded = []
    last = book.blocks - 1
    block = LogBook.block
    monkeypatch.setattr(LogBook, "block", lambda self, number: decoded.append(number) or block(self, number))

    assert list(find_rows(book, TextPattern("LINE 7777".lower()), 0)) == [7777]

    assert decoded == [2, last], "the last block may still grow"
    assert list(find_rows(book, LineFilter.parse("level:error"), 0)) == []
    assert list(find_rows(book, LineFilter.parse("node:other"), 0)) == []
    for text in ("orders: line 70x", "order: line 7", "orders:x", " line 7777x"):
        assert list(find_rows(book, TextPattern(text), 0)) == []
    assert set(decoded) == {2, last}
    assert list(find_rows(book, TextPattern("orders: line 7777"), 0)) == [7777]


def test_a_search_can_be_stopped(tmp_path: Path) -> None:
    write(tmp_path, [("stdout", "x\n" * 100_000, "")])
    book = LogBook(RunDirectory(tmp_path))
    book.extend()

    assert list(find_rows(book, TextPattern("x"), 0, stop=lambda: True)) == []


def line(text: str, source: Any = "stdout", level: str = "", node: str = "", nodes: tuple[str, ...] = ()) -> LogLine:
    return LogLine(NOON, source, level, node, text, 1, nodes)


@pytest.mark.parametrize(
    ("text", "accepted", "refused"),
    [
        (
            "level:warn",
            [line("", "log", "ERROR"), line("", "run", "WARNING")],
            [line("", "log", "INFO"), line("x", "stderr")],
        ),
        ("level:debug", [line("", "log", "NOTICE"), line("", "log", "DEBUG")], [line("", "log", "TRACE")]),
        ("stream:stderr", [line("", "stderr")], [line(""), line("", "log", "INFO")]),
        ("node:orders", [line("", node="orders")], [line("", node="orders_eur"), line("orders")]),
        ("node:orders*", [line("", node="orders"), line("", node="orders_eur")], [line("", node="my_orders")]),
        ("node:b", [line("", "run", node="a", nodes=("a", "b"))], [line("", "run", node="a", nodes=("a", "bc"))]),
        ("node:b*", [line("", "run", node="a", nodes=("a", "bc"))], [line("", "run", node="a", nodes=("a", "ab"))]),
        ("two words", [line("words come, two of them")], [line("two"), line("words")]),
        ('"two words"', [line("Two words")], [line("two  words")]),
        ("Upper", [line("an Upper case")], [line("an upper case")]),
        (r"/\bid=\d+/", [line("ID=12")], [line("id=x")]),
        (r"/\Sx/", [line("AX")], [line(" x")]),
        ("!noise", [line("sound")], [line("Noise")]),
        ("!node:a !stream:stderr", [line("")], [line("", node="a"), line("", "stderr")]),
        ("", [line("")], []),
        ("http://x/y", [line("see http://x/y")], [line("http")]),
        ("red", [line("r\x1b[31med")], [line("r e d")]),
        ('"orders: 395"', [line("395 rows", node="orders")], [line("395"), line("395", "run", node="orders")]),
        ("orders:", [line("", node="my_orders")], [line("", node="orders_eur")]),
        (r"/^\d+/", [line("12", node="orders"), line("12")], [line("x", node="o"), line("x 1")]),
        ("/^ord/", [line("12", node="orders"), line("order")], [line("x order")]),
    ],
)
def test_the_words_of_a_filter(text: str, accepted: list[LogLine], refused: list[LogLine]) -> None:
    wanted = LineFilter.parse(text)

    assert [some for some in accepted if not wanted.accepts(some)] == []
    assert [some for some in refused if wanted.accepts(some)] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("level:loud", "There is no level 'loud'."),
        ("stream:x", "There is no stream 'x'."),
        ("/a(/", "no regular expression"),
        ("/a{9999999999}/", "no regular expression"),
        pytest.param(f"/{'(' * 5000}{')' * 5000}/", "no regular expression", id="/(((…)))/"),
    ],
)
def test_a_filter_that_means_nothing_says_so(text: str, words: str) -> None:
    with pytest.raises(FilterError, match=re.escape(words)):
        LineFilter.parse(text)


@given(st.text(st.characters(exclude_characters='"', exclude_categories=["C"])))
def test_a_filter_for_a_node_lets_that_node_through(node: str) -> None:
    wanted = LineFilter.parse(only_node(node))

    assert wanted.accepts(line("", node=node))
    assert not wanted.accepts(line("", node=f"{node}x"))
