"""The first frame is what the first place looks like while nothing is in it yet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.geometry import Size

from flowerpower_tui.tui.app import FlowerPowerApp
from flowerpower_tui.tui.screens.first_frame import FirstFrame, frame
from flowerpower_tui.tui.session import Session

SIZES = [(60, 16), (80, 24), (99, 19), (120, 40), (133, 21), (160, 48), (240, 60)]


def lines_of(app: FlowerPowerApp) -> list[str]:
    return [strip.text for strip in app.screen._compositor.render_strips()]


@pytest.mark.parametrize("size", SIZES)
async def test_what_is_seen_first_stays_where_it_is(
    size: tuple[int, int],
    example: Callable[..., Path],
    open_app: Callable[[Path], FlowerPowerApp],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Nothing is read: all stays as empty as it is at first.
    monkeypatch.setattr(Session, "open", lambda _: None)
    root = example("sales-etl")
    app = open_app(root)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        place = lines_of(app)
    first = frame(Size(*size), root).plain.split("\n")

    assert len(first) == size[1]
    assert {len(line) for line in first} == {size[0]}
    assert first[0] == place[0], "the title bar"
    assert first[0].split()[:2] == ["✿", root.name]
    for y, (ours, theirs) in enumerate(zip(first[:-1], place, strict=False)):
        said = "".join(a if b == " " else b for a, b in zip(theirs, ours, strict=True))
        assert said == theirs, f"line {y}: what the frame says stands there, too"
    assert [title for title in ("Project", "DAG", "Log") if not any(f"{title} " in line for line in first[1:])] == []


async def test_it_has_the_title_and_the_panes_in_the_wanted_theme(
    example: Callable[..., Path], open_app: Callable[[Path], FlowerPowerApp]
) -> None:
    root = example("sales-etl")
    app = open_app(root)
    async with app.run_test(size=(120, 40)) as pilot:
        assert isinstance(app.get_default_screen(), FirstFrame)
        await app.push_screen(FirstFrame(root))
        await pilot.pause()
        assert lines_of(app) == frame(Size(120, 40), root).plain.split("\n")
        strips = app.screen._compositor.render_strips()
        lit = app.theme_variables["primary"].lower()
        colours = {segment.style.bgcolor.name for segment in strips[1] if segment.style and segment.style.bgcolor}
        assert lit in colours


async def test_without_a_project_nothing_is_promised(
    tmp_path: Path, open_app: Callable[[Path], FlowerPowerApp]
) -> None:
    app = open_app(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(FirstFrame(None))
        await pilot.pause()
        assert {line.strip() for line in lines_of(app)} == {""}
