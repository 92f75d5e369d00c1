"""The command palette: everything that there is, by some letters of its name.

Entries are prefixed by their kind, so that `run sales` and `file sales` say what they mean.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from heapq import nsmallest
from typing import TYPE_CHECKING

from textual.binding import Binding, BindingsMap
from textual.command import CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from typing_extensions import override

from flowerpower_tui.runs.lines import spoken_time
from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.as_command import commands_of
from flowerpower_tui.tui.clipboard import copy
from flowerpower_tui.tui.places import PLACES
from flowerpower_tui.tui.screens.place import Place
from flowerpower_tui.tui.states import look

if TYPE_CHECKING:
    from textual.screen import Screen
    from textual.worker import Worker

    from flowerpower_tui.tui.app import FlowerPowerApp
    from flowerpower_tui.tui.places import PlaceKind
    from flowerpower_tui.tui.session import Session

_RUNS = 500
"""Older runs are found in the place for runs."""

# A whole command has so many letters that it has nearly every name's among them.
_WEIGHTS = {"command": 0.3, "past run": 0.6, "theme": 0.8} | {f"in {place.title}": 0.7 for place in PLACES}

_SCORED = 200
"""So many are scored, and listed."""

_SLICE = 400
"""So many entries are looked at before the loop has its turn."""


@dataclass(frozen=True)
class Entry:
    """What can be chosen.

    Attributes:
        kind: what it is, in a word.
        name: what it is called.
        do: what choosing it does.
        help: more about it.
    """

    kind: str
    name: str
    do: Callable[[], object]
    help: str = ""

    @property
    def text(self) -> str:
        """What is typed for."""
        return f"{self.kind} {self.name}"

    @cached_property
    def folded(self) -> str:
        """The same, as it is compared."""
        return self.text.casefold()


class Palette(CommandPalette):
    """Textual's, which a key that comes early or late does not end."""

    @override
    def _action_command_list(self, action: str) -> None:
        # On a low screen, or before it is laid out, the list has no line to go to.
        if self.query_one(CommandList).scrollable_content_region:
            super()._action_command_list(action)

    @override
    def _gather_commands(self, search_value: str) -> Worker[None]:
        search = super()._gather_commands(search_value)
        if not self.is_current:
            # Closed already; the list is gone before this is.
            search.cancel()
        return search


class Everything(Provider):
    """Offers actions of the place, pipelines, nodes, files, runs, places, themes and settings."""

    async def startup(self) -> None:
        """List what there is, once for all letters that follow."""
        self._entries = list(entries(self._owner, self.screen))

    async def discover(self) -> Hits:
        """Before anything is typed: what can be done here."""
        for entry in self._entries:
            if entry.kind in ("do", "go"):
                shown = Content.assemble((f"{entry.kind} ", "$text-muted"), one_line(entry.name))
                yield DiscoveryHit(_with_help(shown, entry), entry.do, text=entry.text)

    async def search(self, query: str) -> Hits:
        """Yield what has the letters in their order."""
        matcher = self.matcher(query)
        for entry in await _nearest(self._entries, query):
            text = one_line(entry.text)
            score, places = matcher.fuzzy_search.match(query, text)
            if score > 0:
                # The matcher's own highlighting would take names for markup.
                shown = Content(text)
                for place in places:
                    shown = shown.stylize(matcher.match_style, place, place + 1)
                yield Hit(score * _WEIGHTS.get(entry.kind, 1.0), _with_help(shown, entry), entry.do, text=text)

    @property
    def _owner(self) -> FlowerPowerApp:
        from flowerpower_tui.tui.app import FlowerPowerApp

        assert isinstance(self.app, FlowerPowerApp)
        return self.app


def entries(app: FlowerPowerApp, screen: Screen[object]) -> Iterator[Entry]:
    """Give all there is to choose on a screen, the nearest at hand first."""
    yield from _actions(app, screen)
    for place in PLACES:
        yield Entry("go", place.title, partial(app.run_action, f"go('{place.name}')"), place.key)
    if isinstance(screen, Place):
        yield from _actions_elsewhere(app, screen)
    yield Entry("theme", "choose with a preview", partial(app.run_action, "choose_theme"))
    for name in sorted(app.available_themes):
        yield Entry("theme", name, partial(setattr, app, "theme", name))
    yield from _settings(app)
    if isinstance(screen, Place):
        for command in commands_of(screen):
            yield Entry("command", command, partial(_copy, app, command), "copy it")
    if app.session is not None:
        yield from _of_project(app.session)


def _actions(app: FlowerPowerApp, screen: Screen[object]) -> Iterator[Entry]:
    said: set[str] = set()
    # What works everywhere on the screen comes first, then what the focused part adds. What has no name is Textual's.
    for active in sorted(screen.active_bindings.values(), key=lambda active: active.node is not screen):
        binding = active.binding
        what = active.tooltip or binding.tooltip or binding.description
        if what and active.enabled and binding.id and what not in said:
            said.add(what)
            do = partial(app.run_action, binding.action, active.node)
            yield Entry("do", _name(binding, what), do, app.get_key_display(binding))


def _actions_elsewhere(app: FlowerPowerApp, screen: Place) -> Iterator[Entry]:
    """What can be done in other places only; choosing it goes there, and says with which key."""
    here = {binding.id for binding in Binding.make_bindings(type(screen).BINDINGS)}
    for place in PLACES:
        bindings = BindingsMap(place.kind.BINDINGS)
        bindings.apply_keymap(app._keymap)  # noqa: SLF001 - of a screen that is not shown, nobody else tells
        for _, binding in bindings:
            what = binding.tooltip or binding.description
            if what and binding.id and binding.id not in here:
                here.add(binding.id)
                key = app.get_key_display(binding)
                yield Entry(f"in {place.title}", _name(binding, what), partial(_go, app, place, key, what), key)


def _name(binding: Binding, what: str) -> str:
    """What an action does, behind the word that hints have for it, unless it has that in it."""
    word = binding.description
    return what if word.casefold() in what.casefold() else f"{word}: {what[:1].lower()}{what[1:]}"


async def _go(app: FlowerPowerApp, place: PlaceKind, key: str, what: str) -> None:
    await app.action_go(place.name)
    app.notify(f"{key}: {what}", title=place.title, timeout=5, markup=False)


def _settings(app: FlowerPowerApp) -> Iterator[Entry]:
    # Late: YAML and the models.
    from flowerpower_tui.settings_edit import in_short, settings_of

    for setting in settings_of(app.preferences.read):
        show = partial(app.call_later, app.action_settings, setting.key)
        yield Entry("setting", setting.key, show, f"{in_short(setting)}   {setting.meaning}")


def _of_project(session: Session) -> Iterator[Entry]:
    for entry in session.listing.pipelines if session.listing else ():
        yield Entry("pipeline", entry.name, partial(session.choose, entry.name), "look at it")
        yield Entry("run", entry.name, partial(_run, session, entry.name), "start it")
        for path in (entry.config, entry.module):
            if path is not None:
                yield Entry("file", str(path.relative_to(session.root)), partial(session.edit, path), "edit it")
    for path in (*session.listing.config, *session.listing.modules) if session.listing else ():
        yield Entry("file", str(path.relative_to(session.root)), partial(session.edit, path), "edit it")
    for node in session.graph.nodes if session.graph else ():
        yield Entry("node", node.name, partial(session.show_node, node.name), "show it in the DAG")
    for run in (session.runs or ())[:_RUNS]:
        state = f"{look(run.state).glyph} {run.state}"
        yield Entry(
            "past run", run.id, partial(session.show_run, run.directory), f"{state}  {spoken_time(run.duration)}"
        )


def _copy(app: FlowerPowerApp, command: str) -> None:
    app.notify(copy(app, command), timeout=3, markup=False)


def _run(session: Session, pipeline: str) -> None:
    session.choose(pipeline)
    session.launches.ask()


async def _nearest(found: list[Entry], query: str) -> list[Entry]:
    """Return those that can match best, by a cheap look at all: the letters in their order, near to each other.

    Only these are scored: of thousands that have one letter, nobody reads more than the first.
    """
    letters = [letter for letter in query.casefold() if not letter.isspace()]
    if not letters:
        return []
    # A look at what follows finds the letters from each place where the first one stands, not only from the leftmost.
    first, rest = re.escape(letters[0]), ".*?".join(map(re.escape, letters[1:]))
    wanted = re.compile(f"{first}(?=({'.*?' if rest else ''}{rest}))", re.DOTALL)
    ranked: list[tuple[int, float, int]] = []
    for index, entry in enumerate(found):
        if index % _SLICE == _SLICE - 1:
            await asyncio.sleep(0)
        text = entry.folded
        if spans := [match.end(1) - match.start() for match in wanted.finditer(text)]:
            ranked.append((min(spans), len(text) / _WEIGHTS.get(entry.kind, 1.0), index))
    return [found[index] for _, _, index in nsmallest(_SCORED, ranked)]


def _with_help(shown: Content, entry: Entry) -> Content:
    return shown + Content.assemble((f"   {one_line(entry.help)}", "$text-muted")) if entry.help else shown
