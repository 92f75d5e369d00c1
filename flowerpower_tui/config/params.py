"""`params` as a pipeline's module uses them: `PARAMS["node"]`, `PARAMS.node`, `@parameterize(**PARAMS["node"])`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Wrap = Callable[[Any], Any]


def expand(params: Mapping[str, Any], *, source: Wrap, value: Wrap) -> ParamsNamespace:
    """Return `params` as arguments for Hamilton's `parameterize`, one set for each top-level key.

    A param `node: {threshold: 3}` becomes `{"node": {"node": {"threshold": value(3)}}}`. A string that is itself the
    name of a param becomes `source(name)`. What stands directly under its key stays as it is: `p: 5` is `{p: {p: 5}}`.

    Args:
        params: the pipeline's `params`.
        source: makes a reference to another node, from its name.
        value: makes a literal.
    """

    def reference(item: Any) -> bool:
        return isinstance(item, str) and item in params

    def argument(item: Any) -> Any:
        return source(item) if reference(item) else value(item)

    def node(item: Any) -> Any:
        if isinstance(item, Mapping):
            return {name: argument(inner) for name, inner in item.items()}
        return source(item) if reference(item) else item

    return ParamsNamespace({key: {key: node(item)} for key, item in params.items()})


class ParamsNamespace(Mapping[str, Any]):
    """A mapping whose keys are attributes too, all the way down; a key that is also a method's name needs `[]`."""

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, Any]) -> None:
        self._items = {key: ParamsNamespace(item) if isinstance(item, dict) else item for key, item in items.items()}

    def __getitem__(self, key: str) -> Any:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __getattr__(self, name: str) -> Any:
        # Copying and unpickling ask before there are items.
        if name == "_items" or name not in self._items:
            raise AttributeError(f"no param '{name}'; there are {', '.join(map(str, self)) or 'none'}")
        return self._items[name]

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *(key for key in self._items if isinstance(key, str))})

    def __repr__(self) -> str:
        return f"ParamsNamespace({self.to_dict()!r})"

    def __reduce__(self) -> tuple[type[ParamsNamespace], tuple[dict[str, Any]]]:
        return ParamsNamespace, (self.to_dict(),)

    def to_dict(self) -> dict[str, Any]:
        """Return the same as plain dictionaries."""
        return {key: item.to_dict() if isinstance(item, ParamsNamespace) else item for key, item in self._items.items()}
