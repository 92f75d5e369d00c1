"""Take the pictures of the documentation from the real interface, with a real run: `python docs/make_pictures.py`."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.pilot import Pilot

HERE = Path(__file__).parent
EXAMPLES = HERE.parent / "examples"
PICTURES = HERE / "pictures"
PATIENCE = 60.0


async def main() -> None:
    """Open an example, run it, and keep the screen while it runs and when it is done."""
    with tempfile.TemporaryDirectory() as home:
        # The title shows the project's path: a short one, and nothing of the machine that took the picture.
        os.environ |= {"HOME": home, "FP_TUI_STATE_DIR": f"{home}/state", "TZ": "UTC"}
        project = Path(shutil.copytree(EXAMPLES / "sales-etl", Path(home) / "sales-etl"))
        from flowerpower_tui.tui.app import FlowerPowerApp

        app = FlowerPowerApp(project)
        async with app.run_test(size=(132, 40)) as pilot:
            await until(pilot, lambda: "never run" in text_of(pilot))
            await pilot.press("r", "tab")
            await until(pilot, lambda: "exchange rates of 2025-06" in text_of(pilot))
            keep(pilot, "running.svg")
            await until(pilot, lambda: "succeeded after" in text_of(pilot))


async def until(pilot: Pilot[int], holds: Callable[[], bool]) -> None:
    """Wait for what a person would wait for."""
    for _ in range(int(PATIENCE / 0.05)):
        if holds():
            return
        await pilot.pause(0.05)
    raise TimeoutError(f"not seen within {PATIENCE} s; the screen is:\n{text_of(pilot)}")


def text_of(pilot: Pilot[int]) -> str:
    """What stands on the screen."""
    width, height = pilot.app.size
    strips = pilot.app.screen._compositor.render_strips()  # noqa: SLF001 - the only way to the text itself
    return "\n".join(strip.text for strip in strips[:height])[: (width + 1) * height]


def keep(pilot: Pilot[int], name: str) -> None:
    """Save the screen as a picture."""
    PICTURES.mkdir(exist_ok=True)
    (PICTURES / name).write_text(pilot.app.export_screenshot(title="fp-tui"), "utf-8")
    print(PICTURES / name)


if __name__ == "__main__":
    asyncio.run(main())
