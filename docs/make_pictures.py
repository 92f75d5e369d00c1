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
        os.environ |= {
            "HOME": home,
            "TZ": "UTC",
            "FP_TUI_STATE_DIR": f"{home}/state",
            "FP_TUI_CONFIG_DIR": f"{home}/conf",
        }
        for variable in ("SSH_CONNECTION", "SSH_TTY", "NO_COLOR"):
            os.environ.pop(variable, None)
        project = Path(shutil.copytree(EXAMPLES / "sales-etl", Path(home) / "sales-etl"))
        # Runs of before: one that failed, and one that did not.
        command = [sys.executable, "-m", "flowerpower_tui", "-C", str(project), "run", "sales_etl"]
        subprocess.run([*command, "--input", "rates_file=data/rates.csv"], check=False, capture_output=True)
        subprocess.run([*command, "--final-var", "headline"], check=True, capture_output=True)
        await photograph(project)


async def photograph(project: Path) -> None:
    """Go through the places as a person would."""
    from flowerpower_tui.tui.app import FlowerPowerApp

    app = FlowerPowerApp(project)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, "succeeded after")
        await pilot.press("r", "tab")
        await until(pilot, "exchange rates of 2025-06")
        keep(pilot, "running.svg")
        await until(pilot, "succeeded after")
        # The log of one node: what the last one says has the project's full path in it.
        await find(pilot, "exchange_rates")
        await pilot.press("o")
        await until(pilot, "exchange rates of 2025-12")
        await settle(pilot)
        keep(pilot, "project.svg")

        await pilot.press("2")
        await settle(pilot)
        await find(pilot, "best_customers")
        keep(pilot, "dag.svg")

        # The run before, which did not write reports.
        await pilot.press("3")
        await settle(pilot)
        await pilot.press("down", "enter", "T")
        await settle(pilot)
        keep(pilot, "runs.svg")

        configuration = project / "conf/pipelines/sales_etl.yml"
        text = configuration.read_text("utf-8")
        configuration.write_text(text.replace("type: synchronous", "type: threadpool\n    max_wrokers: 4"), "utf-8")
        await pilot.press("4", "o")
        await settle(pilot)
        await pilot.press(*"sales_etl.yml", "enter")
        await until(pilot, "max_wrokers")
        await pilot.press("ctrl+t", "ctrl+l")
        await settle(pilot)
        keep(pilot, "edit.svg")


async def find(pilot: Pilot[int], node: str) -> None:
    """Go to a node by its name."""
    await pilot.press("slash")
    await pilot.press(*(character if character != "_" else "underscore" for character in node), "enter")
    await settle(pilot)


async def settle(pilot: Pilot[int]) -> None:
    """Wait until the screen is the same for a while, as one does who wants to take a picture."""
    still, before = 0, ""
    while still < 20:
        await pilot.pause(0.05)
        seen = text_of(pilot)
        still = still + 1 if seen == before else 0
        before = seen


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
