"""The log's view: it follows, it stays put, and a flood neither fills the memory nor stops the keys."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.segment import Segment
from textual import events
from textual.app import App, ComposeResult
from textual.geometry import Size
from textual.strip import Strip

from flowerpower_tui.runs.lines import LogLine
from flowerpower_tui.runs.logfilter import TextPattern
from flowerpower_tui.tui.widgets.line_view import LineView
from flowerpower_tui.tui.widgets.log_page import LogPage
from flowerpower_tui.tui.widgets.log_view import LogView

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
Rows = Callable[[LineView], list[str]]
Until = Callable[..., Awaitable[None]]


class Host(App[None]):
    """Nothing but a log."""

    def compose(self) -> ComposeResult:
        yield LogView()

    @property
    def log_view(self) -> LogView:
        return self.query_one(LogView)


def numbered(start: int, end: int, text: str = "line {}") -> list[LogLine]:
    return [LogLine(NOON, "stdout", "", "", text.format(number), number) for number in range(start, end)]


def write(log: LogView, lines: list[LogLine]) -> None:
    """Let the log that is shown grow by these lines."""
    if not isinstance(log.lines, list):
        log.show([])
    assert isinstance(log.lines, list)
    log.lines.extend(lines)
    log.grown()


def shown(rows: list[str]) -> list[str]:
    return [row.partition(" ")[2] for row in rows]


async def test_the_newest_line_is_in_sight(rows: Rows) -> None:
    async with Host().run_test(size=(80, 10)) as pilot:
        log = pilot.app.query_one(LogView)
        for start in range(0, 500, 50):
            write(log, numbered(start, start + 50))

        assert shown(rows(log)) == [f"line {number}" for number in range(490, 500)]
        assert log.following


async def test_one_who_scrolled_up_is_left_where_he_is_and_told_what_waits(rows: Rows) -> None:
    async with Host().run_test(size=(80, 10)) as pilot:
        log = pilot.app.query_one(LogView)
        log.focus()
        write(log, numbered(0, 100))
        await pilot.pause()
        await pilot.press("up", "up", "up")
        before = rows(log)

        for start in range(100, 400, 30):
            write(log, numbered(start, start + 30))
            await pilot.pause()

        assert shown(before)[-1] == "line 99"
        assert log.cursor == 96
        assert rows(log) == before
        assert (log.following, log.pending) == (False, 300)


@pytest.mark.parametrize("keys", [["end"], ["G"], ["down"] * 5, ["pagedown"]])
async def test_back_at_the_end_it_follows_again(rows: Rows, keys: list[str]) -> None:
    async with Host().run_test(size=(80, 10)) as pilot:
        log = pilot.app.query_one(LogView)
        log.focus()
        write(log, numbered(0, 100))
        await pilot.pause()
        await pilot.press("up", "up", "up")
        write(log, numbered(100, 102))
        assert log.pending == 2

        await pilot.press(*keys)
        await pilot.pause()
        assert (log.following, log.pending) == (True, 0)

        write(log, numbered(102, 110))
        assert shown(rows(log))[-1] == "line 109"


async def test_the_wheel_scrolls_up_and_ends_the_following(until: Until) -> None:
    async with Host().run_test(size=(80, 10)) as pilot:
        log = pilot.app.query_one(LogView)
        write(log, numbered(0, 100))
        await pilot.pause()

        await pilot._post_mouse_events([events.MouseScrollUp], log, offset=(5, 5))
        await until(pilot, lambda: not log.following)

        assert log.scroll_offset.y < log.max_scroll_y


async def test_it_stays_at_the_end_through_a_resize(rows: Rows, until: Until) -> None:
    async with Host().run_test(size=(80, 20)) as pilot:
        log = pilot.app.query_one(LogView)
        write(log, numbered(0, 100))

        await pilot.resize_terminal(60, 7)

        await until(pilot, lambda: shown(rows(log)) == [f"line {number}" for number in range(93, 100)])
        assert log.following


async def test_one_who_scrolled_up_keeps_his_place_through_a_resize(rows: Rows) -> None:
    async with Host().run_test(size=(80, 20)) as pilot:
        log = pilot.app.query_one(LogView)
        log.focus()
        write(log, numbered(0, 100))
        await pilot.pause()
        await pilot.press("home")

        await pilot.resize_terminal(80, 9)
        await pilot.pause()

        assert shown(rows(log))[0] == "line 0"
        assert not log.following


async def test_in_a_flood_only_what_is_in_sight_is_read_and_keys_are_answered_in_between(rows: Rows) -> None:
    read = 0

    class Counting(list[LogLine]):
        def __getitem__(self, index: Any) -> Any:
            nonlocal read
            read += 1
            return super().__getitem__(index)

    async with Host().run_test(size=(80, 20)) as pilot:
        log = pilot.app.query_one(LogView)
        log.focus()
        log.show(Counting())
        for start in range(0, 100_000, 1_000):
            write(log, numbered(start, start + 1_000))
            await asyncio.sleep(0)
            if start % 10_000 == 0:
                times = log.times
                await pilot.press("t")
                assert log.times is not times

        assert read <= 100 * 3 * 20
        assert shown(rows(log))[-1] == "line 99999"


async def test_what_was_before_the_tail_does_not_move_what_is_looked_at(rows: Rows) -> None:
    async with Host().run_test(size=(80, 10)) as pilot:
        log = pilot.app.query_one(LogView)
        log.focus()
        everything = numbered(0, 5_000)
        log.show(everything[-300:])
        await pilot.pause()
        await pilot.press("pageup", "pageup", "up")
        before, cursor = rows(log), log.cursor
        assert cursor is not None

        log.rebase(everything, 4_700)

        assert rows(log) == before
        assert log.cursor == cursor + 4_700
        assert not log.following
        await pilot.press("home")
        assert shown(rows(log))[0] == "line 0"


async def test_whoever_follows_goes_on_following_when_all_rows_are_there(rows: Rows) -> None:
    async with Host().run_test(size=(80, 10)) as pilot:
        log = pilot.app.query_one(LogView)
        everything = numbered(0, 5_000)
        log.show(everything[-300:])

        log.rebase(everything, 4_700)

        assert shown(rows(log))[-1] == "line 4999"
        assert log.following


async def test_a_cleared_log_follows_what_comes(rows: Rows) -> None:
    async with Host().run_test(size=(80, 10)) as pilot:
        log = pilot.app.query_one(LogView)
        log.focus()
        write(log, numbered(0, 100))
        await pilot.pause()
        await pilot.press("home")
        write(log, numbered(100, 110))

        log.show(())
        write(log, numbered(500, 600))

        assert (log.following, log.pending) == (True, 0)
        assert shown(rows(log))[-1] == "line 599"


async def test_the_end_of_a_long_line_can_be_scrolled_to(rows: Rows) -> None:
    async with Host().run_test(size=(80, 10)) as pilot:
        log = pilot.app.query_one(LogView)
        log.focus()
        write(log, numbered(0, 1, text="x" * 500 + " the end"))
        await pilot.pause()
        assert "the end" not in rows(log)[0]

        log.scroll_to(x=log.max_scroll_x, animate=False, immediate=True)
        assert rows(log)[0].endswith("the end")


async def test_a_huge_line_is_shown_in_part_and_says_so(rows: Rows) -> None:
    async with Host().run_test(size=(80, 10)) as pilot:
        log = pilot.app.query_one(LogView)
        write(log, numbered(0, 1, text="x" * 60_000))
        await pilot.pause()

        log.scroll_to(x=log.max_scroll_x, animate=False, immediate=True)
        assert rows(log)[0].endswith("x… (60,000 characters)")


async def test_colours_of_the_output_are_kept_and_only_they(rows: Rows) -> None:
    async with Host().run_test(size=(80, 10)) as pilot:
        log = pilot.app.query_one(LogView)
        write(log, [LogLine(NOON, "stdout", "", "", "\x1b[31mred\x1b[0m and \x1b[2Jplain", 1)])

        strip = log.render_line(0)
        assert strip.text.rstrip().endswith("red and plain")
        colours = {segment.text.strip(): segment.style and segment.style.color for segment in strip}
        assert colours["red"] not in (None, colours["and plain"])


async def test_wrapped_lines_go_on_below_and_the_end_is_still_the_end(rows: Rows) -> None:
    async with Host().run_test(size=(40, 10)) as pilot:
        log = pilot.app.query_one(LogView)
        log.focus()
        log.times = False
        write(log, numbered(0, 20, text="{:02} " + "abcdefghi " * 6 + "end"))
        await pilot.press("w")

        assert rows(log)[-2:] == ["19 abcdefghi abcdefghi abcdefghi", "abcdefghi abcdefghi abcdefghi end"]
        assert [row[:2] for row in rows(log)[::2]] == ["15", "16", "17", "18", "19"]

        write(log, numbered(20, 21, text="short {}"))
        assert rows(log)[8] == "short 20"
        assert rows(log)[9] == ""

        await pilot.press("up", "up", "up", "up", "up", "up")
        assert log.cursor == 14
        assert rows(log)[0].startswith("14 ")
        await pilot.press("home")
        assert rows(log)[0].startswith("00 ")
        assert not log.following
        await pilot.press("w")
        assert rows(log)[0].startswith("00 ")
        assert rows(log)[1].startswith("01 ")


async def test_a_line_higher_than_the_view_is_shown_from_its_beginning(rows: Rows) -> None:
    async with Host().run_test(size=(40, 5)) as pilot:
        log = pilot.app.query_one(LogView)
        log.focus()
        log.times = False
        write(log, numbered(0, 3, text="{} " + "x" * 1_000))

        await pilot.press("w")

        assert rows(log)[0].startswith("2 x")
        await pilot.press("home")
        assert rows(log)[0].startswith("0 x")
        await pilot.press("down")
        assert rows(log)[0].startswith("1 x")


async def test_a_log_without_lines_answers_every_key() -> None:
    async with Host().run_test(size=(40, 5)) as pilot:
        log = pilot.app.query_one(LogView)
        log.focus()
        await pilot.press(
            "up", "down", "home", "end", "w", "up", "down", "t", "enter", "shift+up", "pageup", "pagedown"
        )

        assert log.line_count() == 0


async def test_what_is_found_is_marked_over_the_node_and_its_text() -> None:
    async with Host().run_test(size=(100, 10)) as pilot:
        log = pilot.app.query_one(LogView)
        write(log, [LogLine(NOON, "stdout", "", "valid_orders", "395 rows", 1)])
        log.mark(TextPattern("orders: 395"))

        found = log.get_component_rich_style("log--match").bgcolor
        marked = [part.text for part in log.render_line(0) if part.style is not None and part.style.bgcolor == found]

        assert "".join(marked) == "orders: 395"


REASON = "it broke: " + "because " * 12 + "pipelines/etl.py:12"


def failed(text: str = REASON) -> LogLine:
    return LogLine(NOON, "run", "ERROR", "join", text, 1)


async def test_what_went_wrong_is_seen_whole_while_other_lines_go_on_to_the_right(rows: Rows) -> None:
    async with Host().run_test(size=(40, 10)) as pilot:
        log = pilot.app.query_one(LogView)
        log.focus()
        log.times = False
        write(log, [*numbered(0, 30, text="{:02} " + "abcdefghi " * 6 + "end"), failed()])
        await pilot.pause()

        assert " ".join(rows(log)[-4:]) == REASON
        assert [row[:12] for row in rows(log)[:-4]] == [f"{number} abcdefghi" for number in range(24, 30)]
        assert log.following

        await pilot.press("right", "right", "right")
        assert log.scroll_offset.x == 3
        assert " ".join(rows(log)[-4:]) == REASON
        assert rows(log)[0].startswith("abcdefghi")


async def test_each_line_can_be_come_to_page_by_page_however_high_some_are(rows: Rows) -> None:
    async with Host().run_test(size=(40, 10)) as pilot:
        log = pilot.app.query_one(LogView)
        log.focus()
        log.times = False
        everything = [
            failed(f"{number:02} {REASON}") if number % 3 else numbered(number, number + 1, "{:02}")[0]
            for number in range(40)
        ]
        write(log, everything)
        await pilot.pause()

        def heads() -> list[int]:
            return [int(row[:2]) for row in rows(log) if row[:2].isdigit()]

        for key, order in (("pageup", -1), ("pagedown", 1)):
            seen = heads()
            while seen[0 if order < 0 else -1] != (0 if order < 0 else 39):
                before = heads()
                await pilot.press(key)
                await pilot.pause()
                now = heads()
                assert now != before
                assert now[-1] >= before[0] - 1 if order < 0 else now[0] <= before[-1] + 1
                seen = now

        assert log.following


async def test_lines_keep_their_height_when_the_scrollbar_comes(rows: Rows) -> None:
    async with Host().run_test(size=(41, 5)) as pilot:
        log = pilot.app.query_one(LogView)
        log.times = False
        width = log.scrollable_content_region.width
        write(log, numbered(0, 4))
        await pilot.pause()

        write(log, [failed("x" * width), failed("y" * (width + 1))])
        await pilot.pause()

        assert rows(log) == ["line 2", "line 3", "x" * width, "y" * width, "y"]
        assert log.show_vertical_scrollbar


async def test_a_place_is_opened_by_a_click_below_the_beginning_of_its_line(tmp_path: Path, until: Until) -> None:
    opened = []

    class Listening(Host):
        def compose(self) -> ComposeResult:
            yield LogView(root=tmp_path)

        def on_log_view_line_opened(self, event: LogView.LineOpened) -> None:
            opened.append(event.place)

    async with Listening().run_test(size=(40, 10)) as pilot:
        log = pilot.app.query_one(LogView)
        write(log, [failed()])
        await pilot.pause()
        shown = [log.render_line(y).text for y in range(10)]
        row = next(y for y, text in enumerate(shown) if "etl.py:12" in text)
        assert row > 0

        await pilot.click(log, offset=(shown[row].index("etl.py:12"), row))

        await until(pilot, lambda: opened)
        assert (opened[0].path, opened[0].line) == (tmp_path / "pipelines/etl.py", 12)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("one two three four", ["one two ", "three four"]),
        ("it broke (etl/a.py:12)", ["it broke (", "etl/a.py:1", "2)"]),
        ("it (a.py:12)", ["it ", "(a.py:12)"]),
        ("0123456789 0", ["0123456789 ", "0"]),
        ("    wide-as-a-row", ["    wide-a", "s-a-row"]),
        ("日本語 日本語の", ["日本語 ", "日本語の"]),
        ("", [""]),
    ],
)
def test_words_stay_whole_if_a_row_holds_them(text: str, pieces: list[str]) -> None:
    page = LogPage(lambda _: Strip([Segment(text)]), lambda _: True, 1, 0, Size(10, 5))

    assert [page.row(y).strip.text for y in range(len(pieces))] == pieces
    assert page.row(len(pieces)).line == -1


def test_a_line_a_thousand_rows_high_is_cut_up_as_far_as_a_window_shows_it() -> None:
    text = "word and " * 7000
    page = LogPage(lambda _: Strip([Segment(text)]), lambda _: True, 2, 0, Size(80, 20))

    assert text.startswith("".join(page.row(y).strip.text for y in range(20)))
    assert page.row(40).line == -1
    assert (page.in_sight, page.below, page.fitting(2)) == (range(1), 1, 1)
