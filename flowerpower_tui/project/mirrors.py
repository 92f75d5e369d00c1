"""Where the mirrors of projects in storages lie, and which project each of them is; light, for whoever shows paths."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from flowerpower_tui.errors import InvalidNameError
from flowerpower_tui.location import private_directory, state_directory
from flowerpower_tui.project.inside import inside
from flowerpower_tui.project.mirror_index import INDEX, Index, last_used, locked, read_index, write_index

_FOLDER = "mirrors"


class _Index(msgspec.Struct):
    url: str
    files: dict[str, msgspec.Raw]


def mirrors() -> Path:
    """Return the folder that holds the mirrors."""
    return private_directory(state_directory() / _FOLDER)


@dataclass(frozen=True)
class Idle:
    """A mirror that nobody has worked with for a while.

    Attributes:
        url: where the project is.
        size: the bytes that were fetched, and can be let go of.
    """

    url: str
    size: int
    _home: Path

    def let_go(self) -> None:
        """Delete what was fetched and is as it was then; it is fetched again when the project is next opened.

        What runs wrote stays, and so does the word that its code may run here.

        Raises:
            OSError: it cannot be deleted.
        """
        with locked(self._home):
            index = read_index(self._home)
            if index is None:
                return
            write_index(self._home, Index(index.url, {}, index.left_off))
            root = _root(self._home, index)
            for path, fetched in index.files.items():
                # A run may have put a link in the place of a folder.
                with suppress(InvalidNameError):
                    if fetched.is_at(inside(root, (root / path).parent) / Path(path).name):
                        (root / path).unlink()
            # From within: a folder goes when all that was in it has gone.
            for folder in sorted({root, *(place for place in root.rglob("*") if place.is_dir())}, reverse=True):
                with suppress(OSError):
                    folder.rmdir()


def idle(since: float, is_used: Callable[[Path], bool]) -> Iterator[Idle]:
    """Yield the mirrors that hold files and that nobody has worked with since a moment.

    Args:
        since: in seconds since 1970.
        is_used: tells whether a run goes on in a mirror's folder.
    """
    for home in sorted(mirrors().iterdir()):
        index = read_index(home) if last_used(home) < since else None
        if index is not None and index.files and not is_used(_root(home, index)):
            yield Idle(index.url, sum(fetched.size for fetched in index.files.values()), home)


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
            text = _with_urls(text, f"{_root(home, index)}/", index)
    return text


def _with_urls(text: str, root: str, index: _Index) -> str:
    first, *others = text.split(root)
    shown = [first]
    for part in others:
        is_mirrored = any(part.startswith(path) and not part[len(path) :][:1].isalnum() for path in index.files)
        shown += [f"{index.url}/" if is_mirrored else root, part]
    return "".join(shown)


def _root(home: Path, index: Index | _Index) -> Path:
    return home / index.url.rpartition("/")[2]


def _index(home: Path) -> _Index | None:
    with suppress(OSError, ValueError):
        return msgspec.json.decode((home / INDEX).read_bytes(), type=_Index)
    return None
