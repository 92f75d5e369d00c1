"""The nodes that load and save what `io` in a pipeline's YAML names, and how they come into Hamilton's graph."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hamilton.graph import FunctionGraph
from hamilton.io.materialization import ExtractorFactory
from hamilton.node import DependencyType, Node, NodeType

from flowerpower_tui.config.datasets import Dataset, datasets
from flowerpower_tui.config.models import IOConfig
from flowerpower_tui.config.secrets import masked
from flowerpower_tui.errors import ConfigError, FlowerPowerError, Location, Problem, did_you_mean
from flowerpower_tui.io.formats import format_of, is_compressed, is_installed, package_for, usual_options
from flowerpower_tui.io.occasion import Occasion
from flowerpower_tui.io.places import Place, place_of, telling_what_cannot_be_written
from flowerpower_tui.io.registry import Chosen, Direction, UnusableError, choose
from flowerpower_tui.io.usual import usual_for_loading, usual_for_saving

logger = logging.getLogger(__name__)

TAG = "flowerpower.io"
"""The tag of these nodes: the key that they are for, as `outputs.report`."""

Locate = Callable[[tuple[Hashable, ...]], Location | None]
"""Returns where a key of the pipeline's YAML stands."""


@dataclass(frozen=True, eq=False)
class Transfer:
    """Data that is loaded or saved.

    Attributes:
        key: where the YAML says so, from `io` on.
        dataset: what it says.
        format: what the data is written in.
        chosen: what reads or writes it.
        occasion: the run.
    """

    key: tuple[str | int, ...]
    dataset: Dataset
    format: str
    chosen: Chosen
    occasion: Occasion

    @property
    def options(self) -> dict[str, Any]:
        """What the reader or writer is given."""
        return {**usual_options(self.dataset.path), **self.dataset.options}

    @property
    def place(self) -> Place | None:
        """Where the file lies; None for a database, or what needs no path.

        Raises:
            ProjectError: it is a URL of a kind that is not opened.
        """
        if not self.chosen.place:
            return None
        return place_of(self.occasion.path(self.dataset.path), self.occasion.root, self.dataset.storage_options)

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield what would keep it from being done, as far as that is known at once: a message, and what to do."""
        package = package_for(self.format, self.dataset.path, self.options) if self.chosen.is_of_pandas else ""
        if package and not is_installed(package):
            yield f"the format '{self.format}' needs {package}, which is not installed", f"pip install {package}"

    def _adapter(self, file: Path | None, usual: Mapping[str, Any]) -> Any:
        """Return Hamilton's loader or saver for it; `usual` is what pandas is told if the YAML says nothing else."""
        of_pandas = usual if self.chosen.is_of_pandas else {}
        arguments = {name: value for name, value in of_pandas.items() if self.chosen.takes(name)} | self.options
        if file is not None:
            arguments[self.chosen.place] = str(file)
        elif self.chosen.database and self.dataset.path:
            arguments[self.chosen.database] = self._database()
        return self.chosen.adapter(**arguments)

    @property
    def shown(self) -> str:
        """What is loaded or saved, in a few words without secrets."""
        return str(masked(self.occasion.path(self.dataset.path))) or self.format

    def _database(self) -> str:
        """The database's URL; SQLite's file is relative to the project, as others are."""
        url = self.occasion.path(self.dataset.path)
        scheme, _, file = url.partition(":///")
        if scheme.partition("+")[0] != "sqlite" or not file or file == ":memory:":
            return url
        return f"{scheme}:///{self.occasion.root / file}"


class Loading(Transfer):
    """Gives the value of a node; called by Hamilton."""

    def __call__(self) -> Any:
        """Return what was loaded.

        Raises:
            FlowerPowerError: there is nothing, or it cannot be reached.
            Exception: what the format's reader raises.
        """
        place = self.place
        with _named(self):
            if place is None:
                value = self._load(None)
            else:
                with place.reading() as file:
                    value = self._load(file)
        logger.info("loaded %s from %s", self.key[-1], self.shown)
        return value

    def problems(self) -> Iterator[tuple[str, str]]:
        """See `Transfer`; a file of this machine that is not there, too."""
        yield from super().problems()
        place = self.place
        if place is not None and (problem := place.problem()) is not None:
            yield problem.message, problem.hint

    def _load(self, file: Path | None) -> Any:
        value, _ = self._adapter(file, usual_for_loading(self.format)).load_data(self.chosen.kind)
        return value


class Saving(Transfer):
    """Writes the value of a node, and tells what was written; called by Hamilton."""

    def __call__(self, **taken: Any) -> dict[str, Any]:
        """Save the value, and return what is to be known of that: `path`, `format`, `bytes` and `rows`.

        Raises:
            FlowerPowerError: it cannot be written there.
            Exception: what the format's writer raises.
        """
        (value,) = taken.values()
        place = self.place
        known: dict[str, Any] = {"path": self.shown, "format": self.format}
        with _named(self):
            if place is None:
                with telling_what_cannot_be_written(self.shown):
                    self._save(None, value)
            else:
                appends = str(self.options.get("mode", "")).startswith("a")
                with place.writing(onto=appends) as file:
                    self._save(file, value)
                    known["bytes"] = _size(file)
        if (rows := _rows(value)) is not None:
            known["rows"] = rows
        logger.info("saved %s to %s", self.key[2], self.shown)
        return known

    def problems(self) -> Iterator[tuple[str, str]]:
        """See `Transfer`; what the storage needs, too."""
        yield from super().problems()
        if self.place is not None and "://" in self.dataset.path and (problem := self.place.problem()) is not None:
            yield problem.message, problem.hint

    def _save(self, file: Path | None, value: Any) -> None:
        self._adapter(file, usual_for_saving(self.format, value)).save_data(value)


class DataNodes(ExtractorFactory):  # type: ignore[misc]  # Hamilton ships no types
    """What Hamilton's builder is given: it puts the nodes of an `io` section into the graph.

    Args:
        config: the section.
        occasion: the run.
        locate: tells where a key of the pipeline's YAML stands.
        keep: nodes that are asked for: they stay, though another takes the place of who needed them.
    """

    def __init__(self, config: IOConfig, occasion: Occasion, locate: Locate, keep: Collection[str] = ()) -> None:
        super().__init__("", [])
        self._config = config
        self._occasion = occasion
        self._locate = locate
        self._keep = keep
        self._problems: list[Problem] = []

    def generate_nodes(self, fn_graph: FunctionGraph) -> list[Node]:
        """Return the nodes that load and save; called by Hamilton.

        Raises:
            ConfigError: something cannot be loaded or saved as it is asked; with every problem.
        """
        nodes: dict[str, Node] = {}
        for name, written in self._config.inputs.items():
            for dataset in datasets(written):
                if name in fn_graph.nodes and (node := self._loader(fn_graph.nodes[name], dataset)):
                    nodes[name] = node
        for name, written in self._config.outputs.items():
            if name not in fn_graph.nodes:
                self._add(
                    ("io", "outputs", name), f"There is no node '{name}' to save", did_you_mean(name, fn_graph.nodes)
                )
                continue
            for index, dataset in enumerate(datasets(written)):
                place = (index,) if isinstance(written, list | tuple) else ()
                key: tuple[str | int, ...] = ("io", "outputs", name, *place)
                if node := self._saver(fn_graph.nodes[name], key, dataset, {*fn_graph.nodes, *nodes}):
                    nodes[node.name] = node
        if self._problems:
            raise ConfigError(self._problems)
        self._prune(fn_graph, nodes)
        return list(nodes.values())

    def _loader(self, node: Node, dataset: Dataset) -> Node | None:
        key = ("io", "inputs", node.name)
        found = self._choose("load", key, dataset, node.type)
        if found is None:
            return None
        load = Loading(key, dataset, found[0], found[1], self._occasion)
        tags = {"hamilton.data_loader": True, "hamilton.data_loader.source": load.format, TAG: f"inputs.{node.name}"}
        doc = f"Loaded from {masked(dataset.path) or load.format} ({load.format})."
        return Node(node.name, node.type, doc, load, input_types={}, tags=tags)

    def _saver(self, node: Node, key: tuple[str | int, ...], dataset: Dataset, taken: Collection[str]) -> Node | None:
        found = self._choose("save", key, dataset, node.type)
        if found is None:
            return None
        save = Saving(key, dataset, found[0], found[1], self._occasion)
        # As Hamilton calls those of its `save_to`.
        numbered = (f"save.{node.name}{number}" for number in ("", *(f"_{n}" for n in range(2, len(taken) + 3))))
        name = next(name for name in numbered if name not in taken)
        tags = {"hamilton.data_saver": True, "hamilton.data_saver.sink": save.format, TAG: f"outputs.{node.name}"}
        doc = f"'{node.name}' saved to {masked(dataset.path) or save.format} ({save.format})."
        takes = {node.name: (node.type, DependencyType.REQUIRED)}
        return Node(name, dict[str, Any], doc, save, input_types=takes, tags=tags)

    def _choose(
        self, direction: Direction, key: tuple[str | int, ...], dataset: Dataset, kind: Any
    ) -> tuple[str, Chosen] | None:
        format_ = dataset.format or format_of(dataset.path)
        if not format_:
            self._add(key, f"'{masked(dataset.path)}' has no suffix that tells its format", "Say it: format: csv")
            return None
        options = {**usual_options(dataset.path), **dataset.options}
        try:
            chosen = choose(direction, format_, kind, options, has_path=bool(dataset.path))
            if is_compressed(dataset.path) and not chosen.is_of_pandas:
                raise UnusableError(f"'{dataset.path}' is compressed, and only pandas reads and writes that")
            if chosen.place:
                place_of(dataset.path, self._occasion.root, {})
        except UnusableError as error:
            self._add(key, error.message, error.hint)
            return None
        except FlowerPowerError as error:
            self._add(key, error.message.removesuffix("."), error.hint)
            return None
        return format_, chosen

    def _add(self, key: tuple[str | int, ...], message: str, hint: str) -> None:
        self._problems.append(_problem(key, message, hint, self._locate))

    def _prune(self, fn_graph: FunctionGraph, nodes: Mapping[str, Node]) -> None:
        """Take out what only nodes needed whose place another takes."""
        replaced = {name for name in nodes if name in fn_graph.nodes}
        wanted = _needed(fn_graph, [*self._keep, *self._config.outputs], ())
        ends = [name for name, node in fn_graph.nodes.items() if not node.depended_on_by]
        still = _needed(fn_graph, [*ends, *replaced], replaced) | wanted
        for name in _needed(fn_graph, replaced, ()) - still:
            del fn_graph.nodes[name]


def check(calls: Mapping[str, Any], locate: Locate) -> None:
    """Look before anything runs whether what these nodes load and save can be: libraries, files of this machine.

    Args:
        calls: what nodes call, by their names; those that neither load nor save are none of its business.
        locate: tells where a key of the pipeline's YAML stands.

    Raises:
        ConfigError: something cannot be loaded or saved; with every problem.
    """
    problems = [
        _problem(call.key, message, hint, locate)
        for call in calls.values()
        if isinstance(call, Transfer)
        for message, hint in call.problems()
    ]
    if problems:
        raise ConfigError(problems)


def _problem(key: tuple[str | int, ...], message: str, hint: str, locate: Locate) -> Problem:
    return Problem(f"{message.removesuffix('.')} ({'.'.join(map(str, key))})", locate(key), hint)


def _needed(fn_graph: FunctionGraph, names: Collection[str], stop: Collection[str]) -> set[str]:
    """The nodes that `names` need, themselves included; nothing that only those in `stop` need."""
    found: set[str] = set()
    waiting = [name for name in names if name in fn_graph.nodes]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            if name not in stop and fn_graph.nodes[name].node_role is not NodeType.EXTERNAL:
                waiting += [source for source in fn_graph.nodes[name].input_types if source in fn_graph.nodes]
    return found


@contextmanager
def _named(transfer: Transfer) -> Iterator[None]:
    """Have an exception of a format's library say which data it is about."""
    try:
        yield
    except FlowerPowerError:
        raise
    except Exception as error:  # whatever a library raises
        error.add_note(f"{'.'.join(map(str, transfer.key))}: {transfer.shown}")
        raise


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    return path.stat().st_size if path.is_file() else 0


def _rows(value: Any) -> int | None:
    """The rows of a table or the items of a list; None for what has neither."""
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple) and shape and isinstance(shape[0], int):
        return shape[0]
    return len(value) if isinstance(value, list | tuple) else None
