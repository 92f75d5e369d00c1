"""A value told in a few lines: type, shape, columns, nulls, first rows. Bounded, so that events stay small.

It looks at values without importing their libraries, calls no method of users' classes and computes nothing lazy.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
import fractions
import math
import sys
import types
import uuid
from collections.abc import Callable, Iterable, Mapping
from itertools import islice, repeat
from pathlib import PosixPath, PurePosixPath, PureWindowsPath, WindowsPath
from typing import Any

import msgspec

PREVIEW_LIMIT = 600
COLUMNS_LIMIT = 50
NAME_LIMIT = 100
CELL_LIMIT = 24
ROWS = 5
ITEMS = 8
DEPTH = 3
LONGEST_INT = 256
COUNTED_CELLS = 10_000
"""Missing values are counted in tables and arrays of at most so many cells, where the library keeps no count."""


class Column(msgspec.Struct, frozen=True, omit_defaults=True):
    """A column of a table-like value."""

    name: str
    dtype: str
    nulls: int = 0


class ValueSummary(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a node's value looks like.

    Attributes:
        type: the value's type, e.g. `pandas.DataFrame`.
        shape: rows and columns, or the length; empty if it has none.
        columns: of a table, the first of them.
        nulls: missing values in the whole, None if that was not counted.
        preview: the first rows or a short repr, at most `PREVIEW_LIMIT` characters.
    """

    type: str
    shape: tuple[int, ...] = ()
    columns: tuple[Column, ...] = ()
    nulls: int | None = None
    preview: str = ""


def summarise(value: Any) -> ValueSummary:
    """Tell a value in a few lines. Never raises; takes well under a millisecond for usual values."""
    if type(value) in _NUMBERS:
        return ValueSummary(type(value).__name__, preview=_short(value))
    kind = _type_name(type(value))
    try:
        of_library = _LIBRARIES.get(kind)
        return of_library(kind, value) if of_library else _plain(kind, value)
    except Exception:  # noqa: BLE001 - a value may do anything when it is looked at, and that must not fail the run
        return ValueSummary(kind)


def _type_name(kind: type) -> str:
    """The type's name where users import it from: `pandas.DataFrame`, not `pandas.core.frame.DataFrame`."""
    module, name = kind.__module__, kind.__qualname__
    if module == "builtins":
        return name
    top = str(module).partition(".")[0]
    if top in sys.modules and vars(sys.modules[top]).get(name) is kind:
        module = top
    return _bounded(f"{module}.{name}", NAME_LIMIT)


def _bounded(text: str, limit: int) -> str:
    text = text if len(text) <= limit else text[: limit - 1] + "…"
    # Lone surrogates, from names of files that are no UTF-8, cannot be stored.
    return text.encode("utf-8", "replace").decode("utf-8")


# Tables and arrays, by duck typing: only what the library keeps ready or computes from a few rows.


def _pandas_frame(kind: str, value: Any) -> ValueSummary:
    shown = value if value.shape[1] <= COLUMNS_LIMIT else value.iloc[:, :COLUMNS_LIMIT]
    counts = shown.isna().to_numpy().sum(axis=0).tolist() if shown.size <= COUNTED_CELLS else None
    rows = shown.iloc[:ROWS, :ITEMS].itertuples(index=False, name=None)
    return _table(kind, value.shape, shown.columns, shown.dtypes, counts, rows)


def _polars_frame(kind: str, value: Any) -> ValueSummary:
    shown = value.select(value.columns[:COLUMNS_LIMIT])
    counts = [column.null_count() for column in shown.get_columns()]
    return _table(kind, value.shape, shown.columns, shown.dtypes, counts, shown.head(ROWS).iter_rows())


def _arrow_table(kind: str, value: Any) -> ValueSummary:
    shown = value.select(list(range(min(value.num_columns, COLUMNS_LIMIT))))
    counts = [column.null_count for column in shown.columns]
    rows = zip(*(column.slice(0, ROWS).to_pylist() for column in shown.columns), strict=True)
    return _table(kind, value.shape, shown.schema.names, shown.schema.types, counts, rows)


def _table(
    kind: str,
    shape: tuple[int, int],
    names: Iterable[Any],
    dtypes: Iterable[Any],
    counts: list[int] | None,
    rows: Iterable[tuple[Any, ...]],
) -> ValueSummary:
    columns = tuple(
        Column(
            _bounded(name if type(name) is str else _short(name), NAME_LIMIT), _bounded(str(dtype), NAME_LIMIT), nulls
        )
        for name, dtype, nulls in zip(names, dtypes, counts or repeat(0), strict=False)
    )
    whole = counts is not None and shape[1] <= COLUMNS_LIMIT
    return ValueSummary(kind, shape, columns, sum(counts or ()) if whole else None, _aligned(rows))


def _aligned(rows: Iterable[tuple[Any, ...]]) -> str:
    cells = [[_cell(value) for value in row[:ITEMS]] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in cells]
    while sum(map(len, lines)) + len(lines) > PREVIEW_LIMIT:
        lines.pop()
    return "\n".join(lines)


def _cell(value: Any) -> str:
    text = value[: CELL_LIMIT + 1] if type(value) is str else _short(value)
    return _bounded(" ".join(text.split()), CELL_LIMIT)


def _pandas_values(kind: str, value: Any) -> ValueSummary:
    nulls = int(value.isna().sum()) if value.size <= COUNTED_CELLS else None
    return _series(kind, value.shape, value.dtype, value[:ITEMS].tolist(), nulls)


def _polars_series(kind: str, value: Any) -> ValueSummary:
    return _series(kind, value.shape, value.dtype, value.head(ITEMS).to_list(), value.null_count())


def _arrow_array(kind: str, value: Any) -> ValueSummary:
    return _series(kind, (len(value),), value.type, value.slice(0, ITEMS).to_pylist(), value.null_count)


def _array(kind: str, value: Any) -> ValueSummary:
    countable = value.dtype.kind in "fc" and value.size <= COUNTED_CELLS
    nulls = int((value != value).sum()) if countable else None  # NaN is what does not equal itself
    return _series(kind, value.shape, value.dtype, value.flat[:ITEMS].tolist(), nulls)


def _series(kind: str, shape: tuple[int, ...], dtype: Any, first: list[Any], nulls: int | None) -> ValueSummary:
    more = ", …" if math.prod(shape) > len(first) else ""
    preview = f"{_bounded(str(dtype), NAME_LIMIT)}: {', '.join(_short(item, depth=1) for item in first)}{more}"
    return ValueSummary(kind, tuple(shape), (), nulls, _bounded(preview, PREVIEW_LIMIT))


_LIBRARIES: Mapping[str, Callable[[str, Any], ValueSummary]] = {
    "pandas.DataFrame": _pandas_frame,
    "pandas.Series": _pandas_values,
    "pandas.Index": _pandas_values,
    "pandas.RangeIndex": _pandas_values,
    "pandas.DatetimeIndex": _pandas_values,
    "polars.DataFrame": _polars_frame,
    "polars.Series": _polars_series,
    "pyarrow.Table": _arrow_table,
    "pyarrow.ChunkedArray": _arrow_array,
    "numpy.ndarray": _array,
}


# Plain values. Built-in containers are asked through their own type, so that no method of a user's subclass runs.


def _plain(kind: str, value: Any) -> ValueSummary:
    base = _sized_base(value)
    shape = (base.__len__(value),) if base is not None else ()
    return ValueSummary(kind, shape, preview=_bounded(_short(value), PREVIEW_LIMIT))


def _sized_base(value: Any) -> Any:
    return next((base for base in _SIZED if isinstance(value, base)), None)


def _short(value: Any, depth: int = 0) -> str:
    """A short repr; what has none that is known to be short and free of side effects is told by its type."""
    kind = type(value)
    if kind is float:
        return f"{value:.6g}"
    if kind is int:
        return repr(value) if value.bit_length() <= LONGEST_INT else f"<int of {value.bit_length()} bits>"
    if kind in _SCALARS:
        return str(value)
    if isinstance(value, enum.Enum):
        return f"{kind.__name__}.{value._name_}"
    base = _sized_base(value)
    if base in (str, bytes, bytearray):
        return repr(base.__getitem__(value, slice(NAME_LIMIT if depth else PREVIEW_LIMIT)))
    if depth == DEPTH and (base is not None or dataclasses.is_dataclass(kind)):
        return "…"
    if base is not None:
        return _items(base, value, depth + 1)
    if dataclasses.is_dataclass(kind):
        return f"{kind.__name__}({', '.join(_fields(value, depth + 1))})"
    if isinstance(value, type | types.FunctionType | types.BuiltinFunctionType):
        return f"{value.__module__}.{value.__qualname__}"
    return _of_library(value)


def _of_library(value: Any) -> str:
    kind = type(value)
    name = _type_name(kind)
    if name in _LIBRARIES:
        return f"<{name} {'×'.join(map(str, value.shape))}>"
    if kind.__module__.startswith("pandas") and kind.__name__ in _PANDAS_SCALARS:
        return str(value)
    if any(base.__module__ == "numpy" and base.__name__ in ("number", "bool") for base in kind.__mro__):
        return str(value)
    return f"<{name}>"


def _items(base: Any, value: Any, depth: int) -> str:
    opening, closing = _BRACKETS[base]
    items = islice(dict.items(value) if base is dict else base.__iter__(value), ITEMS)
    if base is dict:
        told = [f"{_short(key, depth)}: {_short(item, depth)}" for key, item in items]
    else:
        told = [_short(item, depth) for item in items]
    return f"{opening}{', '.join(told)}{', …' * (base.__len__(value) > len(told))}{closing}"


def _fields(value: Any, depth: int) -> Iterable[str]:
    known = getattr(value, "__dict__", {})
    names = [field.name for field in dataclasses.fields(value) if field.name in known]
    yield from (f"{name}={_short(known[name], depth)}" for name in names[:ITEMS])
    if len(names) > ITEMS:
        yield "…"


_BRACKETS: Mapping[type, tuple[str, str]] = {
    dict: ("{", "}"),
    list: ("[", "]"),
    tuple: ("(", ")"),
    set: ("{", "}"),
    frozenset: ("{", "}"),
}
_PANDAS_SCALARS = frozenset({"Timestamp", "Timedelta", "Period", "NaTType", "NAType"})
_SIZED: tuple[Any, ...] = (str, bytes, bytearray, *_BRACKETS)
_NUMBERS = frozenset({int, float, bool})
_SCALARS = frozenset(
    {bool, complex, type(None), range, dt.date, dt.time, dt.datetime, dt.timedelta, dt.timezone, uuid.UUID}
    | {decimal.Decimal, fractions.Fraction, PosixPath, WindowsPath, PurePosixPath, PureWindowsPath}
)
