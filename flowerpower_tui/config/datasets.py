"""What `io` in a pipeline's YAML says of one file or table: where it is, in which format, how that is dealt with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

DATASET_KEYS = {
    "path": "a file or folder, relative to the project's; a URL; or the URL of a database",
    "format": "what it is written in; by default what its suffix says",
    "options": "what the format's reader or writer is given, as in `sep: ;`",
    "storage_options": "what the storage of a URL is opened with, laid over FP_TUI_STORAGE_OPTIONS",
}
"""The keys of a dataset and their meanings."""

TEMPLATES = {
    "run_id": "the run's id",
    "pipeline": "the pipeline's name",
    "project": "the project's name",
    "date": "the day that the run began, in UTC: 2026-02-28",
    "time": "the time of that day: 235959",
}
"""The words that a path can have in braces, and what stands there then."""

FORMATS = (
    *("csv", "parquet", "json", "pickle", "excel", "sql", "yaml", "text", "bytes", "feather", "orc", "npy"),
    *("html", "xml", "stata", "spss", "fwf", "table"),
)
"""Formats that are there without a plugin; who loads or saves knows the others."""

_TEMPLATE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Dataset:
    """Something to load or to save, as it is written.

    Attributes:
        path: where it is, with its templates; empty for a format that needs none.
        format: what it is written in; empty for what the path's suffix says.
        options: for the format's reader or writer.
        storage_options: for the storage.
    """

    path: str = ""
    format: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    storage_options: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, written: str | Mapping[str, Any]) -> Dataset:
        """Return what is written, which is valid: a path, or a mapping."""
        if isinstance(written, str):
            return cls(written)
        return cls(**{key: value for key, value in written.items() if value is not None})


def datasets(written: Any) -> tuple[Dataset, ...]:
    """Return what is written of an input or an output, which is valid: one dataset, a list of them, or none."""
    if written is None:
        return ()
    return tuple(map(Dataset.of, written if isinstance(written, list | tuple) else [written]))


def templates_of(path: str) -> Iterator[str]:
    """Yield the words in braces."""
    yield from _TEMPLATE.findall(path)


def expanded(path: str, words: Mapping[str, str]) -> str:
    """Return a path with what stands for its templates."""
    return _TEMPLATE.sub(lambda match: words.get(match[1], match[0]), path)
