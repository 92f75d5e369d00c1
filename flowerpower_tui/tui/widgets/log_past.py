"""A log as it was at a moment: its rows up to there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

from typing_extensions import override

if TYPE_CHECKING:
    from flowerpower_tui.runs.lines import LogLine


class LogPast(Sequence["LogLine"]):
    """The first `count` of some rows; nothing of them is kept here."""

    def __init__(self, rows: Sequence[LogLine], count: int) -> None:
        self._rows = rows
        self._count = min(count, len(rows))

    @override
    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> LogLine: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[LogLine]: ...
    @override
    def __getitem__(self, index: int | slice) -> LogLine | Sequence[LogLine]:
        if isinstance(index, slice):
            first, last, step = index.indices(self._count)
            return self._rows[first:last:step]
        return self._rows[range(self._count)[index]]
