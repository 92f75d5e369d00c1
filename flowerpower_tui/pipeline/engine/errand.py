"""What a worker of a cluster does for a run: it runs some steps, and tells what they do, print and log meanwhile.

Such a worker may serve several runs, in several threads, and may stand on another machine.
"""

from __future__ import annotations

import io
import logging
import sys
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from logging.handlers import QueueHandler
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import msgspec

from flowerpower_tui.pipeline.engine.bench import Bench, failed
from flowerpower_tui.pipeline.engine.messages import (
    Answer,
    Failed,
    Logged,
    Message,
    Printed,
    Recipe,
    Request,
    packed,
    unpacked,
)
from flowerpower_tui.pipeline.failure import Failure

Post = Callable[[bytes], None]
"""Sends a pickle of the number of a message and of that and the next ones to the run; in order, and soon."""

KEPT = 3
"""Graphs that a worker keeps at hand: of the runs that it last worked for."""
PAUSE = 0.05
"""Seconds that something printed may wait for more."""


def run_errand(run: str, recipe: bytes, request: Request, post: Post) -> bytes:
    """Run steps in this process.

    Args:
        run: names the run.
        recipe: what its graph is built from, packed.
        request: what to do.
        post: where to tell what happens while it does.

    Returns:
        A pickle of all that was told, and of the answer or the failure.
    """
    diary = _Diary(post)
    with _noted(diary):
        try:
            bench, home = _benches.find(run, recipe)
        except BaseException as error:  # noqa: BLE001 - users' modules are imported in there
            diary.tell(failed("", 0.0, error, unpacked(recipe).root))
        else:
            bench.run(request, lambda message: diary.tell(home.as_there(message)))
    return diary.close()


class _Diary:
    """What happens in an errand, told at once, and once more at its end: who is told may have missed something."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._messages: list[Message] = []
        self._posted = 0
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()

    def tell(self, message: Message) -> None:
        """Tell it now. The last message is not posted: it is large, and the errand's own result."""
        with self._lock:
            self._messages.append(message)
            if not isinstance(message, Answer | Failed):
                self._send()

    def note(self, message: Message) -> None:
        """Tell it soon, together with what follows it."""
        with self._lock:
            last = self._messages[-1] if len(self._messages) > self._posted else None
            if isinstance(last, Printed) and isinstance(message, Printed) and last.is_error == message.is_error:
                self._messages[-1] = Printed(last.text + message.text, last.is_error)
            else:
                self._messages.append(message)
            if self._timer is None:
                self._timer = threading.Timer(PAUSE, self._send_late)
                self._timer.daemon = True
                self._timer.start()

    def close(self) -> bytes:
        """Return everything."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            return packed(self._messages)

    def _send_late(self) -> None:
        with self._lock:
            self._timer = None
            if not isinstance(self._messages[-1], Answer | Failed):
                self._send()

    def _send(self) -> None:
        data = packed((self._posted, self._messages[self._posted :]))
        self._posted = len(self._messages)
        self._post(data)


class _Benches:
    """The graphs that are at hand here, by run, and where their projects lie here."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[Bench, _Home]] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, run: str, recipe: bytes) -> tuple[Bench, _Home]:
        with self._lock:
            if run not in self._kept:
                home = _Home(unpacked(recipe))
                self._kept[run] = Bench(home.recipe), home
                while len(self._kept) > KEPT:
                    bench, home = self._kept.popitem(last=False)[1]
                    bench.close()
                    home.close()
            self._kept.move_to_end(run)
            return self._kept[run]


_benches = _Benches()


class _Home:
    """Where a project lies on this machine: in its own place, or what was imported of it in a folder of ours."""

    def __init__(self, recipe: Recipe) -> None:
        self._root = recipe.root
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        if not all(Path(file).is_file() for file in recipe.sources):
            recipe = self._unpack(recipe)
        self.recipe = recipe
        sys.path += [entry for entry in recipe.search_path if entry not in sys.path and Path(entry).exists()]

    def close(self) -> None:
        if self._folder is not None:
            self._folder.cleanup()

    def as_there(self, message: Message) -> Message:
        """The message, its failure with the files as the run knows them."""
        if self._folder is None or not isinstance(message, Failed):
            return message
        return replace(message, failure=self._moved(message.failure))

    def _unpack(self, recipe: Recipe) -> Recipe:
        self._folder = tempfile.TemporaryDirectory(prefix="flowerpower-", ignore_cleanup_errors=True)
        root = Path(self._folder.name).resolve() / recipe.root.name
        sources = {}
        for file, text in recipe.sources.items():
            place = root / Path(file).relative_to(recipe.root)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text)
            sources[str(place)] = text
        return replace(recipe, root=root, sources=sources)

    def _moved(self, failure: Failure) -> Failure:
        here, there = str(self.recipe.root), str(self._root)
        frames = tuple(
            msgspec.structs.replace(frame, file=there + frame.file.removeprefix(here))
            if frame.file.startswith(here)
            else frame
            for frame in failure.frames
        )
        cause = self._moved(failure.cause) if failure.cause is not None else None
        return msgspec.structs.replace(failure, frames=frames, cause=cause)


_diary: ContextVar[_Diary | None] = ContextVar("diary", default=None)
"""Of the errand that this thread runs."""


@contextmanager
def _noted(diary: _Diary) -> Iterator[None]:
    """Have what this thread prints and logs told, and written nowhere here."""
    if not isinstance(sys.stdout, _Stream):
        sys.stdout, sys.stderr = _Stream(sys.stdout, is_error=False), _Stream(sys.stderr, is_error=True)
    if not any(isinstance(handler, _Logs) for handler in logging.root.handlers):
        logging.root.addHandler(_Logs())
    token = _diary.set(diary)
    try:
        yield
    finally:
        _diary.reset(token)


class _Stream(io.TextIOBase):
    """Standard output or standard error of whoever writes."""

    def __init__(self, own: Any, *, is_error: bool) -> None:
        self._own = own
        self._is_error = is_error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._own, name)

    def write(self, text: str) -> int:
        diary = _diary.get()
        if diary is None:
            self._own.write(text)
        else:
            diary.note(Printed(str(text), self._is_error))
        return len(text)

    def flush(self) -> None:
        self._own.flush()

    def fileno(self) -> int:
        return int(self._own.fileno())

    def isatty(self) -> bool:
        return False

    def writable(self) -> bool:
        return True


class _Logs(QueueHandler):
    """Tells what is logged in an errand; what others log here goes where it went before."""

    def __init__(self) -> None:
        super().__init__(SimpleQueue())

    def emit(self, record: logging.LogRecord) -> None:
        if _diary.get() is not None:
            super().emit(record)
        elif len(logging.root.handlers) == 1 and logging.lastResort and record.levelno >= logging.lastResort.level:
            logging.lastResort.handle(record)

    def enqueue(self, record: logging.LogRecord) -> None:
        if (diary := _diary.get()) is not None:
            diary.note(Logged(record))
