"""The last good graph of each pipeline, so that the first frame does not wait for an import."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from flowerpower_tui.graph.model import Graph
from flowerpower_tui.pipeline.ingredients import Ingredients
from flowerpower_tui.project.tree import is_file
from flowerpower_tui.runs.location import private_directory, put, state_directory

SOURCES = (".py", ".yml", ".yaml")
FILES_LIMIT = 5_000
_NOTHING = Ingredients()
_NOT_THEIRS = frozenset({"__pycache__", "node_modules", "site-packages"})


class CachedGraph(msgspec.Struct, frozen=True):
    """The last good graph of a pipeline.

    Attributes:
        graph: the graph.
        final_vars: what a run would compute.
        is_fresh: whether configuration and code are the same as when it was built.
        ingredients: what its values are made of.
        files: the modules that it was made of.
    """

    graph: Graph
    final_vars: tuple[str, ...]
    is_fresh: bool
    ingredients: Ingredients = Ingredients()
    files: tuple[str, ...] = ()


class _Entry(msgspec.Struct, frozen=True):
    graph: Graph
    final_vars: tuple[str, ...]
    fingerprint: str
    ingredients: Ingredients = Ingredients()
    files: tuple[str, ...] = ()


def fingerprint(root: Path) -> str:
    """Return a hash of what a project's graphs are made of: its code, its YAML and the `FP_*` variables.

    Empty, and so never the same as before, for a folder with more than `FILES_LIMIT` such files.
    """
    digest = hashlib.blake2b(digest_size=16)
    for name, value in sorted(os.environ.items()):
        if name.startswith("FP_"):
            digest.update(f"{name}={value}\0".encode(errors="surrogateescape"))
    for count, path in enumerate(_sources(str(root))):
        if count >= FILES_LIMIT:
            return ""
        with suppress(OSError):
            content = Path(path).read_bytes()
            digest.update(f"{path}\0{len(content)}\0".encode(errors="surrogateescape") + content)
    return digest.hexdigest()


def store_graph(
    root: Path,
    pipeline: str,
    graph: Graph,
    final_vars: tuple[str, ...],
    made_of: str,
    ingredients: Ingredients = _NOTHING,
    files: tuple[str, ...] = (),
) -> None:
    """Remember a graph that was built when `fingerprint(root)` was `made_of`."""
    put(_path(root, pipeline), msgspec.json.encode(_Entry(graph, final_vars, made_of, ingredients, files)))


def load_graph(root: Path, pipeline: str) -> CachedGraph | None:
    """Return the graph that was remembered last; None if there is none that can be read."""
    try:
        entry = msgspec.json.decode(_path(root, pipeline).read_bytes(), type=_Entry)
    except (OSError, ValueError):
        return None
    is_fresh = bool(entry.fingerprint) and entry.fingerprint == fingerprint(root)
    return CachedGraph(entry.graph, entry.final_vars, is_fresh, entry.ingredients, entry.files)


def _path(root: Path, pipeline: str) -> Path:
    key = hashlib.blake2b(f"{root.absolute()}\0{pipeline}".encode(errors="surrogateescape"), digest_size=16)
    return private_directory(state_directory() / "graphs") / f"{key.hexdigest()}.json"


def _sources(folder: str) -> Iterator[str]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    if any(entry.name == "pyvenv.cfg" for entry in entries):
        return
    for entry in entries:
        if entry.name.endswith(SOURCES) and is_file(entry):
            yield entry.path
        elif not entry.name.startswith(".") and entry.name not in _NOT_THEIRS and entry.is_dir(follow_symlinks=False):
            yield from _sources(entry.path)
