"""Take the pictures of the documentation from the real interface, with real runs: `python docs/make_pictures.py`."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.pilot import Pilot

HERE = Path(__file__).parent
EXAMPLES = HERE.parent / "examples"
PICTURES = HERE / "pictures"
SIZE = (120, 36)
PATIENCE = 120.0


async def main() -> None:
    """Open an example, run it, and keep each place as it is then."""
    with tempfile.TemporaryDirectory() as home:
        # The title shows the project's path: a short one, and nothing of the machine that took the picture.
        os.environ |= {"HOME": home, "TZ": "UTC", "FP_TUI_STATE_DIR": f"{home}/state", "FP_TUI_CONFIG_DIR": f"{home}/conf"}
        for variable in ("SSH_CONNECTION", "SSH_TTY", "NO_COLOR"):
            os.environ.pop(variable, None)
        project = Path(shutil.copytree(EXAMPLES / "sales-etl", Path(home) / "sales-etl"))
        # Runs of before: one that failed, one that was cut short.
        command = [sys.executable, "-m", "flowerpower_tui", "-C", str(project), "run", "sales_etl"]
        subprocess.run([*command, "--final-var", "headline"], check=True, capture_output=True)
        subprocess.run([*command, "--input", "rates_file=data/rates.csv"], check=False, capture_output=True)
        await photograph(project)


async def photograph(project: Path) -> None:
    """Go through the places as a person would."""
    from flowerpower_tui.tui.app import FlowerPowerApp

    app = FlowerPowerApp(project)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, "r Run")
        await pilot.press("r", "tab")
        await until(pilot, "exchange rates of 2025-06")
        keep(pilot, "running.svg")
        await until(pilot, "succeeded after")
        keep(pilot, "project.svg")
        await pilot.press("2")
        await pilot.pause(2)
        keep(pilot, "dag.svg")
        await pilot.press("3")
        await pilot.pause(2)
        await pilot.press("enter", "T")
        await pilot.pause(2)
        keep(pilot, "runs.svg")
        await pilot.press("4")
        await pilot.pause(2)
        keep(pilot, "edit.svg")


async def until(pilot: Pilot[int], text: str) -> None:
    """Wait for what a person would wait for."""
    for _ in range(int(PATIENCE / 0.05)):
        if text in text_of(pilot):
            return
        await pilot.pause(0.05)
    raise TimeoutError(f"{text!r} was not seen within {PATIENCE} s; the screen is:\n{text_of(pilot)}")


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
