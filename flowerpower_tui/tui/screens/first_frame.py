"""The first frame: the project's name, the places and the empty panes, drawn in a moment.

Whoever opens a project sees it before all that fills it is imported: the first place comes over it, with the same
lines where they are here.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textual.content import Content
from textual.screen import Screen
from typing_extensions import override

from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.places import PLACES, ROOM_FOR_NAMES
from flowerpower_tui.tui.recent import home_relative

if TYPE_CHECKING:
    from textual.geometry import Size
    from textual.visual import Visual

_HEADER, _LIT = "$foreground-muted on $panel", "bold $background on $primary"
_TITLE, _TREE, _BORDER = "on $surface", "on $foreground 5%", "$panel"


class FirstFrame(Screen[None]):
    """Shows what the first place will be; without a project, nothing."""

    def __init__(self, root: Path | None) -> None:
        super().__init__()
        self._root = root

    @override
    def _render(self) -> Visual:
        """All of it, as one text."""
        return super()._render() if self._root is None else frame(self.app.size, self._root)


def frame(size: Size, root: Path) -> Content:
    """Return the first place's lines in a terminal of this size, as long as nothing is in it."""
    is_low = size.height < 20
    left = 26 if is_low else 24 if size.width < 100 else 34
    right = size.width - left
    node = right - right * 2 // 3 if size.width >= 132 and not is_low else 0
    height = size.height - 2
    log_at = height - 1 if is_low else height * 3 // 5
    edge, edge_left = Content.styled("▕", _BORDER), Content.styled("▏", _BORDER)
    lines = [_title(size.width, root)]
    for y in range(height):
        tree = _header("Project", left - 1, _LIT) if y == 0 else Content.styled(" " * (left - 1), _TREE)
        parts = [tree, edge]
        if y == 0:
            parts.append(_header("DAG", right))
        elif y < log_at:
            parts.append(Content(" " * right))
        else:
            titles = ("Log", "Node") if y == log_at else ("", "")
            parts.append(_header(titles[0], right - node, _HEADER if y == log_at else ""))
            if node:
                parts += edge_left, _header(titles[1], node - 1, _HEADER if y == log_at else "")
        lines.append(Content("").join(parts))
    lines.append(Content.styled(" " * size.width, "on $panel"))
    return Content("\n").join(lines)


def _title(width: int, root: Path) -> Content:
    """The title bar's line."""
    name = Content.assemble(("✿ ", "$text-primary bold"), (one_line(root.name), "bold"))
    widest = (width - 2) * 40 // 100
    parts = [Content(" "), name.truncate(widest, ellipsis=True) if name.cell_length > widest else name, Content("  ")]
    for place, kind in enumerate(PLACES):
        title = f" {kind.title}" if width >= ROOM_FOR_NAMES or not place else ""
        digit = (f" {kind.key}", "bold" if not place else "$text-primary")
        tab = Content.assemble(digit, f"{title} ")
        parts.append(tab.stylize_before("bold on $primary 30%" if not place else "$foreground-muted"))
    used = sum(part.cell_length for part in parts)
    path = Content.styled(f" {one_line(home_relative(root))}", "$foreground-muted")
    parts.append(path.truncate(max(0, width - used - 2), ellipsis=True, pad=True))
    return Content("").join([*parts, Content("  ")]).stylize_before(_TITLE)


def _header(title: str, width: int, style: str = _HEADER) -> Content:
    """A pane's title, alone in its line."""
    return Content.styled(f" {title}".ljust(width), style)
