"""Ctrl+Z gives the terminal back to the shell, clean, and fg brings the interface back, whole."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

BASH = shutil.which("bash")
SET = re.compile(rb"\x1b\[\?(\d+)([hl])")
MODES = {b"1049", b"1000", b"1002", b"1003", b"1006", b"1015", b"1004", b"2004"}
SHELL = ("-c", "import os; os.execvp('bash', ['bash', '--norc', '--noediting', '-i'])")


def modes_on(output: bytes) -> set[bytes]:
    return {number for number, switch in dict(SET.findall(output)).items() if switch == b"h"} & MODES


@pytest.mark.skipif(BASH is None, reason="bash is not installed")
def test_ctrl_z_and_fg(terminal: Callable, sales_etl: Path) -> None:
    shell = terminal(program=SHELL, environ={"PS1": "ready> ", "PYTHON": sys.executable})
    shell.read_until(b"ready> ")
    shell.press(f'"$PYTHON" -m flowerpower_tui {sales_etl}; echo "ended with $?"\n'.encode())
    shell.read_until(b"raw_orders")
    for _ in range(2):
        shell.press(b"\x1a")
        shell.read_until(b"ready> ")
        assert modes_on(shell.seen) == set()
        assert shell.seen.rfind(b"\x1b[?25h") > shell.seen.rfind(b"\x1b[?25l")
        # The shell has the terminal: what is typed is echoed, and a newline is one.
        shell.press(b"echo a$((20 + 1))b\n")
        shell.read_until(b"a21b")

        shell.press(b"fg\n")
        shell.read_until(lambda seen: b"\x1b[?1049h" in seen and b"raw_orders" in seen)
        shell.press(b"3")
        shell.read_until(b"Nothing has run")
        shell.press(b"1")
        shell.read_until(b"raw_orders")

    shell.press(b"q")
    shell.read_until(b"ready> ")
    assert modes_on(shell.seen) == set()
    shell.press(b"exit\n")
    shell.rest()
