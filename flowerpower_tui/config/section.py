"""The base of every model: a section of the configuration, which remembers which of its keys somebody set.

So an override that equals a default is still an override.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec
from msgspec.structs import FieldInfo


class _Remembering(msgspec.StructMeta):
    """Makes sections, and notes in each which keys it was made with."""

    def __call__(cls, **given: Any) -> Any:  # noqa: N805 - its instances are classes
        given = cls.accepted(given)  # type: ignore[attr-defined]  # every class of this kind is a Section
        made = super().__call__(**given)
        made.__dict__["_set"] = set(given)
        return made


class Section(msgspec.Struct, metaclass=_Remembering, kw_only=True, dict=True):
    """A mapping of the configuration whose keys are known."""

    def __setattr__(self, key: str, value: Any) -> None:
        super().__setattr__(key, value)
        self.__dict__.setdefault("_set", set()).add(key)

    def __copy__(self) -> Any:
        remake, arguments = self.__reduce__()
        return remake(*arguments)

    def __reduce__(self) -> tuple[Any, ...]:
        return _remade, (type(self), msgspec.structs.asdict(self), self.__dict__.get("_set", set()))

    @classmethod
    def accepted(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments of the constructor with mappings made sections where sections belong."""
        known = fields(cls)
        return {
            key: known[key].type(**value)
            if key in known and is_section(known[key]) and isinstance(value, Mapping)
            else value
            for key, value in given.items()
        }

    def given(self) -> dict[str, Any]:
        """Return what somebody set, or made different from the default, in the shape of the YAML."""
        found: dict[str, Any] = {}
        for key, info in fields(type(self)).items():
            value = getattr(self, key)
            if isinstance(value, Section):
                if inner := value.given():
                    found[key] = inner
            elif key in self.__dict__.get("_set", ()) or _differs(value, default_of(info)):
                found[key] = value
        return found


def _remade(model: type[Section], values: Mapping[str, Any], was_set: set[str]) -> Section:
    made = model(**values)
    made.__dict__["_set"] = set(was_set)
    return made


@cache
def fields(model: type[msgspec.Struct]) -> dict[str, FieldInfo]:
    """Return the keys that `model` knows."""
    return {info.name: info for info in msgspec.structs.fields(model)}


def is_section(info: FieldInfo) -> bool:
    """Return whether the key holds keys of its own that a model knows."""
    return isinstance(info.type, type) and issubclass(info.type, Section)


def default_of(info: FieldInfo) -> Any:
    """Return what the key is when nobody says anything."""
    return info.default_factory() if info.default is msgspec.NODEFAULT else info.default


def _differs(value: Any, default: Any) -> bool:
    # Only what is alike is compared: users' objects may answer `==` with anything.
    return value is not default and (type(value) is not type(default) or bool(value != default))
