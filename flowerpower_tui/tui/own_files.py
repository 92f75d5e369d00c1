"""The user's own files: settings, keymap, themes. They are looked at again and again, so that a save counts at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from flowerpower_tui.settings import FILE, Settings, flat

if TYPE_CHECKING:
    from flowerpower_tui.runs.surroundings import Changes, Held
    from flowerpower_tui.runs.watching import Watcher

KEYMAP = "keymap.yml"
THEMES = "themes"
SETTLED = (
    "charset",
    "colours",
    "frame_rate",
    "hints",
    "link",
    "meter",
    "pause_when_unfocused",
    "reduced_motion",
)
"""What is settled when the interface is opened."""


class OwnFiles:
    """The files in the configuration folder, which need not be there; a `Source`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def look(self, touched: Collection[str] = ()) -> Held:  # noqa: ARG002 - they are few, and all are read
        """See `Source`."""
        import hashlib  # late: not before the first paint

        found = {}
        for path in self._files():
            with suppress(OSError):
                found[str(path)] = hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
        return {path: ("project", holds) for path, holds in found.items()}

    def folders(self) -> frozenset[str]:
        """None: a look every second is cheap, and sees also what comes into folders that were not there."""
        return frozenset()

    def follow(self, files: Iterable[str]) -> None:
        """There are no others."""

    def _files(self) -> Iterator[Path]:
        yield self._folder / FILE
        yield self._folder / KEYMAP
        with suppress(OSError):
            yield from sorted(path for path in (self._folder / THEMES).iterdir() if path.suffix in (".yml", ".yaml"))


def watch_own_files(folder: Path, tell: Callable[[Changes], object]) -> Watcher:
    """Return what tells of changes in the configuration folder, from a thread of its own, until it is closed."""
    # Late: the first screen does not wait for it.
    from flowerpower_tui.runs.watching import Watcher

    watcher = Watcher(folder, OwnFiles(folder), tell, "poll")
    watcher.start()
    return watcher


def from_the_next_start(before: Settings, now: Settings) -> tuple[str, ...]:
    """Return the settings that have changed and count only once the interface is opened anew."""
    old, new = flat(before), flat(now)
    return tuple(name for name in SETTLED if old[name] != new[name])
