"""Hamilton's adapters of a run: those that its configuration asks for, and which cannot be used together."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import import_module, metadata
from typing import Any

from hamilton.lifecycle import base
from msgspec.structs import asdict

from flowerpower_tui.config.effective import EffectiveConfig
from flowerpower_tui.config.section import fields
from flowerpower_tui.errors import ConfigError, Problem, did_you_mean

logger = logging.getLogger(__name__)

GROUP = "flowerpower_tui.adapters"

MakeAdapter = Callable[[str, Mapping[str, Any]], Any]
"""An entry point of the group: called with the pipeline's name and the adapter's options in the configuration.

Returns an adapter of Hamilton's, or None where there is nothing for it to do. Graphs that are only looked at have
their adapters too, so nothing is connected to before `pre_graph_execute`. If the adapter has a method `run_ended`, that
is called after the last attempt, with the error that the run ends with, or None; what it raises ends the run.
"""

_CLUSTERS = frozenset({"ray", "dask"})
"""Flags of `run.with_adapter` that say where nodes run; see `execution`."""

_DOES = {
    "do_node_execute": "execute the nodes",
    "do_remote_execute": "send the nodes elsewhere",
    "do_build_result": "build the result",
    "do_validate_input": "check the inputs",
    "do_check_edge_types_match": "check the types of the edges",
}


def adapters_of(config: EffectiveConfig, title: str = "") -> dict[str, Any]:
    """Return a run's adapters by name: what `run.with_adapter` and `run.adapter` ask for, but what is missing.

    Args:
        config: the pipeline's; its project's modules can be imported.
        title: the pipeline's name.

    Raises:
        ConfigError: two of them cannot be used together, or one cannot be made that is required or spelt out.
    """
    found: dict[str, Any] = {}
    for name, wanted in _wanted(config).items():
        if isinstance(wanted, _Entry):
            adapter, _ = _brought(wanted, title)
        else:
            adapter = wanted.make() if isinstance(wanted, _Named) else wanted
        if adapter is not None:
            found[name] = adapter
    check_adapters(found)
    return found


def missing_adapters(config: EffectiveConfig, title: str = "") -> list[Problem]:
    """Return why adapters that are asked for are not among `adapters_of`; the run goes on without them.

    Raises:
        ConfigError: one is required.
    """
    entries = [wanted for wanted in _wanted(config).values() if isinstance(wanted, _Entry)]
    return [problem for entry in entries for problem in _brought(entry, title)[1]]


@contextmanager
def told_to_the_end(adapters: list[Any]) -> Iterator[None]:
    """Tell the adapters that want to know when the run has ended, each of them whatever another does.

    Raises:
        FlowerPowerError: one that is required could not do its work in a run that succeeded.
    """
    try:
        yield
    except BaseException as error:
        for tell in _tellers(adapters):
            try:
                tell(error)
            except Exception:  # a plugin's own; why the run failed is more important
                logger.exception("An adapter failed when the run had ended.")
        raise
    faults = []
    for tell in _tellers(adapters):
        try:
            tell(None)
        except Exception as fault:  # noqa: BLE001 - the first of them is raised when all have been told
            faults.append(fault)
    if faults:
        raise faults[0]


def _tellers(adapters: list[Any]) -> list[Callable[[BaseException | None], None]]:
    return [adapter.run_ended for adapter in adapters if hasattr(adapter, "run_ended")]


@dataclass(frozen=True)
class _Entry:
    """An adapter that an installed package brings: the key that asks for it, its name, and its options."""

    key: str
    name: str
    options: Mapping[str, Any]


@dataclass(frozen=True)
class _Named:
    """An adapter by its class: the key that asks for it, `module:Class`, and the arguments."""

    key: str
    place: str
    arguments: Mapping[str, Any]

    def make(self) -> Any:
        """Import the class and make the adapter.

        Raises:
            ConfigError: there is no such class, or it does not take these arguments.
        """
        module, _, name = self.place.partition(":")
        try:
            kind = getattr(import_module(module), name)
            return kind(**self.arguments)
        except Exception as error:  # someone's code, whatever it raises
            message = f"{self.key}: {self.place} cannot be made: {type(error).__name__}: {error}"
            hint = "It is written as module:Class, beside its arguments."
            raise ConfigError([Problem(message, hint=hint)]) from error


def _wanted(config: EffectiveConfig) -> dict[str, Any]:
    """What is asked for, by name: entries, classes, and objects."""
    run = config.pipeline.run
    flags = [name for name in fields(type(run.with_adapter)) if name not in _CLUSTERS]
    wanted: dict[str, Any] = {
        name: _Entry(f"run.with_adapter.{name}", name, _settings(config, name))
        for name in flags
        if getattr(run.with_adapter, name)
    }
    for name, given in run.adapter.items():
        key = f"run.adapter.{name}"
        if given is False or given is None:
            wanted.pop(name, None)
        elif isinstance(given, str):
            wanted[name] = _Named(key, given, {})
        elif isinstance(given, Mapping) and "use" in given:
            arguments = {option: value for option, value in given.items() if option != "use"}
            wanted[name] = _Named(key, str(given["use"]), arguments)
        elif given is True or isinstance(given, Mapping):
            options = {} if given is True else given
            wanted[name] = _Entry(key, name, {**_settings(config, name), **options})
        else:
            wanted[name] = given
    return wanted


def _settings(config: EffectiveConfig, name: str) -> dict[str, Any]:
    """What the project and the pipeline say in `adapter` of the adapters that we ship."""
    if name == "future":
        return {"max_workers": config.pipeline.run.executor.max_workers}
    sections = (getattr(file.adapter, name, None) for file in (config.project, config.pipeline))
    return {key: value for section in sections if section is not None for key, value in asdict(section).items()}


def _brought(wanted: _Entry, title: str) -> tuple[Any, list[Problem]]:
    """What a package's entry point gives, and why it gives nothing.

    Raises:
        ConfigError: it gives nothing, and is required.
    """
    try:
        return _made(wanted, title), []
    except ConfigError as error:
        problems = [replace(one, message=f"{wanted.key}: {one.message}") for one in error.problems]
        if wanted.options.get("required"):
            raise ConfigError(problems) from error
        return None, problems


def _made(wanted: _Entry, title: str) -> Any:
    """Load and call the entry point.

    Raises:
        ConfigError: there is none of that name, it cannot be loaded, or it cannot make the adapter.
    """
    points = metadata.entry_points(group=GROUP)
    if wanted.name not in points.names:
        hint = did_you_mean(wanted.name, points.names) or f"There are {', '.join(sorted(points.names))}."
        raise ConfigError([Problem(f"No installed package brings an adapter '{wanted.name}'.", hint=hint)])
    entry = points[wanted.name]
    try:
        make: MakeAdapter = entry.load()
        return make(title, wanted.options)
    except ConfigError:
        raise
    except Exception as error:  # a plugin's own, whatever it is
        message = f"it cannot be loaded from {entry.value}: {type(error).__name__}: {error}"
        raise ConfigError([Problem(message, hint="Mend or remove the package that brings it.")]) from error


def check_adapters(adapters: Mapping[str, Any]) -> None:
    """Make sure that no two adapters want to do what only one can do.

    Args:
        adapters: by their names in the configuration.

    Raises:
        ConfigError: it names both, and what they want to do.
    """
    owners: dict[tuple[str, str], tuple[str, Any]] = {}
    problems = []
    for name, adapter in adapters.items():
        for kind, method in _methods(adapter):
            first, other = owners.setdefault((kind, method), (name, adapter))
            if other is not adapter:
                does = _DOES.get(method, f"do `{method}`")
                problems.append(
                    Problem(
                        f"The adapters '{first}' ({_kind(other)}) and '{name}' ({_kind(adapter)}) both want to {does}.",
                        hint="Hamilton lets only one: leave the other out of run.adapter.",
                    )
                )
    if problems:
        raise ConfigError(problems)


def _methods(adapter: Any) -> Iterator[tuple[str, str]]:
    """What an adapter does in Hamilton's place, synchronously or not."""
    for mark in (base.SYNC_METHOD, base.ASYNC_METHOD):
        found = (vars(kind).get(mark) for kind in type(adapter).__mro__)
        yield from ((mark, method) for method in dict.fromkeys(found) if isinstance(method, str))


def _kind(adapter: Any) -> str:
    return type(adapter).__name__
