"""Where the mirrors of projects in storages lie, and which project each of them is; light, for whoever shows paths."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import msgspec

from flowerpower_tui.location import private_directory, state_directory

INDEX = "mirror.json"
_FOLDER = "mirrors"


class _Index(msgspec.Struct):
    url: str
    files: dict[str, msgspec.Raw]


def mirrors() -> Path:
    """Return the folder that holds the mirrors."""
    return private_directory(state_directory() / _FOLDER)


def url_of(root: Path) -> str:
    """Return the URL of the project that the folder `root` is the mirror of; an empty string if it is none."""
    # By its path: this is asked of every project, of which few are mirrors.
    index = _index(root.parent) if root.parent.parent.name == _FOLDER else None
    return index.url if index else ""


def with_urls(text: str) -> str:
    """Return `text` with the URLs of files that are mirrored in the place of their paths here.

    Other paths stay as they are: what a run has made in a mirror is there, and nowhere else.
    """
    if f"/{_FOLDER}/" not in text:
        return text
    for home in mirrors().iterdir():
        index = _index(home) if str(home) in text else None
        if index:
            text = _with_urls(text, str(home / index.url.rpartition("/")[2]) + "/", index)
    return text


def _with_urls(text: str, root: str, index: _Index) -> str:
    first, *others = text.split(root)
    shown = [first]
    for part in others:
        is_mirrored = any(part.startswith(path) and not part[len(path) :][:1].isalnum() for path in index.files)
        shown += [f"{index.url}/" if is_mirrored else root, part]
    return "".join(shown)


def _index(home: Path) -> _Index | None:
    with suppress(OSError, ValueError):
        return msgspec.json.decode((home / INDEX).read_bytes(), type=_Index)
    return None
