"""Types as the user would write them in the module they stand in: `pd.DataFrame`, `list[str] | None`."""

from __future__ import annotations

import sys
import types
import typing
from collections.abc import Mapping
from typing import Any


def type_name(kind: Any, scope: Mapping[str, Any]) -> str:
    """Return how `kind` is written where the names of `scope`, a module's globals, are known."""
    if kind is None or kind is type(None):
        return "None"
    if isinstance(kind, str):
        return kind
    if isinstance(kind, typing.ForwardRef):
        return kind.__forward_arg__
    if kind is ...:
        return "..."
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        return type_name(arguments[0], scope)
    if origin in (typing.Union, types.UnionType):
        return " | ".join(type_name(argument, scope) for argument in arguments)
    if origin is typing.Literal:
        return f"Literal[{', '.join(map(repr, arguments))}]"
    if origin is not None and arguments:
        written = ", ".join(_argument(argument, scope) for argument in arguments)
        return f"{_plain_name(origin, scope)}[{written}]"
    return _plain_name(kind, scope)


def _argument(argument: Any, scope: Mapping[str, Any]) -> str:
    if isinstance(argument, list):  # the parameters of a Callable
        return f"[{', '.join(type_name(item, scope) for item in argument)}]"
    return type_name(argument, scope)


def _plain_name(kind: Any, scope: Mapping[str, Any]) -> str:
    module = getattr(kind, "__module__", "")
    name = getattr(kind, "__qualname__", None) or getattr(kind, "__name__", None)
    if not name:
        return str(kind).removeprefix("typing.").removeprefix("~")
    if module in ("builtins", "typing", "collections.abc", "hamilton.htypes") or scope.get(name) is kind:
        return str(name)
    top = module.partition(".")[0]
    for alias, value in scope.items():
        same_library = isinstance(value, types.ModuleType) and value.__name__.partition(".")[0] == top
        if same_library and getattr(value, name, None) is kind:
            return f"{alias}.{name}"
    if getattr(sys.modules.get(top), name, None) is kind:
        return f"{top}.{name}"
    return f"{module}.{name}"
