"""Help for the editor, found out off the loop: what is wrong, what could stand here, what a key means, what holds."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from textual.message import Message

from flowerpower_tui.assist.complete import Completions, complete
from flowerpower_tui.assist.diagnose import diagnose
from flowerpower_tui.assist.diagnostic import Diagnostic, Kind
from flowerpower_tui.assist.hover import Help, hover
from flowerpower_tui.assist.python import node_at, syntax_problem
from flowerpower_tui.assist.surroundings import Surroundings
from flowerpower_tui.config.effective import EffectiveConfig
from flowerpower_tui.config.environment import Environment
from flowerpower_tui.config.resolve import environment_of, resolve_what_fits
from flowerpower_tui.errors import FlowerPowerError, ProjectError
from flowerpower_tui.graph.model import Graph
from flowerpower_tui.project.files import read_text
from flowerpower_tui.tui.newest import Newest
from flowerpower_tui.yamldoc.document import Document

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowerpower_tui.project.tree import ProjectListing
    from flowerpower_tui.tui.listener import Listener

SETTLED = 0.15
"""So many seconds after the last key what is wrong is looked for."""


@dataclass(frozen=True)
class Role:
    """What a file is in its project.

    Attributes:
        kind: conf/project.yml, a pipeline's YAML, a module; None for any other file.
        pipeline: the pipeline that it is of; may be empty.
    """

    kind: Kind | Literal["module"] | None = None
    pipeline: str = ""

    @property
    def yaml(self) -> Kind | None:
        """Which configuration it is; None if it is none."""
        return self.kind if self.kind != "module" else None


def role_of(path: Path, listing: ProjectListing | None) -> Role:
    """Return what the file at `path` is."""
    for entry in listing.pipelines if listing is not None else ():
        if path == entry.config:
            return Role("pipeline", entry.name)
        if path == entry.module:
            return Role("module", entry.name)
    if path.suffix == ".py":
        return Role("module")
    is_project = path.stem == "project" and path.suffix in (".yml", ".yaml")
    return Role("project") if listing is not None and is_project and path in listing.config else Role()


def module_names(listing: ProjectListing | None) -> tuple[str, ...]:
    """Return the names by which a project's modules can be imported."""
    if listing is None:
        return ()
    own = (entry.name for entry in listing.pipelines if entry.module is not None)
    return tuple(dict.fromkeys((*own, *(path.stem for path in listing.modules))))


@dataclass(frozen=True)
class Subject:
    """A text that is being edited.

    Attributes:
        path: its file.
        role: what that is in its project.
        text: what is typed.
        graph: its pipeline's, if that is known.
        modules: names of the project's modules.
    """

    path: Path
    role: Role
    text: str
    graph: Graph | None = None
    modules: tuple[str, ...] = ()


@dataclass
class Diagnosed(Message):
    """What is wrong with a text was found."""

    subject: Subject
    diagnostics: list[Diagnostic]


@dataclass
class Resolved(Message):
    """What holds with a text was found; `document` is that text as YAML. Both are None if it is no YAML."""

    subject: Subject
    document: Document | None
    effective: EffectiveConfig | None


@dataclass
class Completed(Message):
    """What could stand at a cursor was found.

    Attributes:
        subject: the text.
        cursor: line and column, from 1.
        found: what could stand there.
        asked: somebody asked for it, and is told if that is nothing.
    """

    subject: Subject
    cursor: tuple[int, int]
    found: Completions
    asked: bool


@dataclass
class Explained(Message):
    """What stands at a cursor was found out.

    Attributes:
        subject: the text.
        cursor: line and column, from 1.
        help: what is known; None if that is nothing.
        asked: somebody asked for it.
    """

    subject: Subject
    cursor: tuple[int, int]
    help: Help | None
    asked: bool


@dataclass
class NodeFound(Message):
    """The node that a line of a module belongs to was found; None if it belongs to none."""

    subject: Subject
    line: int
    node: str | None


class Assistant:
    """Answers to one listener, of each kind of question only the last one."""

    def __init__(self, root: Path, listener: Listener) -> None:
        self._root = root
        self._thread = Newest("assist", listener)

    def stop(self) -> None:
        """Answer nothing any more."""
        self._thread.stop()

    def diagnose(self, subject: Subject, *, rest: float = SETTLED) -> None:
        """Look for what is wrong, once nothing was typed for a moment: `Diagnosed`."""

        def work() -> Message:
            kind = subject.role.yaml
            if kind is not None:
                return Diagnosed(subject, diagnose(subject.text, kind, self._surroundings(subject)))
            problem = syntax_problem(subject.text) if subject.role.kind == "module" else None
            return Diagnosed(subject, [problem] if problem else [])

        self._thread.ask("diagnose", work, rest=rest)

    def resolve(self, subject: Subject, pipeline: str, *, rest: float = SETTLED) -> None:
        """Find what holds for `pipeline` if the file says what is typed: `Resolved`."""

        def work() -> Message:
            try:
                document = Document.parse(subject.text, str(subject.path))
            except FlowerPowerError:
                return Resolved(subject, None, None)
            return Resolved(subject, document, self._effective(subject, pipeline))

        self._thread.ask("resolve", work, rest=rest)

    def complete(self, subject: Subject, line: int, column: int, *, asked: bool, rest: float = 0.0) -> None:
        """Find what could stand at a place, both counted from 1: `Completed`."""
        kind = subject.role.yaml
        if kind is None:
            return

        def work() -> Message:
            found = complete(subject.text, line, column, kind, self._surroundings(subject, with_sources=False))
            return Completed(subject, (line, column), found, asked)

        self._thread.ask("complete", work, rest=rest)

    def explain(
        self, subject: Subject, pipeline: str, line: int, column: int, *, asked: bool, rest: float = 0.0
    ) -> None:
        """Find out what stands at a place, both counted from 1: `Explained`."""
        kind = subject.role.yaml
        if kind is None:
            return

        def work() -> Message:
            effective = self._effective(subject, pipeline)
            around = self._surroundings(subject, with_sources=False)
            found = hover(subject.text, line, column, kind, effective, around)
            return Explained(subject, (line, column), found, asked)

        self._thread.ask("explain", work, rest=rest)

    def find_node(self, subject: Subject, line: int, *, rest: float = 0.0) -> None:
        """Find the node that a line of a module belongs to: `NodeFound`."""
        self._thread.ask("node", lambda: NodeFound(subject, line, node_at(subject.text, line)), rest=rest)

    def _effective(self, subject: Subject, pipeline: str) -> EffectiveConfig | None:
        if not pipeline:
            return None
        typed: Mapping[Path, str] = {subject.path: subject.text}
        try:
            return resolve_what_fits(self._root, pipeline, typed=typed)[0]
        except FlowerPowerError:
            # The pipeline is gone, or a variable names a folder outside: its run says so.
            return None

    def _surroundings(self, subject: Subject, *, with_sources: bool = True) -> Surroundings:
        try:
            environment = environment_of(self._root)
        except FlowerPowerError:
            # conf/project.yml or .env is broken, which is told there.
            environment = Environment(os.environ)
        sources = self._sources(subject.graph) if with_sources else ()
        return Surroundings(environment, subject.role.pipeline, subject.graph, sources, subject.modules)

    def _sources(self, graph: Graph | None) -> tuple[str, ...]:
        files = dict.fromkeys(node.file for node in graph.nodes if node.file) if graph is not None else ()
        return tuple(_text(self._root / file) for file in files)


def _text(path: Path) -> str:
    try:
        return read_text(path).text
    except ProjectError:
        return ""
