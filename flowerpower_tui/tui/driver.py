"""The terminal driver: Textual's, with an end when the terminal is gone, and a count of what it is sent.

Textual's own reader asks ten times a second whether it is over, which is most of what it costs at rest; at end of file
it spins, and it shows a traceback when the terminal hangs up (EIO). Ours sleeps until there is something to read.
"""

from __future__ import annotations

import os
import select
import time
from codecs import getincrementaldecoder
from threading import Event
from typing import TYPE_CHECKING, Any, ClassVar, TextIO, cast

from textual._xterm_parser import XTermParser
from textual.constants import ESCAPE_DELAY
from textual.drivers.linux_driver import LinuxDriver
from typing_extensions import override

from flowerpower_tui.tui.link import HasLink, Link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.app import App
    from textual.message import Message

_PIECE = 1 << 16
# An escape alone is a key, with more behind it the beginning of another: for so many seconds it is waited for.
_OPEN_SECONDS = 2 * ESCAPE_DELAY
_LOOKS_MEANWHILE = 16


class TerminalDriver(LinuxDriver):
    """Tells when the terminal hangs up, and the link what the terminal takes.

    Attributes:
        on_hangup: called from another thread when there will be no more input.
    """

    on_hangup: ClassVar[Callable[[TerminalDriver], None]]

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._link = cast(HasLink, app).link
        # Textual's writer thread writes to it.
        self._file = cast(Any, _MeteredFile(cast(TextIO, self._file), self._link))
        # Textual sets it when no more is to be read, and waits for the reader.
        self.exit_event = self._ending = _Ending()

    @override
    def _get_terminal_size(self) -> tuple[int, int]:
        """Ask the terminal, not the environment: LINES and COLUMNS are those of where fp-tui was called from."""
        try:
            width, height = os.get_terminal_size(self.fileno)
        except OSError:
            width = height = 0
        return (width, height) if width and height else super()._get_terminal_size()

    def write(self, data: str) -> None:
        """Hand text to the writer thread."""
        self._link.handed(len(data))
        super().write(data)

    @override
    def run_input_thread(self) -> None:
        """Hand on what is typed until it is over; a terminal that is gone is a hangup, not a crash."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        open_until = 0.0
        while not self._ending.is_set():
            is_open = time.monotonic() < open_until
            wait = _OPEN_SECONDS / _LOOKS_MEANWHILE if is_open else None
            ready, _, _ = select.select([self.fileno, self._ending], [], [], wait)
            if self.fileno in ready:
                data = self._read()
                if not data:
                    self._hang_up()
                    break
                # Of a letter of several bytes the first ones may come alone; and no text at all ends the parser.
                if text := decode(data):
                    self._hand_on(parser.feed(text))
                open_until = time.monotonic() + _OPEN_SECONDS
            self._hand_on(parser.tick())

    def _read(self) -> bytes:
        """Read what there is; nothing if there will be no more."""
        try:
            return os.read(self.fileno, _PIECE)
        except OSError:
            return b""

    def _hand_on(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self.process_message(message)

    def _hang_up(self) -> None:
        if not self._ending.is_set():
            self.on_hangup()


class _Ending(Event):
    """An event that can be waited for together with input: while it is set, there is something to read in it."""

    def __init__(self) -> None:
        super().__init__()
        self._bell, self._rope = os.pipe()

    def fileno(self) -> int:
        """What becomes readable."""
        return self._bell

    @override
    def set(self) -> None:
        """Wake whoever waits."""
        if not self.is_set():
            os.write(self._rope, b"!")
            super().set()

    @override
    def clear(self) -> None:
        """Let wait again."""
        if self.is_set():
            os.read(self._bell, 1)
            super().clear()


class _MeteredFile:
    """The terminal as a file: what is written goes out when it is flushed, in one piece, and is counted."""

    def __init__(self, file: TextIO, link: Link) -> None:
        self._descriptor = file.fileno()
        self._encoding = file.encoding
        self._link = link
        self._held: list[str] = []
        self._size = 0

    def fileno(self) -> int:
        """The terminal's descriptor."""
        return self._descriptor

    def write(self, text: str) -> None:
        """Hold text back, but not too much of it."""
        self._held.append(text)
        self._size += len(text)
        if self._size >= _PIECE:
            self.flush()

    def flush(self) -> None:
        """Write what is held, for as long as the terminal takes for it; to one that is gone nothing is written."""
        handed, self._size = self._size, 0
        data = "".join(self._held).encode(self._encoding, "backslashreplace")
        self._held.clear()
        began = time.monotonic()
        left = memoryview(data)
        while left:
            try:
                left = left[os.write(self._descriptor, left) :]
            except BlockingIOError:
                select.select([], [self._descriptor], [])
            except OSError:
                break
        self._link.wrote(handed, len(data), time.monotonic() - began)
