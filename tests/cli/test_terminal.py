"""`fp-tui` in a real terminal: nothing that a pipeline writes can drive it, and closing it ends no run."""

from __future__ import annotations

import os
import pty
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from flowerpower_tui.runs.store import RunStore

SGR = re.compile(rb"\x1b\[[0-9;]*m")
HOSTILE = r"""
    import logging
    import sys

    def hostile() -> str:
        "Writes what a terminal would obey."
        print("\x1b]0;title\x07\x1b[2Jcleared \x1b[31mred\x1b[?1049h \x9b5A done\u202e")
        print("\x1b]52;c;Y2xpcA==\x07", file=sys.stderr)
        logging.getLogger().warning("\x1b[2Jlogged \x1b[?1000h")
        raise ValueError("\x1b[2Jraised \x1bc")
"""
SLOW = """
    import time

    def slow(seconds: float = 60) -> str:
        for number in range(int(seconds * 10)):
            print("line", number, flush=True)
            time.sleep(0.1)
        return "done"
"""


class Terminal:
    """A command in a terminal of its own, as its session's leader."""

    def __init__(self, *arguments: str | Path) -> None:
        self.process, self.screen = pty.fork()
        if not self.process:
            environ = {**os.environ, "TERM": "xterm-256color"}
            os.execve(sys.executable, [sys.executable, "-m", "flowerpower_tui", *map(str, arguments)], environ)
        self.shown = b""
        self.code: int | None = None

    def read(self) -> bool:
        """Take in what is shown next; False at the end."""
        try:
            piece = os.read(self.screen, 65536)
        except OSError:
            return False
        self.shown += piece
        return bool(piece)

    def wait_for(self, words: bytes) -> None:
        while words not in self.shown:
            assert self.read(), self.shown

    def wait(self) -> int:
        """Return how the command ended: its exit code, or the negative number of a signal."""
        while self.read():
            pass
        return self.end()

    def end(self) -> int:
        if self.code is None:
            self.code = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
        return self.code

    def close(self) -> None:
        with suppress(OSError):
            os.close(self.screen)


@pytest.fixture
def terminal() -> Iterator[Callable[..., Terminal]]:
    opened: list[Terminal] = []

    def run(*arguments: str | Path) -> Terminal:
        opened.append(Terminal(*arguments))
        return opened[-1]

    yield run
    for one in opened:
        one.close()
        if one.code is None:
            os.kill(one.process, signal.SIGKILL)
            one.end()


def test_nothing_that_a_pipeline_writes_drives_the_terminal(
    terminal: Callable[..., Terminal], project: Callable
) -> None:
    root = project(hostile=HOSTILE)

    ran = terminal("run", "-C", root, "hostile")
    assert ran.wait() == 1
    logged = terminal("logs", "-C", root, "latest")
    assert logged.wait() == 0

    for shown in (ran.shown, logged.shown):
        plain = SGR.sub(b"", shown).decode()
        assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]", plain)
        for word in ("cleared red", "logged", "raised"):
            assert word in plain
    assert b"\x1b[31mred" in ran.shown


def test_ctrl_c_in_a_terminal_cancels(terminal: Callable[..., Terminal], project: Callable) -> None:
    ran = terminal("run", "-C", project(slow=SLOW), "slow")
    ran.wait_for(b"line 2")

    os.write(ran.screen, b"\x03")

    assert ran.wait() == 130
    assert b"cancelled after" in ran.shown


def test_a_run_survives_its_terminal_and_no_line_is_lost(
    terminal: Callable[..., Terminal], project: Callable, fp_tui: Callable
) -> None:
    root = project(slow=SLOW)
    ran = terminal("run", "-C", root, "slow", "--input", "seconds=3")
    ran.wait_for(b"line 2")

    ran.close()

    assert ran.end() == -signal.SIGHUP
    assert fp_tui("ls", "-C", root, "--json").json[0]["last_run"]["state"] == "running"
    while not RunStore().latest().is_over:
        time.sleep(0.05)
    log = fp_tui("logs", "-C", root, "slow").out
    assert fp_tui("ls", "-C", root, "--json").json[0]["last_run"]["state"] == "succeeded"
    assert re.findall(r"line (\d+)$", log, re.MULTILINE) == [str(number) for number in range(30)]
