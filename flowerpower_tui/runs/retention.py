"""How long runs are kept: the newest, so many and so large; and the removal of the others."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flowerpower_tui.errors import RunStoreError
from flowerpower_tui.runs.directory import RunDirectory

if TYPE_CHECKING:
    from flowerpower_tui.settings import Settings

RUNS_VARIABLE = "FP_TUI_KEEP_RUNS"
SIZE_VARIABLE = "FP_TUI_KEEP_SIZE"
RESULTS_VARIABLE = "FP_TUI_KEEP_RESULTS"

LEFTOVER_AGE = 60.0
"""Seconds after which a directory that a launcher has not finished is nobody's."""

_REMOVED = ".removed-"
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


@dataclass(frozen=True)
class Retention:
    """What is kept of the runs: the newest `runs`, as long as they take at most `size` bytes together.

    Of the results that runs keep for later ones, the newest `results` bytes.
    """

    runs: int = 1_000
    size: int = 5 * 10**9
    results: int = 2 * 10**9

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Retention:
        """Return the retention that `FP_TUI_KEEP_RUNS`, `_SIZE` and `_RESULTS` ask for; each has a default.

        Raises:
            RunStoreError: one of them is no number, or no size.
        """
        runs, size, results = map(environ.get, (RUNS_VARIABLE, SIZE_VARIABLE, RESULTS_VARIABLE))
        try:
            return cls(
                int(runs) if runs else cls.runs,
                parse_size(size) if size else cls.size,
                parse_size(results) if results else cls.results,
            )
        except ValueError as error:
            raise RunStoreError(
                f"{RUNS_VARIABLE}, {SIZE_VARIABLE} or {RESULTS_VARIABLE} cannot be used: {error}.",
                hint="Try 1000, 5GB and 2GB.",
            ) from None


def kept(settings: Settings) -> dict[str, str]:
    """Return the variables that tell a supervisor, which reads no YAML, what the user's settings want kept."""
    return {
        RUNS_VARIABLE: str(settings.keep_runs),
        SIZE_VARIABLE: settings.keep_size,
        RESULTS_VARIABLE: settings.keep_results,
    }


def parse_size(text: str) -> int:
    """Return the bytes that a text such as `500MB`, `2 G` or `1000` means.

    Raises:
        ValueError: it means none.
    """
    number, unit = text.strip().upper().removesuffix("B").rstrip(), ""
    if number[-1:] in _UNITS:
        number, unit = number[:-1].rstrip(), number[-1:]
    if not number.replace(".", "", 1).isdigit():
        raise ValueError(f"'{text}' is no size")
    return int(float(number) * _UNITS[unit])


def size_of(run: RunDirectory) -> int:
    """Return the bytes that the files of a run hold."""
    total = 0
    with suppress(OSError):
        for entry in os.scandir(run.path):
            with suppress(OSError):
                total += entry.stat(follow_symlinks=False).st_size
    return total


def surplus(runs: Iterable[RunDirectory], retention: Retention) -> Iterator[RunDirectory]:
    """Yield those of the runs, which come newest first, that are not kept.

    The newest is not too large, whatever its size. Those that go on count, and are left alone.
    """
    total = 0
    for count, run in enumerate(runs):
        total += size_of(run)
        is_surplus = count >= retention.runs or (count and total > retention.size)
        if is_surplus and not run.is_locked:
            yield run


def remove(run: RunDirectory) -> bool:
    """Remove a run that nobody owns; return whether it was there, and nobody's.

    Raises:
        RunStoreError: it cannot be removed.
    """
    # A run is locked before it can be seen, and once free it is never locked again.
    if run.is_locked:
        return False
    hidden = run.path.with_name(f"{_REMOVED}{run.id}")
    try:
        # At once and as a whole: nobody finds half of a run.
        run.path.rename(hidden)
        shutil.rmtree(hidden)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise RunStoreError(f"Run {run.id} cannot be removed: {error.strerror}.") from error
    return True


def leftovers(runs: Path) -> Iterator[Path]:
    """Yield what launchers and removals that were killed have left in the folder of all runs."""
    for entry in os.scandir(runs):
        if not entry.name.startswith(".") or not entry.is_dir(follow_symlinks=False):
            continue
        path = Path(entry.path)
        with suppress(OSError):
            is_old = time.time() - entry.stat().st_mtime > LEFTOVER_AGE
            if entry.name.startswith(_REMOVED) or (is_old and not RunDirectory(path).is_locked):
                yield path


def sweep(runs: Path) -> int:
    """Remove the leftovers in the folder of all runs; return how many there were."""
    found = list(leftovers(runs))
    for path in found:
        shutil.rmtree(path, ignore_errors=True)
    return len(found)


def newest_first(runs: Path) -> list[RunDirectory]:
    """Return the runs in the folder of all runs, by what their ids tell."""
    # What a launcher still prepares has a name that begins with a dot.
    with os.scandir(runs) as entries:
        names = [entry.name for entry in entries if entry.is_dir() and not entry.name.startswith(".")]
    return [RunDirectory(runs / name) for name in sorted(names, key=_age, reverse=True)]


def _age(name: str) -> tuple[str, str]:
    """The time of a run as its id tells it: the second, then the fraction behind the pipeline's name."""
    return name[:15], name[-4:]


def sweep_results(results: Path, most: int) -> int:
    """Remove kept results, the oldest first, until they take at most `most` bytes; return how many went.

    A run that is about to use one computes it.
    """
    found: list[tuple[float, int, str]] = []
    for folder, _, names in os.walk(results):
        for name in names:
            path = f"{folder}/{name}"
            with suppress(OSError):
                status = os.stat(path, follow_symlinks=False)  # noqa: PTH116 - many
                found.append((status.st_mtime, status.st_size, path))
    total, gone = sum(size for _, size, _ in found), 0
    for _, size, path in sorted(found):
        if total <= most:
            break
        with suppress(OSError):
            os.unlink(path)  # noqa: PTH108 - many
            total -= size
            gone += 1
    return gone


def keep_within(retention: Retention, runs: Path) -> None:
    """Remove from the folder of all runs what is not kept, and sweep it.

    Raises:
        OSError: it cannot be read.
        RunStoreError: a run cannot be removed.
    """
    for run in surplus(newest_first(runs), retention):
        remove(run)
    sweep(runs)
    sweep_results(runs.parent / "results", retention.results)
