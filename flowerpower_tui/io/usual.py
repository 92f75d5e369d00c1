"""What pandas' readers and writers are told where the YAML says nothing: what pandas does for who calls it by hand.

Hamilton's have defaults of their own: types that may be missing everywhere, and arguments that pandas gives up.
"""

from __future__ import annotations

from typing import Any


def usual_for_loading(format_: str) -> dict[str, Any]:
    """Return what the reader of a format is told."""
    from pandas.api.extensions import no_default

    usual: dict[str, Any] = {"dtype_backend": no_default}
    match format_:
        case "json":
            return usual | {"convert_dates": None, "keep_default_dates": None}
        case "parquet":
            return usual | {"engine": "pyarrow"}
    return usual


def usual_for_saving(format_: str, value: Any) -> dict[str, Any]:
    """Return what the writer of a format is told for a value."""
    match format_:
        case "csv" | "excel" | "sql":
            # Numbers that only count the rows would come back as a column.
            return {"index": not _only_counts(value)}
        case "json":
            return {"date_format": "iso", "force_ascii": False}
        case "parquet":
            return {"engine": "pyarrow"}
    return {}


def _only_counts(value: Any) -> bool:
    """Whether a frame's index is no more than the numbers of its rows."""
    import pandas as pd

    index = getattr(value, "index", None)
    return isinstance(index, pd.RangeIndex) and index.name is None and (index.start, index.step) == (0, 1)
