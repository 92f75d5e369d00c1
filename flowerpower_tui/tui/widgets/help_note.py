"""What a key, a node or a variable is: its type, default and meaning, the value that holds and where that is set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from flowerpower_tui.terminal import one_line, sanitise

if TYPE_CHECKING:
    from pathlib import Path

    from textual.geometry import Offset

    from flowerpower_tui.assist.hover import Help
    from flowerpower_tui.config.layers import Origin


def help_content(known: Help, root: Path) -> Content:
    """Return help as a few lines; files below `root` are named without it."""
    place = spoken_origin(known.origin, root) if known.origin else ""
    return told(known.title, known.kind, known.default, known.meaning, known.value, place)


def told(title: str, kind: str = "", default: str = "", meaning: str = "", value: str = "", place: str = "") -> Content:
    """Return what is known of a key or a name as a few lines; what is empty is left out."""
    parts: list[Content] = [Content.assemble((one_line(title), "bold"))]
    facts = [one_line(kind)] if kind else []
    facts += [f"default {one_line(default)}"] if default else []
    if facts:
        parts.append(Content(", ".join(facts)).stylize("$text-muted"))
    if meaning:
        parts.append(Content(sanitise(meaning)))
    if value:
        now = ("now ", "$text-muted"), (one_line(value), "$text-success"), (f"  {one_line(place)}", "$text-accent")
        parts.append(Content.assemble(*now))
    return Content("\n").join(parts)


def spoken_origin(origin: Origin, root: Path) -> str:
    """Return where a value comes from: `conf/project.yml:4`, `$FP_LOG_LEVEL`, `default`."""
    if origin.file:
        return one_line(f"{origin.file.removeprefix(f'{root}/')}:{origin.line}")
    return one_line(f"${origin.variable}") if origin.variable else origin.layer


class HelpNote(Static):
    """Help over the text, below the cursor."""

    DEFAULT_CSS = """
    HelpNote {
        overlay: screen;
        constrain: inside inflect;
        margin: 1 0;
        padding: 0 1;
        width: auto;
        max-width: 64;
        height: auto;
        max-height: 12;
        background: $panel;
        display: none;
        &.-shown { display: block; }
    }
    """

    @property
    def is_open(self) -> bool:
        """Whether it is shown."""
        return self.has_class("-shown")

    def open(self, content: Content, at: Offset) -> None:
        """Show help at a cell of the screen."""
        self.update(content)
        self.absolute_offset = at
        self.add_class("-shown")

    def close(self) -> None:
        """Show nothing."""
        self.remove_class("-shown")
