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


def mirrors() -> Path:
    """Return the folder that holds the mirrors."""
    return private_directory(state_directory() / _FOLDER)


def url_of(root: Path) -> str:
    """Return the URL of the project that the folder `root` is the mirror of; an empty string if it is none."""
    # By its path: this is asked of every project, of which few are mirrors.
    return _url(root.parent) if root.parent.parent.name == _FOLDER else ""


def with_urls(text: str) -> str:
    """Return `text` with the URLs of projects in the place of the folders that mirror them."""
    if f"/{_FOLDER}/" not in text:
        return text
    for home in mirrors().iterdir():
        if str(home) in text and (url := _url(home)):
            text = text.replace(str(home / url.rpartition("/")[2]), url)
    return text


def _url(home: Path) -> str:
    with suppress(OSError, ValueError):
        return msgspec.json.decode((home / INDEX).read_bytes(), type=_Index).url
    return ""
