"""The end of a run is told: in the interface, by the bell, on the desktop."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from flowerpower_tui.runs.journal import follow
from flowerpower_tui.runs.launcher import start
from flowerpower_tui.runs.request import RunRequest
from flowerpower_tui.runs.store import RunInfo, RunState
from flowerpower_tui.settings import Endings, NoticeSettings
from flowerpower_tui.tui.app import FlowerPowerApp
from flowerpower_tui.tui.notices import (
    Ending,
    announce,
    calls_out,
    desktop_sequence,
    is_worth_a_word,
    newly_ended,
    notice_of,
)

OpenApp = Callable[[Path], FlowerPowerApp]
Until = Callable[..., Awaitable[None]]

BREAKS = """
def first() -> int:
    return 1


def second(first: int) -> int:
    raise ValueError("no [bold]such[/] thing\\x1b]0;title\\x07")
"""


def a_run(state: RunState = "succeeded", duration: float = 60.0, name: str = "etl", number: int = 1) -> RunInfo:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    return RunInfo(
        id=f"run-{number}", project="/p", pipeline=name, state=state, started=now, duration=duration, path="/none"
    )


def toasts(pilot: Pilot[Any]) -> list[tuple[str, str, str]]:
    return [(toast.title, toast.message, toast.severity) for toast in pilot.app._notifications]


def sees(pilot: Pilot[Any], seen: list[tuple[str, str, str]]) -> bool:
    """Whether there are toasts; they are kept in `seen`, since they go by themselves before anybody looks again."""
    seen[:] = toasts(pilot)
    return bool(seen)


def test_who_went_on_and_is_over_has_ended_and_who_was_never_seen_too() -> None:
    live, past, quick = a_run("running", number=1), a_run(number=2), a_run("failed", number=3)
    before: dict[str, RunState] = {live.id: "running", past.id: "succeeded"}
    ended = a_run("cancelled", number=1)

    assert newly_ended(before, [quick, past, ended]) == [ended, quick]
    assert newly_ended(before, [past, live]) == []


@pytest.mark.parametrize(
    ("state", "duration", "wanted", "has_focus", "called"),
    [
        ("succeeded", 60, "all", False, True),
        ("succeeded", 1, "all", False, False),
        ("succeeded", 60, "failed", False, False),
        ("cancelled", 60, "failed", False, False),
        ("failed", 1, "failed", False, True),
        ("crashed", 1, "all", False, True),
        ("failed", 60, "off", False, False),
        ("failed", 60, "all", True, False),
    ],
)
def test_bell_and_desktop_tell_what_they_are_wanted_for(
    state: RunState, duration: float, wanted: Endings, has_focus: bool, called: bool
) -> None:
    assert calls_out(Ending(a_run(state, duration)), wanted, NoticeSettings(), has_focus=has_focus) is called


def test_with_the_focus_they_tell_if_that_is_wanted() -> None:
    settings = NoticeSettings(only_unfocused=False)

    assert calls_out(Ending(a_run("failed")), "failed", settings, has_focus=True)


def test_a_short_run_that_is_watched_needs_no_word() -> None:
    short, long = Ending(a_run(duration=1)), Ending(a_run(duration=60))

    assert not is_worth_a_word(short, NoticeSettings(), in_view=True)
    assert is_worth_a_word(short, NoticeSettings(), in_view=False)
    assert is_worth_a_word(long, NoticeSettings(), in_view=True)


def test_many_ends_are_one_word() -> None:
    notice = notice_of([Ending(a_run(number=n)) for n in range(3)] + [Ending(a_run("failed", name="other"))])

    assert notice.title == "4 runs have ended: ✓ 3 succeeded, ✗ 1 failed"
    assert (notice.text, notice.severity) == ("etl, other", "error")


@pytest.mark.parametrize("environ", [{}, {"TMUX": "/tmp/tmux"}, {"STY": "1.screen"}])
def test_words_for_the_desktop_cannot_drive_the_terminal(environ: dict[str, str]) -> None:
    sequence = desktop_sequence("4;1;100 \x1b]52;c;AAAA\x07 done\x9c", environ)

    inner = sequence.replace("\x1b\x1b", "\x1b")
    assert "\x1b]52" not in inner
    assert "]9; 4;1;100 " in inner
    # One begin and one end of each sequence, and nothing else that is not shown.
    assert inner.count("\x07") == 1
    assert inner.count("\x1b") == (1 if not environ else 3)


async def test_a_run_that_fails_elsewhere_is_told_with_its_node(
    project: Callable[..., Path], open_app: OpenApp, until: Until, screen_text: Callable[[Pilot[Any]], str]
) -> None:
    root = project("def fine() -> int:\n    return 1\n", "run:\n  final_vars: [fine]\n", name="aaa")
    (root / "conf" / "pipelines" / "zzz.yml").write_text("run:\n  final_vars: [second]\n  retry: {max_retries: 0}\n")
    (root / "pipelines" / "zzz.py").write_text(BREAKS)
    app = open_app(root)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until(pilot, lambda: app.session is not None and app.session.runs is not None)
        assert app.session is not None
        await until(pilot, lambda: app.session.pipeline == "aaa")

        run = start(RunRequest(str(root), "zzz"))
        seen: list[tuple[str, str, str]] = []
        await until(pilot, lambda: sees(pilot, seen) and "no [bold]such[/] thing" in screen_text(pilot))

        ((title, message, severity),) = seen
        assert title.startswith("✗ zzz failed after ")
        assert (message, severity) == ("second: ValueError: no [bold]such[/] thing", "error")
        assert not run.is_locked or list(follow(run))


async def test_what_is_wrong_with_the_settings_is_told_and_the_interface_opens(
    project: Callable[..., Path],
    open_app: OpenApp,
    until: Until,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FP_TUI_CONFIG_DIR", str(tmp_path))
    (tmp_path / "settings.yml").write_text("link: shh\ntheme: paper\nmeter: always\n")
    app = open_app(project("def fine() -> int:\n    return 1\n", "run:\n  final_vars: [fine]\n"))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        seen: list[tuple[str, str, str]] = []
        await until(pilot, lambda: sees(pilot, seen))

        ((title, message, severity),) = seen
        assert (title, severity) == ("Settings", "warning")
        assert "settings.yml:1:7: link must be one of auto, local, ssh, not 'shh'" in message
        assert (app.theme, app.shows_meter) == ("paper", True)


async def test_the_meter_comes_and_goes_by_a_key(
    project: Callable[..., Path], open_app: OpenApp, until: Until, screen_text: Callable[[Pilot[Any]], str]
) -> None:
    app = open_app(project("def fine() -> int:\n    return 1\n", "run:\n  final_vars: [fine]\n"))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until(pilot, lambda: app.session is not None)
        assert "KiB/s" not in screen_text(pilot)
        app.link.sent = 5 << 20

        await pilot.press("f8")
        await until(pilot, lambda: "0.0 KiB/s  5.0 MiB" in screen_text(pilot))
        await pilot.press("f8")
        await until(pilot, lambda: "KiB/s" not in screen_text(pilot))


async def test_ends_ring_the_bell_as_wanted(
    project: Callable[..., Path], open_app: OpenApp, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_app(project("def fine() -> int:\n    return 1\n", "run:\n  final_vars: [fine]\n"))
    rung: list[str] = []
    monkeypatch.setattr(app, "bell", lambda: rung.append("ding"))
    settings = NoticeSettings(bell="failed", only_unfocused=False)

    async def tell(endings: Sequence[Ending]) -> int:
        announce(app, endings, settings)
        return len(rung)

    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        assert await tell([Ending(a_run())]) == 0
        assert await tell([Ending(a_run("failed")), Ending(a_run("crashed"))]) == 1
        await until(pilot, lambda: len(toasts(pilot)) == 3)
