"""The DAG's canvas on 1,000 nodes: a held key, any key, and how long a layout holds up the interface.

Everything runs in Textual's pilot, beside a bare `ScrollView` of the same size whose rows are ready, so that a busy
machine slows both; the processor's clock does not count what others take. Aims: a key's effect on the screen within
50 ms; scrolling that keeps up with a key held at 30 a second; the loop held up only for moments while 1,000 nodes are
laid out.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from rich.console import RenderableType
from rich.segment import Segment
from textual import events
from textual.app import App, ComposeResult
from textual.geometry import Size
from textual.pilot import Pilot
from textual.screen import Screen
from textual.scroll_view import ScrollView
from textual.strip import Strip

from flowerpower_tui.graph.model import Graph, Node
from flowerpower_tui.tui.places import import_places
from flowerpower_tui.tui.themes import DEFAULT_THEME, shipped_themes
from flowerpower_tui.tui.tidying import Tidying
from flowerpower_tui.tui.widgets.dag_panel import DagPanel
from flowerpower_tui.tui.widgets.dag_view import DagView

GRAPHS = json.loads((Path(__file__).parent / "graphs" / "dag_graphs.json").read_text("utf-8"))
SCREENS = ((80, 24), (160, 48))
TIMES = 40
KEY_MILLISECONDS = 50.0
HELD_A_SECOND = 30


class Measured(App[None]):
    """Knows when an update goes to the terminal."""

    def __init__(self) -> None:
        super().__init__()
        self.animation_level = "none"
        self.updated = asyncio.Event()
        self._tidying = Tidying(self.call_later)

    def on_load(self) -> None:
        """Tidy as the interface does: not while somebody types."""
        self._tidying.start()

    def on_unmount(self) -> None:
        """Leave Python as it was."""
        self._tidying.stop()

    async def on_event(self, event: events.Event) -> None:
        """Take note that somebody types."""
        self._tidying.touch()
        await super().on_event(event)

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        super()._display(screen, renderable)
        self.updated.set()


class Bare(ScrollView, can_focus=True):
    """As many rows of text as the DAG has, ready before they are asked for."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__()
        self.virtual_size = Size(width, height)
        self._row = Strip([Segment("│ ├─┼─● " * (width // 8 + 1))]).crop(0, width)

    def render_line(self, y: int) -> Strip:
        """A row, cut to what is in sight."""
        left, top = self.scroll_offset
        if top + y >= self.virtual_size.height:
            return Strip.blank(self.size.width)
        return self._row.crop_extend(left, left + self.size.width, None)


class BareApp(Measured):
    """Nothing but the bare rows."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__()
        self._extent = width, height

    def compose(self) -> ComposeResult:
        """The rows."""
        yield Bare(*self._extent)


class DagApp(Measured):
    """Nothing but the DAG."""

    def compose(self) -> ComposeResult:
        """The panel."""
        yield DagPanel()

    def on_mount(self) -> None:
        """Wear our colours."""
        for theme in shipped_themes():
            self.register_theme(theme)
        self.theme = DEFAULT_THEME


def graph(name: str) -> Graph:
    """A graph of the benchmarks' file."""
    found = GRAPHS[name]
    return Graph(tuple(map(Node, found["nodes"])), tuple((source, target) for source, target in found["edges"]))


class Taken(NamedTuple):
    """Milliseconds of each time, by the clock on the wall and by that of the processor."""

    wall: list[float]
    processor: list[float]


async def timed(pilot: Pilot[None], act: Callable[[int], None]) -> Taken:
    """Do something again and again; measure from each time to the first update of the screen that it leads to."""
    app = pilot.app
    assert isinstance(app, Measured)
    taken = Taken([], [])
    for index in range(TIMES):
        app.updated.clear()
        start, used = time.perf_counter(), time.process_time()
        act(index)
        await app.updated.wait()
        taken.wall.append((time.perf_counter() - start) * 1000)
        taken.processor.append((time.process_time() - used) * 1000)
        await pilot.pause()
    return taken


def press(app: App[None], *keys: str) -> Callable[[int], None]:
    """Hit keys in turn, without the pauses that the pilot makes."""

    def hit(index: int) -> None:
        key = keys[index % len(keys)]
        app.post_message(events.Key(key, key if len(key) == 1 else None))

    return hit


def tell(what: str, taken: Taken, bare: Taken | None = None) -> None:
    """Print the middle and the slow end, and how they stand to the bare widget's."""
    line = f"  {what:<31}"
    for clock, values in zip(("wall", "processor"), taken, strict=True):
        line += f" {clock} p50 {statistics.median(values):5.1f} p95 {statistics.quantiles(values, n=20)[-1]:5.1f} ms "
    if bare is not None:
        line += f" {statistics.median(taken.processor) / statistics.median(bare.processor):4.1f} x bare"
    if statistics.quantiles(taken.processor, n=20)[-1] > KEY_MILLISECONDS:
        line += "  OVER"
    print(line)


async def keys(level: str, screen: tuple[int, int]) -> None:
    """Measure what keys do at one level."""
    app = DagApp()
    async with app.run_test(size=screen) as pilot:
        view = await opened(pilot, "f_1000", level)
        assert view.drawing is not None
        width, height = view.drawing.width, view.drawing.height
        print(f"{level} of 1,000 nodes, {width:,} x {height:,} cells on {screen[0]} x {screen[1]}")
        bare_app = BareApp(width, height)
        async with bare_app.run_test(size=screen) as bare_pilot:
            bare = bare_pilot.app.query_one(Bare)
            bare.focus()
            await bare_pilot.pause()
            scrolled = await timed(bare_pilot, press(bare_app, "down", "up"))
        tell("a bare view scrolled by a key", scrolled)
        tell("panned by a key", await timed(pilot, press(app, "J", "K")), scrolled)
        tell("paged by a key", await timed(pilot, press(app, "pagedown", "pageup")), scrolled)
        view.action_go_to_end(False)
        await pilot.pause()
        tell("the cursor to the next node", await timed(pilot, press(app, "right", "left")), scrolled)
        view.go_to(next(name for name in view.excerpt.graph.topological if view.excerpt.graph.children[name]))
        await pilot.pause()
        tell(
            "the cursor along an edge",
            await timed(pilot, press(app, "right_square_bracket", "left_square_bracket")),
            scrolled,
        )
        tell("the cursor to the other end", await timed(pilot, press(app, "G", "g")), scrolled)
        view.scroll_home(animate=False)
        await pilot.pause()
        assert view.drawing is not None
        in_sight = [name for name in view.drawing.order if view.drawing.rects[name].y < screen[1]][:10]

        def recolour(index: int) -> None:
            view.set_states(dict.fromkeys(in_sight, "running" if index % 2 else "succeeded"))

        tell("ten nodes in a new state", await timed(pilot, recolour), scrolled)
        view.scroll_home(animate=False)
        await pilot.pause()
        start = time.perf_counter()
        for _ in range(HELD_A_SECOND * 2):
            press(app, "J")(0)
        bottom = min(4 * HELD_A_SECOND * 2, view.max_scroll_y)
        while view.scroll_offset.y < bottom:
            app.updated.clear()
            await app.updated.wait()
        print(f"  a key that was held for 2 s is worked off in {time.perf_counter() - start:.2f} s")


async def opened(pilot: Pilot[None], name: str, level: str) -> DagView:
    """Show a graph at a level, and wait until it stands."""
    view = pilot.app.query_one(DagView)
    view.focus()
    view.show(graph(name))
    view.shape = level  # type: ignore[assignment]
    await pilot.pause()
    while view.is_waiting:
        await pilot.pause(0.02)
    await pilot.pause()
    return view


async def layout() -> None:
    """Measure how long the loop is held up while a graph is laid out in boxes, from the key to the picture."""
    for name in ("j_ham300", "f_1000"):
        app = DagApp()
        async with app.run_test(size=(120, 40)) as pilot:
            await opened(pilot, "c_hello", "boxes")
            view = app.query_one(DagView)
            held: list[float] = []
            ticking = asyncio.create_task(tick(held))
            await asyncio.sleep(0.1)
            held.clear()
            start = time.perf_counter()
            view.show(graph(name))
            shown = time.perf_counter()
            while view.is_waiting:
                await asyncio.sleep(0.005)
            await pilot.pause()
            there = time.perf_counter()
            ticking.cancel()
            print(
                f"{len(graph(name).nodes):,} nodes: lanes after {(shown - start) * 1000:.0f} ms, "
                f"boxes after {(there - start) * 1000:.0f} ms; the loop was held up for {max(held):.0f} ms at most"
            )


async def tick(held: list[float]) -> None:
    """Note by how much each millisecond was late."""
    while True:
        start = time.perf_counter()
        await asyncio.sleep(0.001)
        held.append((time.perf_counter() - start) * 1000 - 1)


async def main() -> None:
    """Measure all, with all of the interface imported and out of the collector's way, as it is there."""
    import_places()
    for level in ("lanes", "boxes", "names"):
        for screen in SCREENS:
            await keys(level, screen)
    await layout()


if __name__ == "__main__":
    asyncio.run(main())
