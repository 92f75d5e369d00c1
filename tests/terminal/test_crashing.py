"""An error of the interface's own: the terminal is clean, nothing is lost, and it is written down."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

# What f8 does goes wrong, with something secret at hand.
BROKEN = """
import os
import sys
from flowerpower_tui.tui.app import FlowerPowerApp

def broken(self):
    raise LookupError("nobody expected this of https://me:hunter2@example.org/ with " + os.environ["A_TOKEN"])

FlowerPowerApp.action_meter = broken
from flowerpower_tui.cli.main import main
sys.exit(main(sys.argv[1:]))
"""
F8 = b"\x1b[19~"
SET = re.compile(rb"\x1b\[\?(\d+)([hl])")
MODES = {b"1049", b"1000", b"1002", b"1003", b"1006", b"1015", b"1004", b"2004"}


def test_an_error_ends_it_and_nothing_is_lost(terminal: Callable, sales_etl: Path, tmp_path: Path) -> None:
    program = tmp_path / "broken.py"
    program.write_text(BROKEN)
    interface = terminal(str(sales_etl), program=(str(program),), environ={"A_TOKEN": "abcdef-123456"})
    interface.read_until(b"raw_orders")
    interface.press(b"e")
    # The hint for who is in the text.
    interface.read_until(b"Commands")
    interface.press(b"# not saved yet ")
    # Words are sent whole, but not those again that stand there already.
    interface.read_until(b"yet")
    interface.press(F8)
    said = interface.rest().partition(b"\x1b[?1049l")[2].decode()

    assert interface.exit_code() == 3
    left_on = {number for number, switch in dict(SET.findall(interface.seen)).items() if switch == b"h"} & MODES
    assert left_on == set()
    assert "Traceback" not in said
    assert "Runs go on" in said
    assert "sales_etl.yml: the unsaved text is kept" in said
    (report,) = (tmp_path / "state" / "crashes").glob("*.txt")
    assert str(report) in re.sub(r"\s", "", said)
    text = report.read_text()
    assert "LookupError: nobody expected this" in text
    assert "screen: Editor" in text
    assert "last actions: " in text
    assert "meter" in text
    assert "textual: 8." in text
    assert "80 by 24" in text
    for secret in ("hunter2", "abcdef-123456"):
        assert secret not in text
    assert report.stat().st_mode & 0o777 == 0o600

    again = terminal(str(sales_etl))
    again.read_until(b"raw_orders")
    again.press(b"e")
    again.read_until(b"saved yet")
