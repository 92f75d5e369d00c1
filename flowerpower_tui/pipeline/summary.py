"""A value told in a few lines: type, shape, columns, nulls, first rows. Bounded, so that events stay small.

It looks at values without importing their libraries, calls no method of users' classes and computes nothing lazy.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
import fractions
import sys
import types
import uuid
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from pathlib import PurePath
from typing import Any

import msgspec

PREVIEW_LIMIT = 600
COLUMNS_LIMIT = 50
NAME_LIMIT = 100
CELL_LIMIT = 24
ROWS = 5
ITEMS = 8
DEPTH = 3
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
    kind = _type_name(type(value))
    try:
        of_library = _LIBRARIES.get(kind)
        return of_library(kind, value) if of_library else _plain(kind, value)
    except Exception:  # a value may do anything when it is looked at, and that must not fail the run
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
    return text if len(text) <= limit else text[: limit - 1] + "…"


# Tables and arrays, by duck typing: only what the library keeps ready or computes from a few rows.


def _pandas_frame(kind: str, value: Any) -> ValueSummary:
    shown = value.iloc[:, :COLUMNS_LIMIT]
    counts = shown.isna().sum().tolist() if shown.size <= COUNTED_CELLS else None
    rows = shown.head(ROWS).itertuples(index=False, name=None)
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
        Column(_bounded(name if type(name) is str else _short(name), NAME_LIMIT), _bounded(str(dtype), NAME_LIMIT), count)
        for name, dtype, count in zip(names, dtypes, counts or [0] * COLUMNS_LIMIT, strict=False)
    )
    whole = counts is not None and shape[1] <= COLUMNS_LIMIT
    return ValueSummary(kind, shape, columns, sum(counts or ()) if whole else None, _aligned(rows))


def _aligned(rows: Iterable[tuple[Any, ...]]) -> str:
    cells = [[_cell(value) for value in row[:ITEMS]] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in cells)
    return _bounded("\n".join(lines), PREVIEW_LIMIT)


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
    nulls = int((value != value).sum()) if countable else None  # noqa: PLR0124 - NaN is what does not equal itself
    return _series(kind, value.shape, value.dtype, value.flat[:ITEMS].tolist(), nulls)


def _series(kind: str, shape: tuple[int, ...], dtype: Any, first: list[Any], nulls: int | None) -> ValueSummary:
    more = ", …" if len(first) == ITEMS else ""
    preview = f"{_bounded(str(dtype), NAME_LIMIT)}: {', '.join(_short(item, depth=1) for item in first)}{more}"
    return ValueSummary(kind, tuple(shape), (), nulls, _bounded(preview, PREVIEW_LIMIT))


_LIBRARIES: Mapping[str, Callable[[str, Any], ValueSummary]] = {
    "pandas.DataFrame": _pandas_frame,
    "pandas.Series": _pandas_values,
    "pandas.Index": _pandas_values,
    "pandas.DatetimeIndex": _pandas_values,
    "polars.DataFrame": _polars_frame,
    "polars.Series": _polars_series,
    "pyarrow.Table": _arrow_table,
    "pyarrow.ChunkedArray": _arrow_array,
    "numpy.ndarray": _array,
}


# Plain values. Built-in containers are asked through their own type, so that no method of a user's subclass runs.


def _plain(kind: str, value: Any) -> ValueSummary:
    container = next((base for base in _CONTAINERS if isinstance(value, base)), None)
    shape = (container.__len__(value),) if container is not None else ()
    return ValueSummary(kind, shape, preview=_bounded(_short(value), PREVIEW_LIMIT))


def _short(value: Any, depth: int = 0) -> str:
    """A short repr; what has none that is known to be short and free of side effects is told by its type."""
    kind = type(value)
    if kind in _SCALARS:
        return repr(value)
    if kind is int:
        return repr(value) if value.bit_length() <= 256 else f"<int of {value.bit_length()} bits>"
    if kind in (str, bytes, bytearray):
        return repr(value[: NAME_LIMIT if depth else PREVIEW_LIMIT])
    if isinstance(value, _CONTAINERS) or dataclasses.is_dataclass(kind):
        return _container(value, depth) if depth < DEPTH else "…"
    if isinstance(value, enum.Enum):
        return f"{kind.__name__}.{value._name_}"
    if isinstance(value, type | types.FunctionType | types.BuiltinFunctionType):
        return f"{value.__module__}.{value.__qualname__}"
    name = _type_name(kind)
    if name in _LIBRARIES:
        return f"<{name} {'×'.join(map(str, value.shape))}>"
    if kind.__module__.startswith(("numpy", "pandas._libs")):
        return str(value)
    return f"<{name}>"


def _container(value: Any, depth: int) -> str:
    kind = type(value)
    if isinstance(value, dict):
        pairs = islice(dict.items(value), ITEMS)
        items = (f"{_short(key, depth + 1)}: {_short(item, depth + 1)}" for key, item in pairs)
        return _joined("{", items, dict.__len__(value), "}")
    if isinstance(value, list | tuple | set | frozenset):
        base = next(base for base in _CONTAINERS if isinstance(value, base))
        opening, closing = _BRACKETS[base]
        items = (_short(item, depth + 1) for item in islice(base.__iter__(value), ITEMS))
        return _joined(opening, items, base.__len__(value), closing)
    if dataclasses.is_dataclass(kind):
        fields = dataclasses.fields(kind)
        known = vars(value) if hasattr(value, "__dict__") else {}
        items = (f"{field.name}={_short(known.get(field.name, ...), depth + 1)}" for field in fields[:ITEMS])
        return _joined(f"{kind.__name__}(", items, len(fields), ")")
    return f"<{_type_name(kind)} of {next(b for b in _CONTAINERS if isinstance(value, b)).__len__(value)}>"


def _joined(opening: str, items: Iterable[str], length: int, closing: str) -> str:
    more = ", …" if length > ITEMS else ""
    return f"{opening}{', '.join(items)}{more}{closing}"


_BRACKETS: Mapping[type, tuple[str, str]] = {
    list: ("[", "]"),
    tuple: ("(", ")"),
    set: ("{", "}"),
    frozenset: ("{", "}"),
}
_CONTAINERS: tuple[Any, ...] = (str, bytes, bytearray, dict, *_BRACKETS)
_SCALARS = frozenset(
    (bool, float, complex, type(None), range, datetime.date, datetime.time, datetime.datetime, datetime.timedelta)
    + (datetime.timezone, uuid.UUID, fractions.Fraction, type(PurePath()), type(PurePath()).__base__)
)
