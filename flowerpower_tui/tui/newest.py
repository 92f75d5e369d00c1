"""Work off the loop of which only the newest counts: while somebody types, nobody waits for what is outdated."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Condition, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.message import Message

    from flowerpower_tui.tui.listener import Listener

Work = Callable[[], "Message | None"]


class Newest:
    """One thread that does what it is asked for; of each kind of work, only what was asked for last.

    The thread is a daemon, starts with the first work, and ends with `stop`.
    """

    def __init__(self, name: str, listener: Listener) -> None:
        self._name = name
        self._listener = listener
        self._changed = Condition()
        # By kind: when to begin, in the monotonic clock's seconds, and with what.
        self._waiting: dict[str, tuple[float, Work]] = {}
        self._thread: Thread | None = None
        self._stopped = False

    def ask(self, kind: str, work: Work, *, rest: float = 0.0) -> None:
        """Do `work` in `rest` seconds, unless other work of its kind is asked for before; post what it returns."""
        with self._changed:
            self._waiting[kind] = (time.monotonic() + rest, work)
            if self._thread is None and not self._stopped:
                self._thread = Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            self._changed.notify()

    def stop(self) -> None:
        """Begin nothing any more."""
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def _run(self) -> None:
        while (work := self._next()) is not None:
            answer = work()
            if answer is not None and self._listener.is_running:
                self._listener.post_message(answer)

    def _next(self) -> Work | None:
        with self._changed:
            while not self._stopped:
                kind, (due, work) = min(self._waiting.items(), key=lambda item: item[1][0], default=("", (0.0, None)))
                left = due - time.monotonic()
                if work is None:
                    self._changed.wait()
                elif left > 0:
                    self._changed.wait(left)
                else:
                    del self._waiting[kind]
                    return work
        return None
