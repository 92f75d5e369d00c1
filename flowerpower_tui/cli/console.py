"""The one owner of stdout, stderr and exit codes: stdout belongs to data, stderr to people.

Where a stream is a terminal, everything passes `sanitise` first; where it is a file or a pipe, bytes stay as they are.
"""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TextIO

from flowerpower_tui.errors import OutputError
from flowerpower_tui.terminal import sanitise

if TYPE_CHECKING:
    from datetime import datetime

    from flowerpower_tui.errors import FlowerPowerError
    from flowerpower_tui.runs.events import Stream

Tone = Literal["plain", "warning", "error"]

_LONGEST_ERROR = 5
_WIDEST_VALUE = 48
# What a pipeline writes without ever ending its line is shown in pieces of so many characters.
_LONGEST_LINE = 1 << 16
_COLOURS: dict[Tone, str] = {"plain": "", "warning": "\x1b[33m", "error": "\x1b[31m"}
_RESET = "\x1b[0m"


class Exit(IntEnum):
    """What a command's exit code says. A signal that ends a command makes it 128 and its number, as in a shell."""

    DONE = 0
    FAILED = 1
    MISTAKE = 2
    CRASHED = 3
    CANCELLED = 130
    NOBODY_READS = 141


def prepare() -> None:
    """Let no text, however strange its characters or poor the locale, keep us from writing or reading it."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # Closed by whoever started us: whatever is opened next would be taken for it, here and in what we start.
            nowhere = os.open(os.devnull, os.O_RDWR)
            os.set_inheritable(nowhere, True)
            setattr(sys, name, os.fdopen(nowhere, mode))
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def data(text: str, tone: Tone = "plain") -> None:
    """Write what was asked for, and a newline, to stdout.

    Raises:
        OutputError: it cannot be written: the disk is full.
        BrokenPipeError: nobody reads it any more.
    """
    _write(sys.stdout, text, tone)


def document(text: str, file: Path | None = None) -> None:
    """Write a text and a newline to `file`, to stdout without one.

    Raises:
        OutputError: it cannot be written.
        BrokenPipeError: nobody reads it any more.
    """
    document_bytes(f"{_with_urls(text)}\n".encode(), file) if file else data(text)


def document_bytes(content: bytes, file: Path | None = None) -> None:
    """Write the contents of a file to `file`, to stdout without one, as they are.

    Raises:
        OutputError: it cannot be written.
        BrokenPipeError: nobody reads it any more.
    """
    try:
        if file is not None:
            file.write_bytes(content)
            return
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"{file or 'stdout'} cannot be written: {error.strerror}.") from error


def json_document(value: object, file: Path | None = None) -> None:
    """Write a value as one JSON document, indented for people, to `file`, to stdout without one."""
    import msgspec

    document(msgspec.json.format(msgspec.json.encode(value, enc_hook=str)).decode(), file)


def json_line(value: object) -> None:
    """Write a value as one line of JSON to stdout."""
    import msgspec

    data(msgspec.json.encode(value).decode())


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write rows to stdout, in columns as wide as their widest cell."""
    # A cell is one line, whatever a name or a message holds: otherwise it could pass for another row.
    cells = [tuple(sanitise(cell).replace("\n", " ").replace("\t", " ") for cell in row) for row in (heads, *rows)]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        padded = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
        data("  ".join(padded).rstrip())


def in_short(text: str, widest: int = _WIDEST_VALUE) -> str:
    """Return a value for a cell of a table: cut off, with a sign of that, if it is long."""
    if _width(text) <= widest:
        return text
    from rich.cells import set_cell_size

    return f"{set_cell_size(text, widest - 1)}…"


def _width(text: str) -> int:
    """Return how many cells of a terminal a text takes."""
    if text.isascii():
        return len(text)
    # Late: most tables have no wide letters.
    from rich.cells import cell_len

    return cell_len(text)


def local(moment: datetime) -> str:
    """Return a moment as the clock on the wall shows it here."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"


def say(text: str, tone: Tone = "plain") -> None:
    """Write a message for people, and a newline, to stderr; where that cannot be written, there is nobody to tell."""
    with suppress(OutputError):
        _write(sys.stderr, text, tone)


def report(error: FlowerPowerError) -> int:
    """Tell an error in at most five lines on stderr; return what to exit with."""
    mistake(str(error))
    return error.exit_code


def mistake(text: str) -> None:
    """Tell what is wrong with what was given, in at most five lines on stderr."""
    lines = text.splitlines()
    if len(lines) > _LONGEST_ERROR:
        rest = len(lines) - _LONGEST_ERROR + 1
        lines = [*lines[: _LONGEST_ERROR - 1], f"… and {rest} more lines; fp-tui check shows them all"]
    say("\n".join(lines), "error")


def columns(stream: Stream) -> int | None:
    """Return how wide the terminal is that one of our streams goes to; None where it goes elsewhere."""
    with suppress(OSError, ValueError):
        # Elsewhere there is no size; a terminal that does not know its own says 0.
        return os.get_terminal_size(getattr(sys, stream).fileno()).columns or None
    return None


def can_ask() -> bool:
    """Return whether there is somebody at a terminal."""
    return bool(sys.stdin and sys.stdin.isatty() and sys.stderr.isatty())


def confirmed(question: str) -> bool:
    """Ask a question that is answered by yes or no; anything but yes is no.

    Raises:
        OutputError: there is nobody to ask.
    """
    if not can_ask():
        raise OutputError("There is nobody to ask here.", hint="Say --yes if it is meant.")
    sys.stderr.write(f"{sanitise(question)} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def finish() -> None:
    """Write what is left in the streams' buffers.

    Raises:
        OutputError: stdout cannot be written.
        BrokenPipeError: nobody reads it any more.
    """
    _put(sys.stdout, "")


def nobody_reads() -> int:
    """Go quiet after a broken pipe, also when Python flushes at its end; return what to exit with."""
    _go_quiet(sys.stdout)
    _go_quiet(sys.stderr)
    return Exit.NOBODY_READS


def _go_quiet(stream: TextIO) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


class PipelineOutput:
    """Passes on what a pipeline writes, each stream to ours: to a terminal as safe lines, elsewhere byte for byte."""

    def __init__(self) -> None:
        self._streams: dict[Stream, _Passage] = {"stdout": _Passage(sys.stdout), "stderr": _Passage(sys.stderr)}

    def write(self, stream: Stream, written: bytes) -> None:
        """Pass on some bytes; to a terminal, a line goes when it is complete.

        Raises:
            BrokenPipeError: nobody reads it any more.
        """
        self._streams[stream].write(written)

    def end_lines(self) -> None:
        """Show what waits for the end of its line."""
        for passage in self._streams.values():
            passage.end_line()


class _Passage:
    """One stream of a pipeline's output on its way to one of ours."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._line = ""

    def write(self, written: bytes) -> None:
        if not self._stream.isatty():
            _put(self._stream, "")
            with _told(self._stream):
                self._stream.buffer.write(written)
                self._stream.buffer.flush()
            return
        # A control sequence or a character may come in two halves; within a line, none is cut.
        *lines, self._line = (self._line + self._decoder.decode(written)).split("\n")
        for line in lines:
            self._show(line)
        if len(self._line) > _LONGEST_LINE:
            self.end_line()

    def end_line(self) -> None:
        if self._line:
            self._show(self._line)
            self._line = ""

    def _show(self, line: str) -> None:
        shown = sanitise(line.removesuffix("\r"), colours=True)
        # Colours are the pipeline's to choose, to the end of its line.
        _put(self._stream, f"{shown}{_RESET}\n" if "\x1b" in shown else f"{shown}\n")


def _with_urls(text: str) -> str:
    """Name files of projects in storages by where people know them, not by where they are mirrored here."""
    if "/mirrors/" not in text:
        return text
    from flowerpower_tui.project.mirrors import with_urls

    return with_urls(text)


def _write(stream: TextIO, text: str, tone: Tone) -> None:
    text = _with_urls(text)
    if stream.isatty():
        text = sanitise(text)
        if (colour := _COLOURS[tone]) and _has_colours():
            text = f"{colour}{text}{_RESET}"
    _put(stream, text + "\n")


def _put(stream: TextIO, text: str) -> None:
    with _told(stream):
        if text:  # also of nothing, a full device says that there is no room
            stream.write(text)
        stream.flush()


@contextmanager
def _told(stream: TextIO) -> Iterator[None]:
    """Raise what keeps a stream from being written as an error of ours; nothing is written to it any more then."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        # What is in its buffer would be tried again at the end.
        _go_quiet(stream)
        raise OutputError(f"{stream.name.strip('<>')} cannot be written: {error.strerror}.") from error


def _has_colours() -> bool:
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") not in (None, "", "dumb")
