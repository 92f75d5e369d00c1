"""However the interface ends, the terminal is clean and the exit code is right."""

import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ALTERNATE_SCREEN_ON = b"\x1b[?1049h"
DRAWN = b"raw_orders"
SET = re.compile(rb"\x1b\[\?(\d+)([hl])")
# Alternate screen, mouse reports of every kind, focus reports, bracketed paste.
MODES_THAT_MUST_BE_OFF = {b"1049", b"1000", b"1002", b"1003", b"1006", b"1015", b"1004", b"2004"}


def modes_left_on(output: bytes) -> set[bytes]:
    last_switch = dict(SET.findall(output))
    return {number for number, switch in last_switch.items() if switch == b"h"} & MODES_THAT_MUST_BE_OFF


def cursor_is_shown(output: bytes) -> bool:
    return output.rfind(b"\x1b[?25h") > output.rfind(b"\x1b[?25l")


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGTERM, 143), (signal.SIGHUP, 129)],
    ids=["SIGTERM", "SIGHUP"],
)
def test_a_signal_leaves_a_clean_terminal(
    terminal: Callable, sales_etl: Path, number: signal.Signals, code: int
) -> None:
    interface = terminal(str(sales_etl))
    interface.read_until(DRAWN)
    assert ALTERNATE_SCREEN_ON in interface.seen
    interface.process.send_signal(number)
    interface.rest()
    assert interface.exit_code() == code
    assert modes_left_on(interface.seen) == set()
    assert cursor_is_shown(interface.seen)
    assert b"Traceback" not in interface.seen


def test_q_leaves_a_clean_terminal(terminal: Callable, sales_etl: Path) -> None:
    interface = terminal(str(sales_etl))
    interface.read_until(DRAWN)
    interface.press(b"q")
    interface.rest()
    assert interface.exit_code() == 0
    assert modes_left_on(interface.seen) == set()
    assert cursor_is_shown(interface.seen)


@pytest.mark.parametrize("controlling", [True, False], ids=["own terminal", "no controlling terminal"])
def test_an_end_of_file_on_stdin_ends_the_interface(terminal: Callable, sales_etl: Path, controlling: bool) -> None:
    # Without a controlling terminal no SIGHUP comes: only the end of the input tells.
    interface = terminal(str(sales_etl), controlling=controlling)
    interface.read_until(DRAWN)
    interface.hang_up()
    assert interface.exit_code() == 129


def test_a_signal_before_the_first_screen_ends_it_too(terminal: Callable, sales_etl: Path) -> None:
    interface = terminal(str(sales_etl))
    interface.read_until(ALTERNATE_SCREEN_ON)
    interface.process.send_signal(signal.SIGTERM)
    interface.rest()
    assert interface.exit_code() in (143, -signal.SIGTERM)
    assert modes_left_on(interface.seen) == set()


# f8 keeps the loop busy until so many keys wait that what wakes it takes no more.
BUSY = """
import asyncio
import os
import sys
import time
from pathlib import Path
from flowerpower_tui.tui.app import FlowerPowerApp

def busy(self):
    loop = asyncio.get_running_loop()
    os.write(2, b"busy")
    while len(loop._ready) < 400:
        time.sleep(0.01)
    os.write(2, b"full")
    while not Path(os.environ["GO"]).exists():
        time.sleep(0.01)

FlowerPowerApp.action_meter = busy
from flowerpower_tui.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


def test_a_signal_behind_many_keys_is_not_lost(terminal: Callable, sales_etl: Path, tmp_path: Path) -> None:
    program = tmp_path / "busy.py"
    program.write_text(BUSY)
    go = tmp_path / "go"
    interface = terminal(str(sales_etl), program=(str(program),), environ={"GO": str(go)})
    interface.read_until(DRAWN)
    interface.press(b"\x1b[19~")
    interface.read_until(b"busy")
    interface.press(600 * b"x")
    interface.read_until(b"full")
    interface.process.send_signal(signal.SIGTERM)
    go.touch()
    interface.rest()
    assert interface.exit_code() == 143


def test_without_a_terminal_it_says_so(sales_etl: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "flowerpower_tui", str(sales_etl)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 2
    assert "needs a terminal" in answer.stderr
    assert "\x1b" not in answer.stderr + answer.stdout
