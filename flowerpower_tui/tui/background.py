"""Work off the loop: a thread does it, a message tells what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING

from textual.message import Message

from flowerpower_tui.errors import FlowerPowerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowerpower_tui.tui.listener import Listener


@dataclass
class Troubled(Message):
    """Something that was asked for could not be done."""

    error: FlowerPowerError


def in_background(name: str, work: Callable[[], Message | None], listener: Listener) -> None:
    """Do `work` in a thread and post its answer to `listener`; `Troubled`, if it cannot be done.

    Threads are daemons: quitting never waits for them.
    """

    def run() -> None:
        try:
            answer = work()
        except FlowerPowerError as error:
            answer = Troubled(error)
        except OSError as error:
            answer = Troubled(FlowerPowerError(f"{error.filename or name}: {error.strerror or error}"))
        if answer is not None and listener.is_running:
            listener.post_message(answer)

    Thread(target=run, name=name, daemon=True).start()
