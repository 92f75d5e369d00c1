"""Bars and axes of time in cells: an eighth of a cell is the least that is drawn."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

EIGHTHS = 8
_LEFT = " ▏▎▍▌▋▊▉█"

# Seconds between two ticks, as people count time.
_STEPS = (
    *(base * 10.0**power for power in range(-6, 1) for base in (1, 2, 5)),
    *(10.0, 15.0, 30.0),
    *(60.0 * minutes for minutes in (1, 2, 5, 10, 15, 30)),
    *(3600.0 * hours for hours in (1, 2, 3, 6, 12)),
    *(86400.0 * days for days in (1, 2, 7, 14, 28)),
)


@dataclass(frozen=True)
class Window:
    """The stretch of time that is in sight: `width` cells from `start` on, each of `per_cell` seconds."""

    start: float
    per_cell: float
    width: int

    @property
    def end(self) -> float:
        """Where it ends, in seconds."""
        return self.start + self.per_cell * self.width

    def cell(self, seconds: float) -> float:
        """Return how many cells from the left a moment is."""
        return (seconds - self.start) / self.per_cell if self.per_cell else 0.0


def bar(spans: Iterable[tuple[float, float]], window: Window) -> Iterator[tuple[int, str, bool]]:
    """Yield where in a window there is something of the spans: a cell, its glyph, and whether it is drawn reversed.

    A span within one cell is an eighth at least. Glyphs fill a cell from the left; reversed, from the right.
    """
    covered: dict[int, tuple[int, int]] = {}
    last = window.width * EIGHTHS
    for start, end in spans:
        first = math.floor(window.cell(start) * EIGHTHS)
        stop = max(first + 1, round(window.cell(end) * EIGHTHS))
        first, stop = max(first, 0), min(stop, last)
        if first >= stop:
            continue
        for cell in range(first // EIGHTHS, (stop - 1) // EIGHTHS + 1):
            low, high = max(first - cell * EIGHTHS, 0), min(stop - cell * EIGHTHS, EIGHTHS)
            before = covered.get(cell, (low, high))
            covered[cell] = (min(low, before[0]), max(high, before[1]))
    for cell in sorted(covered):
        yield (cell, *_glyph(*covered[cell]))


def _glyph(low: int, high: int) -> tuple[str, bool]:
    if low == 0:
        return _LEFT[high], False
    if high == EIGHTHS:
        return _LEFT[low], True
    # In the middle of a cell nothing can be drawn: it goes to the side that is nearer.
    if low + high < EIGHTHS:
        return _LEFT[high - low], False
    return _LEFT[EIGHTHS - (high - low)], True


def ticks(window: Window, apart: int = 12) -> list[float]:
    """Return round moments in a window, in seconds, at least `apart` cells from one another."""
    least = window.per_cell * apart
    step = next((step for step in _STEPS if step >= least), None)
    if step is None:
        step = _STEPS[-1] * math.ceil(least / _STEPS[-1])
    first = math.ceil(window.start / step - 1e-9)
    count = math.floor((window.end - first * step) / step + 1e-9) + 1 if step else 0
    return [(first + number) * step for number in range(max(0, count))]


def tick_label(seconds: float, step: float) -> str:
    """Return a moment since the beginning as short as `step` between the ticks allows: `0`, `1.5s`, `2m30`, `1h05`."""
    if not seconds:
        return "0"
    if seconds < 1 and step < 1:
        return f"{_trimmed(seconds * 1000)}ms"
    if seconds < 60:
        return f"{_trimmed(seconds)}s"
    minutes, rest = divmod(round(seconds, 6), 60)
    if step < 1:
        return f"{int(minutes)}m{rest:06.3f}".rstrip("0").rstrip(".")
    hours, minutes = divmod(int(minutes), 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days}d{hours:02d}h" if hours else f"{days}d"
    if hours:
        return f"{hours}h{minutes:02d}"
    return f"{minutes}m{int(rest):02d}" if rest else f"{minutes}m"


def _trimmed(number: float) -> str:
    return f"{number:.3f}".rstrip("0").rstrip(".")


def joined(cells: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Put cells of the same style together."""
    for style, group in groupby(cells, key=lambda cell: cell[1]):
        yield "".join(text for text, _ in group), style
