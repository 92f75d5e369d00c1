"""What can be known of an open file: the assistant's questions, asked with what the session knows of its pipeline."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowerpower_tui.assist.hover import path_at
from flowerpower_tui.tui.assistant import SETTLED, Assistant, NodeFound, Subject, module_names, role_of

if TYPE_CHECKING:
    from flowerpower_tui.config.keys import KeyPath
    from flowerpower_tui.graph.model import Graph, Node
    from flowerpower_tui.tui.listener import Listener
    from flowerpower_tui.tui.session import Session
    from flowerpower_tui.tui.widgets.page import Page

_WORD = re.compile(r"\w+")

# A cursor that moves on needs no help with where it was.
_REST_SECONDS = 0.1


class PageHelp:
    """Asks about pages; the answers come to `listener`, as the assistant's messages."""

    def __init__(self, session: Session, listener: Listener) -> None:
        self._session = session
        self._assistant = Assistant(session.root, listener)
        # The name of the last node that was found for a line of a module.
        self._found: str | None = None

    def stop(self) -> None:
        """Ask nothing any more."""
        self._assistant.stop()

    def pipeline(self, page: Page) -> str:
        """Return the pipeline that helps with a file: its own, else the one that is looked at everywhere."""
        return page.role.pipeline or self._session.pipeline or ""

    def graph(self, page: Page) -> Graph | None:
        """Return the graph of that pipeline, if it is known."""
        return self._session.graphs.get(self.pipeline(page))

    def learn_role(self, page: Page) -> bool:
        """Let a page know what its file is in the project; return whether it knows it for the first time."""
        was_unknown = page.role.kind is None
        page.role = role_of(page.path, self._session.listing)
        return was_unknown

    def is_about(self, subject: Subject, page: Page) -> bool:
        """Whether an answer is still about what a page holds."""
        return subject.path == page.path and subject.text == page.area.text

    # Questions.

    def look(self, page: Page, *, effective: bool, rest: float = SETTLED) -> None:
        """Ask what is wrong, and what holds if that is to be seen, once nothing was typed for a moment."""
        if page.role.kind is None:
            return
        subject = self._subject(page)
        self._assistant.diagnose(subject, rest=rest)
        if effective and subject.role.yaml is not None:
            self._assistant.resolve(subject, self.pipeline(page) or self._any_pipeline(), rest=rest)

    def look_at_cursor(self, page: Page, *, meaning: bool) -> None:
        """Ask which node the cursor is in; in YAML what the key means, if that is to be seen."""
        if page.role.kind == "module":
            self._assistant.find_node(self._subject(page), page.cursor[0], rest=_REST_SECONDS)
        elif page.role.yaml is not None and meaning:
            subject, pipeline = self._subject(page), self.pipeline(page)
            self._assistant.explain(subject, pipeline, *page.cursor, asked=False, rest=_REST_SECONDS)

    def complete(self, page: Page, *, asked: bool, rest: float = 0.0) -> None:
        """Ask what could stand at the cursor."""
        self._assistant.complete(self._subject(page), *page.cursor, asked=asked, rest=rest)

    def explain(self, page: Page) -> None:
        """Ask what stands at the cursor, because somebody did."""
        self._assistant.explain(self._subject(page), self.pipeline(page), *page.cursor, asked=True)

    # What is known at once.

    def take_node(self, found: NodeFound) -> None:
        """Remember the node of a line."""
        self._found = found.node

    def node(self, page: Page) -> Node | None:
        """Return the node at the cursor: that of a module's line, or the one that a word of other files names."""
        graph = self.graph(page)
        if graph is None:
            return None
        if page.role.kind == "module":
            return graph.by_name.get(self._found or "")
        line, column = page.cursor
        words = _WORD.finditer(page.area.document.get_line(line - 1))
        word = next((word for word in words if word.start() < column <= word.end() + 1), None)
        return graph.by_name.get(word.group()) if word is not None else None

    def path(self, page: Page) -> KeyPath:
        """Return the key in whose line the cursor is, as keys that lead to it; empty if there is none."""
        return path_at(page.area.text, page.cursor[0])

    def _subject(self, page: Page) -> Subject:
        return Subject(page.path, page.role, page.area.text, self.graph(page), module_names(self._session.listing))

    def _any_pipeline(self) -> str:
        listing = self._session.listing
        return listing.pipelines[0].name if listing is not None and listing.pipelines else ""
