"""What there is to say of a key to someone who writes it: its type, its default, its meaning, what it is one of."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from flowerpower_tui.config.datasets import DATASET_KEYS, FORMATS
from flowerpower_tui.config.fit import allows_null, alternatives, choices_of, wanted
from flowerpower_tui.config.known import CACHE_SETTINGS, exceptions
from flowerpower_tui.config.models import PipelineAdapterConfig, ProjectAdapterConfig
from flowerpower_tui.config.schema import choices, default_words, meanings
from flowerpower_tui.config.section import Section, default_of, fields, is_section
from flowerpower_tui.config.validate import ONLY_FROM_PYTHON
from flowerpower_tui.yamldoc.dump import inline

KeyPath = tuple[Hashable, ...]

# Their values have the shape of a section that stands elsewhere.
_SHAPED_AS: Mapping[tuple[str, ...], type[Section]] = {
    ("run", "pipeline_adapter_cfg"): PipelineAdapterConfig,
    ("run", "project_adapter_cfg"): ProjectAdapterConfig,
}
_CACHE = ("run", "cache")
_DATASETS = (("io", "inputs"), ("io", "outputs"))


@dataclass(frozen=True)
class Key:
    """A key that a configuration file can have.

    Attributes:
        path: the keys that lead to it, itself the last.
        meaning: what it means, in a sentence; may be empty.
        kind: what its value is, in words: `a whole number`; `a section` of keys that are known.
        default: what it is when nobody says anything, as YAML or in words; empty for a section.
        values: what its value is one of; empty if it is free.
        items: what the items of its list are one of; empty if they are free.
        is_section: its value is a mapping with known keys.
        is_list: its value can be a list.
        only_from_python: no file can give it a value.
    """

    path: tuple[str, ...]
    meaning: str
    kind: str
    default: str = ""
    values: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    is_section: bool = False
    is_list: bool = False
    only_from_python: bool = False

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path[-1]


def key_at(model: type[Section], path: KeyPath) -> Key | None:
    """Return the key at `path` of a file that holds `model`; None if it is not known."""
    return keys_at(model, path[:-1]).get(path[-1]) if path else None


@lru_cache(maxsize=256)
def keys_at(model: type[Section], path: KeyPath) -> Mapping[Hashable, Key]:
    """Return the keys that are known in the mapping at `path`, by their names; none if they are free."""
    if model.__name__ == "PipelineConfig" and path == _CACHE:
        return {name: _cache_key(name, meaning) for name, meaning in CACHE_SETTINGS.items()}
    if model.__name__ == "PipelineConfig" and path[:2] in _DATASETS and _is_dataset(path):
        return {name: _dataset_key(path, name, meaning) for name, meaning in DATASET_KEYS.items()}
    section: type[Section] | None = model
    for length in range(1, len(path) + 1):
        section = _inner(section, path[:length])
        if section is None:
            return {}
    return {name: _key(section, name, path) for name in fields(section)} if section else {}


def _inner(section: type[Section] | None, path: KeyPath) -> type[Section] | None:
    info = fields(section).get(str(path[-1])) if section else None
    if info is None:
        return None
    return info.type if is_section(info) else _SHAPED_AS.get(tuple(map(str, path)))


def _key(section: type[Section], name: str, outer: KeyPath) -> Key:
    info = fields(section)[name]
    path = (*map(str, outer), name)
    meaning = _sentence(meanings(section).get(name, ""))
    only_from_python = path in ONLY_FROM_PYTHON
    if is_section(info) or path in _SHAPED_AS:
        return Key(path, meaning, "a section", is_section=True)
    kinds = alternatives(info.type)
    values = choices(path) or tuple(map(str, choices_of(info.type))) or (("true", "false") if bool in kinds else ())
    return Key(
        path,
        meaning,
        wanted(info.type) or "an object",
        default_words(info) or inline(default_of(info)),
        (*values, "null") if values and allows_null(info.type) else values,
        tuple(sorted(exceptions())) if name == "retry_exceptions" else (),
        is_list=list in kinds,
        only_from_python=only_from_python,
    )


def _cache_key(name: str, meaning: str) -> Key:
    is_list = name != "path"
    kind = "a list of nodes, or true" if is_list else "text"
    return Key((*_CACHE, name), _sentence(meaning), kind, is_list=is_list)


def _is_dataset(path: KeyPath) -> bool:
    """Whether `path` leads to a dataset: a name, and in a list of several its place there."""
    return len(path) == 3 or (len(path) == 4 and isinstance(path[3], int))


def _dataset_key(outer: KeyPath, name: str, meaning: str) -> Key:
    kind = "a mapping of names to values" if name.endswith("options") else "text"
    return Key((*map(str, outer), name), _sentence(meaning), kind, values=FORMATS if name == "format" else ())


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].removesuffix('.')}." if text else ""
