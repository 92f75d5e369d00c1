"""Layouts off the loop: small graphs are laid out at once, large ones in a process of its own, the latest only."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock, Thread
from typing import TYPE_CHECKING

import msgspec
from textual.message import Message

from flowerpower_tui.graph.draft import Draft
from flowerpower_tui.graph.shapes import Layout

if TYPE_CHECKING:
    from textual.message_pump import MessagePump

    from flowerpower_tui.graph.model import Graph

# Nodes and edges of a graph that is laid out well, or at least quickly, before anyone notices.
WELL = 64
AT_ONCE = 160
NICENESS = 5
# A process, because a thread would share the interpreter with the interface; and it can be ended.
_COMMAND = (sys.executable, "-P", "-m", "flowerpower_tui.graph.draft")


def is_quick(graph: Graph) -> bool:
    """Whether a graph is laid out so quickly that nobody has to wait for it elsewhere."""
    return len(graph.nodes) + len(graph.edges) <= AT_ONCE


@dataclass
class Drafted(Message):
    """A draft is laid out.

    Attributes:
        draft: what was asked for.
        layout: None if lanes read better.
        failed: why there is none, if there should be one.
    """

    draft: Draft
    layout: Layout | None
    failed: str = ""


class Drafting:
    """Lays out one draft at a time, and posts `Drafted`; who asks again is no longer told of what was asked before."""

    def __init__(self, listener: MessagePump) -> None:
        self._listener = listener
        self._lock = Lock()
        self._wanted: Draft | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def wanted(self) -> Draft | None:
        """What is being laid out."""
        return self._wanted

    def ask(self, draft: Draft) -> None:
        """Lay this out, and nothing that was asked for before."""
        with self._lock:
            self._end()
            self._wanted = draft
        Thread(target=self._work, args=(draft,), name="draft", daemon=True).start()

    def drop(self) -> None:
        """Nothing is wanted any more."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        self._wanted = None
        if self._process is not None:
            self._process.kill()
            self._process = None

    def _work(self, draft: Draft) -> None:
        asked = msgspec.msgpack.encode(draft)
        with self._lock:
            if self._wanted is not draft:
                return
            try:
                process = subprocess.Popen(
                    _COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
                )
            except OSError as error:
                self._wanted = None
                self._listener.post_message(Drafted(draft, None, error.strerror or str(error)))
                return
            # Behind a run that begins at the same moment.
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)
            self._process = process
        out, err = process.communicate(asked)
        answer = self._answer(draft, process.returncode, out, err)
        with self._lock:
            if self._wanted is draft:
                self._wanted = self._process = None
                if self._listener.is_running:
                    self._listener.post_message(answer)

    def _answer(self, draft: Draft, code: int, out: bytes, err: bytes) -> Drafted:
        if code:
            last = err.decode(errors="replace").strip().rpartition("\n")[2]
            return Drafted(draft, None, last or f"the process ended with {code}")
        return Drafted(draft, msgspec.msgpack.decode(out, type=Layout | None))
