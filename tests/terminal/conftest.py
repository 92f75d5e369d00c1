"""A real pseudo terminal with `fp-tui` in it."""

import fcntl
import os
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


class Terminal:
    """`fp-tui` in a pseudo terminal of its own session; we are the terminal."""

    def __init__(
        self,
        arguments: list[str],
        *,
        controlling: bool = True,
        program: tuple[str, ...] = ("-m", "flowerpower_tui"),
        environ: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))

        def become_session_leader() -> None:
            os.setsid()
            if controlling:
                fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(
            [sys.executable, *program, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            # Nothing else makes a terminal the controlling one; no thread of ours is running here.
            preexec_fn=become_session_leader,  # noqa: PLW1509
            env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24", **environ},
        )
        os.close(slave)
        self.seen = b""

    def read_until(self, wanted: bytes | Callable[[bytes], bool], seconds: float = 30) -> bytes:
        """Read until what was wanted has been seen since the last call; fails after `seconds`."""
        if isinstance(wanted, bytes):
            pattern = wanted
            return self.read_until(lambda seen: pattern in seen, seconds)
        seen = b""
        deadline = time.monotonic() + seconds
        while not wanted(seen):
            assert time.monotonic() < deadline, f"not seen within {seconds} s; the end of what was: {seen[-600:]!r}"
            if not select.select([self.master], [], [], 0.05)[0]:
                continue
            data = os.read(self.master, 65536)
            assert data, "the terminal was closed"
            seen += data
            self.seen += data
        return seen

    def press(self, keys: bytes) -> None:
        """Write all of the keys; what is shown meanwhile is read, so that neither waits for the other."""
        left = memoryview(keys)
        while left:
            readable, writable, _ = select.select([self.master], [self.master], [], 20)
            assert readable or writable, "it reads no more"
            if writable:
                left = left[os.write(self.master, left[:512]) :]
            else:
                self.skim()

    def skim(self) -> None:
        """Read what is there, for a moment, and do without it."""
        if select.select([self.master], [], [], 0.05)[0]:
            self.seen += os.read(self.master, 65536)

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def rest(self, seconds: float = 20) -> bytes:
        """Everything up to the end of the process."""
        seen = b""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if select.select([self.master], [], [], 0.05)[0]:
                try:
                    data = os.read(self.master, 65536)
                except OSError:
                    break
                if not data:
                    break
                seen += data
            elif self.process.poll() is not None:
                break
        self.seen += seen
        return seen

    def hang_up(self) -> None:
        """Close the terminal, as a window or a dropped connection does."""
        os.close(self.master)
        self.master = -1

    def exit_code(self, seconds: float = 20) -> int:
        return self.process.wait(seconds)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        if self.master >= 0:
            os.close(self.master)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """Opens terminals, and closes them at the end of the test."""
    monkeypatch.setenv("FP_TUI_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    opened: list[Terminal] = []

    def open_terminal(*arguments: str, **how: Any) -> Terminal:
        opened.append(Terminal(list(arguments), **how))
        return opened[-1]

    yield open_terminal
    for one in opened:
        one.close()


@pytest.fixture
def sales_etl(tmp_path: Path) -> Path:
    """The example, where a test may write."""
    return Path(shutil.copytree(EXAMPLES / "sales-etl", tmp_path / "sales-etl"))
