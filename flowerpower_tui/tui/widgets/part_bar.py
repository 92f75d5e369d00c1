"""The parts of a run that can be looked at, in a line: each with its key; the present one stands out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

if TYPE_CHECKING:
    from textual.app import ComposeResult


@dataclass(frozen=True)
class Part:
    """A part: its name in code, its key, its title."""

    name: str
    key: str
    title: str


PARTS = (
    Part("log", "O", "Log"),
    Part("dag", "D", "DAG"),
    Part("timeline", "T", "Timeline"),
    Part("attempts", "A", "Attempts"),
    Part("values", "V", "Values"),
    Part("config", "C", "Config"),
    Part("failure", "F", "Failure"),
)

PART_KEYS: tuple[Binding, ...] = (
    *(
        Binding(
            part.key,
            f"part('{part.name}')",
            part.title,
            show=False,
            tooltip=f"Of a run: {part.title}",
            id=f"run.{part.name}",
        )
        for part in PARTS
    ),
    Binding("less_than_sign", "turn(-1)", "Part back", show=False, tooltip="Of a run: the part before",
            id="run.part-back"),
    Binding("greater_than_sign", "turn(1)", "Part", show=False, tooltip="Of a run: the next part", id="run.part"),
)  # fmt: skip
"""The keys of the parts, for the screen that shows them."""


class PartTab(Static):
    """A part's key and title; a click shows it."""

    def __init__(self, part: Part) -> None:
        super().__init__(Content.assemble((part.key, "$text-primary bold"), f" {part.title}"), id=f"tab-{part.name}")
        self.part = part

    def on_click(self) -> None:
        """Ask for the part."""
        self.post_message(PartBar.Wanted(self.part.name))


class PartBar(Horizontal):
    """All parts."""

    DEFAULT_CSS = """
    PartBar {
        height: 1;
        background: $surface;
        & > PartTab { width: auto; padding: 0 1; color: $text-muted; }
        & > PartTab.-here { background: $primary 30%; color: $foreground; text-style: bold; }
        & > PartTab.-alarm { color: $text-error; }
        & > PartTab.-idle { display: none; }
    }
    """

    @dataclass
    class Wanted(Message):
        """Someone wants to see a part."""

        part: str

    def compose(self) -> ComposeResult:
        """A tab each."""
        for part in PARTS:
            yield PartTab(part)

    def show(self, part: str, *, failed: bool) -> None:
        """Say which part is shown, and offer that on failures only where there is something to tell."""
        for tab in self.query(PartTab):
            is_here, is_of_failures = tab.part.name == part, tab.part.name == "failure"
            tab.set_class(is_here, "-here")
            tab.set_class(failed and is_of_failures, "-alarm")
            tab.set_class(is_of_failures and not failed and not is_here, "-idle")
