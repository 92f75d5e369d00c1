"""Loaders and savers that Hamilton lacks: text and bytes under names of their own, and pandas' series.

Imported as an entry point, as a plugin's are; importing it registers them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from hamilton import registry
from hamilton.io.data_adapters import DataLoader, DataSaver
from hamilton.io.utils import get_file_metadata
from hamilton.plugins import pandas_extensions

_OF_SERIES = (
    pandas_extensions.PandasCSVWriter,
    pandas_extensions.PandasParquetWriter,
    pandas_extensions.PandasJsonWriter,
    pandas_extensions.PandasExcelWriter,
    pandas_extensions.PandasHtmlWriter,
    pandas_extensions.PandasFeatherWriter,
)


class _Text:
    @classmethod
    def applicable_types(cls) -> Collection[type]:
        return [str]

    @classmethod
    def name(cls) -> str:
        return "text"


class _Bytes:
    @classmethod
    def applicable_types(cls) -> Collection[type]:
        return [bytes]

    @classmethod
    def name(cls) -> str:
        return "bytes"


@dataclass
class TextLoader(_Text, DataLoader):  # type: ignore[misc]  # Hamilton ships no types
    """Reads a text."""

    path: str
    encoding: str = "utf-8"

    def load_data(self, type_: type) -> tuple[str, dict[str, Any]]:
        """Return the text, its line ends as they are."""
        del type_
        with Path(self.path).open(encoding=self.encoding, newline="") as file:
            return file.read(), get_file_metadata(self.path)


@dataclass
class TextSaver(_Text, DataSaver):  # type: ignore[misc]  # Hamilton ships no types
    """Writes a text."""

    path: str
    encoding: str = "utf-8"

    def save_data(self, data: str) -> dict[str, Any]:
        """Write the text, its line ends as they are."""
        with Path(self.path).open("w", encoding=self.encoding, newline="") as file:
            file.write(data)
        return dict(get_file_metadata(self.path))


@dataclass
class BytesLoader(_Bytes, DataLoader):  # type: ignore[misc]  # Hamilton ships no types
    """Reads bytes."""

    path: str

    def load_data(self, type_: type) -> tuple[bytes, dict[str, Any]]:
        """Return the bytes."""
        del type_
        return Path(self.path).read_bytes(), get_file_metadata(self.path)


@dataclass
class BytesSaver(_Bytes, DataSaver):  # type: ignore[misc]  # Hamilton ships no types
    """Writes bytes."""

    path: str

    @classmethod
    def applicable_types(cls) -> Collection[type]:
        """See Hamilton."""
        return [bytes, bytearray]

    def save_data(self, data: bytes) -> dict[str, Any]:
        """Write the bytes."""
        Path(self.path).write_bytes(data)
        return dict(get_file_metadata(self.path))


class _OfSeries:
    """A saver of frames, for a series: the frame of that one column."""

    @classmethod
    def applicable_types(cls) -> Collection[type]:
        return [pd.Series]

    def save_data(self, data: Any) -> dict[str, Any]:
        frame = data if isinstance(data, pd.DataFrame) else data.to_frame()
        saved: dict[str, Any] = super().save_data(frame)  # type: ignore[misc]  # the saver of frames behind it
        return saved


for adapter in (TextLoader, TextSaver, BytesLoader, BytesSaver):
    registry.register_adapter(adapter)
for saver in _OF_SERIES:
    made: type = dataclass(type(f"Series{saver.__name__}", (_OfSeries, saver), {"__module__": __name__}))
    globals()[made.__name__] = made  # it is pickled by its name
    registry.register_adapter(made)
