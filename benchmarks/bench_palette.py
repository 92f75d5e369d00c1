"""The command palette over 10,000 entries: the processor's milliseconds that each typed letter costs.

A machine that does other things does not count. Aim: 50 ms a letter, the first one too, which nearly all entries have.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from functools import partial
from pathlib import Path

from flowerpower_tui.project.scaffold import init_project, new_pipeline
from flowerpower_tui.tui.app import FlowerPowerApp
from flowerpower_tui.tui.palette import Entry, Everything

ENTRIES = 10_000
TYPED = ("feature 77", "f_of_many", "orders by region", "zzz")
MILLISECONDS = 50.0


async def letters(palette: Everything, typed: str) -> list[float]:
    """Type letter by letter, and return what each took."""
    taken = []
    for end in range(1, len(typed) + 1):
        begun = time.process_time()
        hits = [hit async for hit in palette.search(typed[:end])]
        taken.append((time.process_time() - begun) * 1e3)
        assert len(hits) <= ENTRIES
    return taken


async def main() -> None:
    """Print a line for each text."""
    kinds = ("node", "past run", "file", "pipeline")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "project"
        init_project(root, "project")
        new_pipeline(root, "orders_by_region")
        app = FlowerPowerApp(root)
        async with app.run_test():
            palette = Everything(app.screen)
            await palette.startup()
            palette._entries += [  # noqa: SLF001 - as if the project were that large
                Entry(kinds[number % 4], f"feature_{number}_of_many", partial(str, number)) for number in range(ENTRIES)
            ]
            print(f"palette: {len(palette._entries):,} entries, ms of the processor a letter")  # noqa: SLF001
            for typed in TYPED:
                taken = await letters(palette, typed)
                verdict = "ok" if max(taken) <= MILLISECONDS else "SLOW"
                print(
                    f"  {typed:<18} first {taken[0]:5.1f}   worst {max(taken):5.1f}   last {taken[-1]:5.1f}   {verdict}"
                )


if __name__ == "__main__":
    asyncio.run(main())
