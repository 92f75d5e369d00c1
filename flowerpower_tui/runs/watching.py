"""Watching a project: what changed is told once it has settled, by its contents; never touched files, never halves."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from flowerpower_tui.runs.surroundings import Changes, Held, Source, difference

Mode = Literal["events", "poll", "off"]
"""`events`: the system tells of changes; `poll`: they are looked for, as where other machines write the files too."""
Watching = Literal["auto", "events", "poll", "off"]
"""What a user wants of it."""

SETTLED = 0.025
"""Seconds for which everything must stay the same before it is told."""
SETTLED_MANY = 0.15
"""The same, once more than `MANY` files have changed: a checkout goes on for a while."""
MANY = 3
LONGEST = 5.0
"""Seconds after which changes are told even if there is no end of them."""
INTERVAL = 1.0
"""Seconds between two looks while there are no events."""
INTERVAL_AT_REST = 5.0
"""The same when nothing has changed for long, where the system tells of changes."""
STEP = 8
"""Milliseconds between two questions to the system while somebody is at work: 120 a second, 0.8 % of a processor."""
STEP_AT_REST = 200
"""The same when nothing has changed for long: 0.04 % of a processor."""
AT_WORK = 600.0
"""Seconds after a change within which another one is likely."""
_FAR = ("nfs", "cifs", "smb", "fuse.sshfs", "9p", "vboxsf", "afs", "ceph", "glusterfs", "lustre", "drvfs")


def mode_of(root: Path, wanted: Watching) -> Mode:
    """Return how a project is watched: as it is wanted, or else by events where all who write to it give them."""
    if wanted == "auto":
        return "poll" if _is_far(root) else "events"
    return wanted


class Watcher:
    """Tells changes of a project from a thread of its own, from `start` to `close`.

    Args:
        root: the project's folder.
        source: where its files are looked at.
        tell: is handed what changed, each time that something did.
        mode: how it is watched; where there are no events, it is looked at again and again.
        interval: seconds between two such looks; `INTERVAL` by default.
        foresee: is handed what seems to change, while it may not have settled, and nothing when it turns out to be
            something else. What is told is what was foreseen last, if anything was.
        since: what the files held for a watcher before this one; what is different by now is told first.
    """

    def __init__(
        self,
        root: Path,
        source: Source,
        tell: Callable[[Changes], object],
        mode: Mode,
        interval: float | None = None,
        foresee: Callable[[Changes], object] = lambda _: None,
        since: Held | None = None,
    ) -> None:
        self._root = root
        self._source = source
        self._tell = tell
        self._foresee = foresee
        self._mode = mode
        self._interval = INTERVAL if interval is None else interval
        self._stop = threading.Event()
        self._changed = -AT_WORK
        # Whoever looks compares with what was told last, and tells.
        self._lock = threading.Lock()
        self._held: Held = source.look() if since is None else since
        self._thread = threading.Thread(target=self._watch, name="watch", daemon=True)

    def start(self) -> None:
        """Begin. What has changed since this was made is told first."""
        if self._mode != "off":
            self._thread.start()

    def look_now(self, touched: Collection[str] = ()) -> None:
        """Look, and tell what changed: somebody knows that it is written already. Blocks."""
        with self._lock:
            now = self._source.look(touched)
            changes, self._held = difference(self._held, now), now
            if changes and not self._stop.is_set():
                self._changed = time.monotonic()
                self._foresee(Changes())
                self._tell(changes)

    def follow(self, files: Collection[str]) -> None:
        """Look at these files too from now on; that they are there is no change."""
        with self._lock:
            self._source.follow(files)
            new = [path for path in files if path not in self._held]
            if new:
                now = self._source.look()
                self._held = {**self._held, **{path: now[path] for path in new if path in now}}

    @property
    def held(self) -> Held:
        """What the files held when it was told last."""
        return self._held

    def close(self) -> None:
        """End; nothing is told any more when this returns."""
        self._stop.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _watch(self) -> None:
        while not self._stop.is_set():
            folders = self._source.folders()
            for touched in self._wakings(folders):
                with self._lock:
                    changes = self._settled(touched)
                    if changes and not self._stop.is_set():
                        self._changed = time.monotonic()
                        self._tell(changes)
                if self._stop.is_set() or self._source.folders() != folders:
                    break

    def _wakings(self, folders: frozenset[str]) -> Iterator[frozenset[str]]:
        """Yield each time that a look is worth it, with the paths that are known to have been written."""
        if self._mode == "events" and folders:
            try:
                yield from self._events(folders)
            except OSError:  # it has no watches left
                self._mode = "poll"
        while not self._stop.is_set():
            yield frozenset()
            self._stop.wait(self._interval)

    def _events(self, folders: frozenset[str]) -> Iterator[frozenset[str]]:
        # Late: where nothing is watched, nothing is loaded.
        from watchfiles import watch

        there = [folder for folder in sorted(folders) if Path(folder).is_dir()]
        while not self._stop.is_set():
            step = self._step
            for events in watch(
                *there,
                watch_filter=None,
                step=step,
                debounce=step,
                # What was written before the system listened, or got lost, is found a little later.
                rust_timeout=int(INTERVAL * 1000) if step == STEP else int(INTERVAL_AT_REST * 1000),
                yield_on_timeout=True,
                stop_event=self._stop,
                recursive=False,
                raise_interrupt=False,
            ):
                yield frozenset(path for _, path in events)
                if step != self._step:
                    break
            # What was written while nobody listened.
            yield frozenset()

    @property
    def _step(self) -> int:
        return STEP if time.monotonic() - self._changed < AT_WORK else STEP_AT_REST

    def _settled(self, touched: frozenset[str]) -> Changes:
        """Wait until two looks see the same; return what is different from what was told last."""
        now = self._source.look(touched)
        foreseen = self._held
        waited = 0.0
        while (changes := difference(self._held, now)) and waited < LONGEST:
            if now != foreseen and len(changes.paths) <= MANY and not self._is_checking_out():
                self._foresee(changes)
                foreseen = now
            pause = SETTLED_MANY if len(changes.paths) > MANY else SETTLED
            if self._stop.wait(pause):
                return Changes()
            waited += pause
            before, now = now, self._source.look(changes.paths)
            if now == before and not self._is_checking_out():
                break
        if foreseen != now:
            self._foresee(Changes())
        self._held = now
        return changes

    def _is_checking_out(self) -> bool:
        """Whether git is at work on the project's files."""
        return any((folder / ".git" / "index.lock").exists() for folder in (self._root, *self._root.parents))


def _is_far(root: Path) -> bool:
    """Whether other machines may write to a folder, of which the system here is told nothing."""
    try:
        lines = Path("/proc/self/mounts").read_text(errors="replace").splitlines()
    except OSError:
        return False
    place, kind = "", ""
    here = os.path.realpath(root)
    for line in lines:
        _, mount, system, *_ = line.split(" ")
        if len(mount) >= len(place) and (here == mount or here.startswith(mount.rstrip("/") + "/")):
            place, kind = mount, system
    return kind.startswith(_FAR)
