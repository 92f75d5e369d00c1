"""How long a key takes in the editor: typed into a configuration of 1,000 lines, until it is on the screen.

The editor works as it does for users, with highlighting and diagnostics, and is timed beside a bare `TextArea` of
Textual that highlights the same text, in Textual's pilot: the processor time of the loop, which is what keeps the next
key waiting. The ratio of the medians is what counts. Aim: a key within 33 ms.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from bench_assist import configuration, mistaken
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import TextArea

from flowerpower_tui.tui.app import FlowerPowerApp
from flowerpower_tui.tui.screens.editor import Editor

ROUNDS = 12
KEYS = "abcdefgh"
# So long after a word diagnostics are on their way.
PAUSE = 0.25


class Bare(App[None]):
    """A text area and nothing else."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        """The text area."""
        yield TextArea(self._text, language="yaml", show_line_numbers=True)


@asynccontextmanager
async def bare(text: str) -> AsyncIterator[tuple[Pilot[Any], TextArea]]:
    """Open a bare text area."""
    app = Bare(text)
    async with app.run_test(size=(120, 40)) as pilot:
        area = app.query_one(TextArea)
        area.focus()
        yield pilot, area


@asynccontextmanager
async def editor(text: str, folder: Path) -> AsyncIterator[tuple[Pilot[Any], TextArea]]:
    """Open the editor on a project's pipeline."""
    config = folder / "conf" / "pipelines" / "large.yml"
    config.parent.mkdir(parents=True)
    (folder / "pipelines").mkdir()
    (folder / "conf" / "project.yml").write_text("name: large\n")
    (folder / "pipelines" / "large.py").write_text("".join(f"def node_{n}() -> int: ...\n" for n in range(240)))
    config.write_text(text)
    app = FlowerPowerApp(folder)
    async with app.run_test(size=(120, 40)) as pilot:
        assert app.session is not None
        app.session.edit(config)
        while not (isinstance(app.screen, Editor) and app.screen.page and app.screen.page.diagnostics):
            await pilot.pause(0.1)
        yield pilot, app.screen.page.area


async def word(pilot: Pilot[Any], area: TextArea) -> list[float]:
    """Type a word on a line of its own, then take it back; return the milliseconds that the loop works for each key."""
    area.move_cursor((500, 0))
    times = []
    for key in KEYS:
        started = time.thread_time()
        await pilot.press(key)
        times.append((time.thread_time() - started) * 1000)
    await asyncio.sleep(PAUSE)
    for _ in KEYS:
        area.action_delete_left()
    await asyncio.sleep(PAUSE)
    return times


async def measure() -> None:
    """Type the same words in both, in turn, and print what they took."""
    text = mistaken(configuration())
    ours: list[float] = []
    plain: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FP_TUI_STATE_DIR"] = f"{folder}/state"
        async with AsyncExitStack() as stack:
            own = await stack.enter_async_context(editor(text, Path(folder) / "large"))
            for _ in range(ROUNDS):
                ours += await word(*own)
        async with AsyncExitStack() as stack:
            other = await stack.enter_async_context(bare(text))
            for _ in range(ROUNDS):
                plain += await word(*other)
    for name, times in (("a bare TextArea", plain), ("the editor", ours)):
        times.sort()
        late = times[int(0.95 * len(times))]
        print(f"{name:<18} p50 {statistics.median(times):6.1f} ms   p95 {late:6.1f} ms")
    print(f"ratio of the medians {statistics.median(ours) / statistics.median(plain):.2f}")


if __name__ == "__main__":
    asyncio.run(measure())
