"""The beginning of a file for a preview: bounded, decoded whatever it holds, binary files told apart."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

from flowerpower_tui.errors import Location, ProjectError

PREVIEW_LIMIT = 256_000

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    # Before UTF-16: its mark begins with the same bytes.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class FileText:
    """What a preview shows of a file.

    Attributes:
        text: its beginning; empty if it is binary. What is no UTF-8 is replaced by `�`.
        size: of the whole file, in bytes.
        truncated: there is more than `text`.
        binary: it is no text.
    """

    text: str
    size: int
    truncated: bool = False
    binary: bool = False


def read_text(path: Path, limit: int = PREVIEW_LIMIT) -> FileText:
    """Read at most `limit` bytes of the file at `path`, to the last whole line if it has more.

    Raises:
        ProjectError: it is no ordinary file, or cannot be read.
    """
    if path.exists() and not path.is_file():
        # A pipe or a device would keep us waiting.
        raise ProjectError("This is no ordinary file.", location=Location(str(path)))
    try:
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
            size = stream.seek(0, 2)
    except OSError as error:
        raise ProjectError(f"Cannot be read: {error.strerror}.", location=Location(str(path))) from error
    truncated = len(data) > limit
    data = data[:limit]
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS if data.startswith(mark)), "utf-8")
    if encoding == "utf-8" and b"\0" in data:
        return FileText("", size, binary=True)
    # Incremental, so that a character cut in two at the limit is left out and not replaced.
    text = codecs.getincrementaldecoder(encoding)("replace").decode(data, final=not truncated)
    if truncated and "\n" in text:
        text = text[: text.rindex("\n") + 1]
    return FileText(text, size, truncated)
