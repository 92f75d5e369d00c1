"""A value told in a few lines: type, shape, columns, nulls, first rows. Bounded, so that events stay small."""

from __future__ import annotations

import msgspec


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


PREVIEW_LIMIT = 600
