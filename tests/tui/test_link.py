"""The link governor: how often the screen changes, and what is done about a terminal that does not read."""

from __future__ import annotations

from threading import Thread

import pytest

from flowerpower_tui.settings import Settings
from flowerpower_tui.tui.link import MOST_STRETCH, UNFOCUSED_SECONDS, Link
from flowerpower_tui.tui.opening import textual_variables
from flowerpower_tui.tui.widgets.link_meter import spoken_size


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def write(link: Link, clock: Clock, *, seconds: int, rate: int, busy: float) -> None:
    """Have the terminal take so many bytes a second, in ten writes each, of which it blocks for a share."""
    for _ in range(seconds * 10):
        clock.now += 0.1
        link.handed(rate // 10)
        link.wrote(rate // 10, rate // 10, busy / 10)


@pytest.mark.parametrize(
    ("wanted", "environ", "is_remote"),
    [
        ("auto", {}, False),
        ("auto", {"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}, True),
        ("auto", {"SSH_TTY": "/dev/pts/1"}, True),
        ("local", {"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}, False),
        ("ssh", {}, True),
    ],
)
def test_the_link_is_what_the_settings_or_the_environment_say(
    wanted: str, environ: dict[str, str], is_remote: bool
) -> None:
    assert Link.of(Settings(link=wanted), environ).is_remote is is_remote


def test_over_ssh_the_screen_changes_less_often() -> None:
    local, remote = Link(), Link(is_remote=True)

    assert local.flush_seconds < remote.flush_seconds <= remote.flood_seconds
    assert local.pause_for(1) == local.flush_seconds
    assert local.pause_for(10_000) == local.flood_seconds > local.flush_seconds


def test_a_frame_rate_is_never_exceeded() -> None:
    assert Link(frame_rate=2).flush_seconds == 0.5


def test_a_terminal_that_lags_is_written_to_less_often_and_one_that_is_quick_again_as_before(clock: Clock) -> None:
    link = Link(clock=clock)
    usual = link.flush_seconds

    write(link, clock, seconds=3, rate=2_000, busy=0.9)
    lagging = link.flush_seconds
    write(link, clock, seconds=30, rate=2_000, busy=0.9)
    at_most = link.flush_seconds
    write(link, clock, seconds=30, rate=2_000, busy=0.0)

    assert usual < lagging < at_most == usual * MOST_STRETCH
    assert link.flush_seconds == usual


def test_more_bytes_than_the_link_should_carry_make_updates_rarer(clock: Clock) -> None:
    link, remote = Link(clock=clock), Link(is_remote=True, clock=clock)
    before, before_remote = link.flush_seconds, remote.flush_seconds

    for each in (link, remote):
        write(each, clock, seconds=3, rate=70_000, busy=0.0)

    assert link.flush_seconds == before
    assert remote.flush_seconds > before_remote


def test_nothing_written_for_long_forgets_what_was(clock: Clock) -> None:
    link = Link(clock=clock)
    usual = link.flush_seconds
    write(link, clock, seconds=10, rate=2_000, busy=0.9)

    clock.now += 60
    write(link, clock, seconds=1, rate=100, busy=0.0)

    assert link.flush_seconds == usual


def test_without_the_focus_it_pauses_if_it_may() -> None:
    link, awake = Link(), Link(pauses=False)

    for each in (link, awake):
        each.focus(False)

    assert link.flush_seconds == UNFOCUSED_SECONDS
    assert awake.flush_seconds < UNFOCUSED_SECONDS
    link.focus(True)
    assert link.flush_seconds < UNFOCUSED_SECONDS


def test_the_focus_wakes_who_rests() -> None:
    link = Link()
    link.focus(False)
    resting = Thread(target=link.rest, args=(3_600.0,), daemon=True)
    resting.start()

    while resting.is_alive():
        link.focus(True)
        resting.join(0.01)


def test_a_terminal_that_takes_nothing_gets_no_frames_and_the_whole_screen_later(clock: Clock) -> None:
    link = Link(clock=clock)
    due: list[str] = []
    link.on_frame_due(lambda: due.append("now"))

    link.handed(100)
    assert link.takes_frame()
    clock.now += 1
    assert not link.takes_frame()
    link.handed(50)
    link.wrote(100, 100, 1.0)
    assert due == []
    link.wrote(50, 50, 0.0)

    assert due == ["now"]
    assert link.takes_frame()
    link.handed(10)
    link.wrote(10, 10, 0.0)
    assert due == ["now"]
    assert link.sent == 160


def test_textual_is_told_what_the_settings_want() -> None:
    assert textual_variables(Settings()) == {"TEXTUAL_FPS": "60"}
    assert textual_variables(Settings(frame_rate=10, colours=16, reduced_motion=True)) == {
        "TEXTUAL_FPS": "10",
        "TEXTUAL_COLOR_SYSTEM": "standard",
        "TEXTUAL_ANIMATIONS": "none",
    }
    assert textual_variables(Settings(colours="none"))["NO_COLOR"] == "1"


def test_sizes_are_told_as_people_do() -> None:
    assert [spoken_size(size) for size in (0, 812, 4_200, 5 << 20, 7 << 40)] == [
        "0 B", "812 B", "4.1 KiB", "5.0 MiB", "7168.0 GiB",
    ]  # fmt: skip
