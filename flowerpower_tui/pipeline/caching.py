"""`run.cache` as the engine takes it: whether results are kept, where, and what is to be done about some nodes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from flowerpower_tui.errors import ConfigError, Problem, did_you_mean
from flowerpower_tui.graph.model import Graph
from flowerpower_tui.location import at_home, state_directory
from flowerpower_tui.pipeline.engine.cache import Behaviour, Caching, ResultStore
from flowerpower_tui.pipeline.engine.fingerprint import Fingerprinter
from flowerpower_tui.pipeline.engine.plan import Plan

_BEHAVIOURS = get_args(Behaviour)
_KEYS = ("path", *_BEHAVIOURS)


def caching(
    settings: bool | Mapping[str, Any], root: Path, sources: Mapping[str, bytes], graph: Graph, plan: Plan
) -> Caching | None:
    """Return what keeps the results of a plan; None if none are kept.

    Args:
        settings: whether results are kept; or a mapping, which says yes: `path`, a folder, relative to the project's,
            in the place of one in the state directory; and for each of `recompute`, `disable`, `ignore` and `default`
            a list of nodes, or true for all others.
        root: the project's folder.
        sources: the text of its modules as they were imported, by file.
        graph: the pipeline's.
        plan: what is run of it.

    Raises:
        ConfigError: a key, or a node, is not known, or the path is none.
        RunStoreError: the state directory cannot be made.
    """
    if settings is False:
        return None
    asked = {} if settings is True else settings
    if problems := [*_unknown_keys(asked), *_wrong_path(asked.get("path")), *_unknown_nodes(asked, graph)]:
        raise ConfigError(problems)
    path = asked.get("path")
    folder = (root / at_home(path)) if path else _folder(root)
    return Caching(ResultStore(folder), Fingerprinter(root, sources), plan, _behaviours(asked, plan))


def _folder(root: Path) -> Path:
    project = hashlib.blake2b(str(root).encode(errors="surrogateescape"), digest_size=16).hexdigest()
    return state_directory() / "results" / project


def _behaviours(asked: Mapping[str, Any], plan: Plan) -> dict[str, Behaviour]:
    found: dict[str, Behaviour] = {}
    for behaviour in _BEHAVIOURS:
        if asked.get(behaviour) is True:
            found |= dict.fromkeys(plan.steps, behaviour)
    for behaviour in _BEHAVIOURS:
        if asked.get(behaviour) is not True:
            found |= dict.fromkeys(asked.get(behaviour) or (), behaviour)
    return found


def _unknown_keys(asked: Mapping[str, Any]) -> list[Problem]:
    return [
        Problem(f"There is no setting '{key}' (run.cache).", hint=did_you_mean(str(key), _KEYS) or _all_keys())
        for key in asked
        if key not in _KEYS
    ]


def _wrong_path(path: Any) -> list[Problem]:
    if path is None or (isinstance(path, str | Path) and "\0" not in str(path)):
        return []
    return [Problem(f"{path!r} is no path of a folder (run.cache.path).")]


def _all_keys() -> str:
    return f"There are {', '.join(_KEYS)}."


def _unknown_nodes(asked: Mapping[str, Any], graph: Graph) -> list[Problem]:
    problems = []
    for behaviour in _BEHAVIOURS:
        names = asked.get(behaviour)
        if names is None or isinstance(names, bool):
            continue
        if not isinstance(names, list | tuple):
            problems.append(Problem(f"'{names}' is no list of nodes (run.cache.{behaviour})."))
            continue
        problems += [
            Problem(f"There is no node '{name}' (run.cache.{behaviour}).", hint=did_you_mean(str(name), graph.by_name))
            for name in names
            if not isinstance(name, str) or name not in graph.by_name
        ]
    return problems
