"""Writing a log, or what is left of it by a filter, to a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from flowerpower_tui.errors import OutputError
from flowerpower_tui.runs.lines import LogLine, prefix
from flowerpower_tui.terminal import sanitise

_ROWS_AT_ONCE = 1_000


def export_log(rows: Sequence[LogLine], path: Path, stop: Callable[[], bool] = lambda: False) -> int:
    """Write `rows` as plain text, each with its local time, level or stream, and node; return how many.

    Raises:
        OutputError: there is already such a file, or it cannot be written.
    """
    count = len(rows)
    try:
        with path.open("x", encoding="utf-8") as file:
            for first in range(0, count, _ROWS_AT_ONCE):
                if stop():
                    break
                file.writelines(map(_written, rows[first : min(first + _ROWS_AT_ONCE, count)]))
    except FileExistsError as error:
        raise OutputError(f"There is already {path}.", hint="Give another name.") from error
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}.") from error
    return count


def _written(line: LogLine) -> str:
    time = line.time.astimezone().isoformat(" ", "milliseconds")
    return f"{time}  {line.level or line.source:<8}  {prefix(line)}{sanitise(line.text)}\n"
