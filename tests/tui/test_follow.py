"""Following a run: an interface that is behind is told less often, and misses nothing."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from textual.message import Message

from flowerpower_tui.runs.directory import RunDirectory
from flowerpower_tui.runs.events import OutputWritten
from flowerpower_tui.runs.journal import JournalReader
from flowerpower_tui.tui import follow
from flowerpower_tui.tui.follow import RunAdvanced, RunFollower

SCRIPT = """
    import time
    for number in range(20):
        print(number, flush=True)
        time.sleep(0.05)
"""


class Listening:
    """Hears what is told; takes it at once, or never."""

    is_running = True

    def __init__(self, takes: bool) -> None:
        self.takes = takes
        self.heard: list[RunAdvanced] = []

    def post_message(self, message: Message) -> bool:
        if isinstance(message, RunAdvanced):
            self.heard.append(message)
            if self.takes:
                message.taken.set()
        return True


@pytest.mark.parametrize("takes", [True, False])
def test_who_is_behind_is_told_all_the_rest_at_once(
    start_script: Callable[[str], RunDirectory], monkeypatch: pytest.MonkeyPatch, takes: bool
) -> None:
    monkeypatch.setattr(follow, "_PATIENCE", 3600.0)
    listening = Listening(takes)
    run = start_script(SCRIPT)
    follower = RunFollower(run, listening)
    deadline = time.monotonic() + 60
    while not (listening.heard and listening.heard[-1].over):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    follower.stop()

    told = [event for message in listening.heard for event in message.events]
    assert told == [event for event in JournalReader(run.path).read() if not isinstance(event, OutputWritten)]
    if not takes:
        # The first, and the end with all between.
        assert len(listening.heard) <= 2


def test_who_does_not_say_that_it_was_told_is_told_again(
    start_script: Callable[[str], RunDirectory], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "_PATIENCE", 0.2)
    listening = Listening(takes=False)
    follower = RunFollower(start_script(SCRIPT), listening)
    deadline = time.monotonic() + 60
    while len(listening.heard) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    follower.stop()
