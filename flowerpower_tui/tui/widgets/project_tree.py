"""The project as a tree: pipelines with the state of their last run, configuration, modules, data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.binding import Binding
from textual.message import Message
from textual.widgets import Tree

from flowerpower_tui.runs.lines import spoken_time
from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.states import look

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from rich.text import TextType
    from textual.widgets.tree import TreeNode

    from flowerpower_tui.project.tree import Folder, ProjectListing
    from flowerpower_tui.runs.store import RunInfo

# So many show their files at once; more are a list to choose from first.
_FEW_PIPELINES = 4
# Columns in which there is room for words.
_ROOMY = 30

Kind = Literal["section", "pipeline", "file", "folder", "trouble"]


@dataclass(frozen=True)
class Item:
    """What a line of the tree stands for."""

    kind: Kind
    name: str
    path: Path | None = None


class ProjectTree(Tree[Item]):
    """Lists what is in the project, and tells what the cursor is on."""

    BINDINGS: ClassVar = [
        Binding("up,k", "cursor_up", "Up", show=False, tooltip="Go up", id="tree.up"),
        Binding("down,j", "cursor_down", "Down", show=False, tooltip="Go down", id="tree.down"),
        Binding("left,h", "cursor_parent", "Out", show=False, tooltip="Go to what this is in", id="tree.out"),
        Binding("right,l", "toggle_node", "In", show=False, tooltip="Open or close", id="tree.toggle"),
        Binding("enter,space", "select_cursor", "Open", show=False, tooltip="Open or close", id="tree.open"),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "state--success",
        "state--error",
        "state--warning",
        "state--accent",
        "state--muted",
        "tree--section",
    }

    DEFAULT_CSS = """
    ProjectTree {
        background: $background;
        padding: 0 0 0 1;
        scrollbar-size: 0 1;
        scrollbar-color: $panel;
        scrollbar-background: $background;
        & > .state--success { color: $text-success; }
        & > .state--error { color: $text-error; }
        & > .state--warning { color: $text-warning; }
        & > .state--accent { color: $text-accent; }
        & > .state--muted { color: $text-muted; }
        & > .tree--section { color: $text-muted; text-style: bold; }
        & > .tree--guides { color: $text-disabled; }
        & > .tree--guides-hover, & > .tree--guides-selected { color: $text-disabled; }
    }
    """

    @dataclass
    class ItemHighlighted(Message):
        """The cursor is on `item` now."""

        item: Item

    @dataclass
    class PipelineOpened(Message):
        """Enter or a click was on `pipeline`."""

        pipeline: str

    @dataclass
    class FolderWanted(Message):
        """A folder was opened: `show_folder` wants to be told what is in it."""

        path: Path

    @dataclass
    class ListingWanted(Message):
        """The project's own folder could not be listed, and shall be once more."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__("project", id=id)
        self.show_root = False
        self.guide_depth = 2
        self.auto_expand = True
        self._last_runs: dict[str, RunInfo] = {}
        self._news: Mapping[str, str] = {}

    def show(self, listing: ProjectListing) -> None:
        """Fill the tree anew; the cursor goes back to where it was, if that is still there."""
        here = self.cursor_node.data if self.cursor_node else None
        self.clear()
        pipelines = self._section("Pipelines", expand=True)
        expand = len(listing.pipelines) <= _FEW_PIPELINES
        for entry in listing.pipelines:
            line = pipelines.add(entry.name, Item("pipeline", entry.name, entry.config or entry.module), expand=expand)
            for path in (entry.config, entry.module):
                if path is not None:
                    line.add_leaf(path.name, Item("file", path.name, path))
        self._files("Configuration", listing.config)
        self._files("Modules", listing.modules)
        if listing.data or listing.data.trouble:
            self._add_folder(self._section("Files", expand=True), listing.data)
        if here is not None:
            self._go_to(here)

    def show_runs(self, runs: Iterable[RunInfo]) -> None:
        """Show the state of each pipeline's last run; `runs` come newest first."""
        self._last_runs = {}
        for run in runs:
            self._last_runs.setdefault(run.pipeline, run)
        for section in self.root.children:
            for line in section.children:
                if line.data is not None and line.data.kind == "pipeline":
                    line.refresh()

    def show_news(self, news: Mapping[str, str]) -> None:
        """Show behind pipelines what is new of them, in a word: `broken`, `changed`, `3 stale`."""
        before, self._news = self._news, news
        for section in self.root.children:
            for line in section.children:
                if line.data is not None and line.data.kind == "pipeline":
                    name = line.data.name
                    if before.get(name, "") != news.get(name, ""):
                        line.refresh()

    def go_to_pipeline(self, name: str) -> None:
        """Put the cursor on a pipeline."""
        for section in self.root.children:
            for line in section.children:
                if line.data is not None and line.data.kind == "pipeline" and line.data.name == name:
                    self.call_after_refresh(self.move_cursor, line)
                    return

    def render_label(self, node: TreeNode[Item], base_style: Style, style: Style) -> Text:
        """A pipeline's line has the state of its last run before the name, and its duration behind it."""
        item = node.data
        text = str(node.label)
        if item is None or item.kind not in ("section", "pipeline"):
            label = Text(text, style=style)
            if item is not None and item.kind == "folder":
                label = Text(f"{'▾' if node.is_expanded else '▸'} ", style=base_style) + label
            return label
        if item.kind == "section":
            # One that is open shows so by what is below it.
            closed = "" if node.is_expanded or not node.children else " ▸"
            return Text(text + closed, style=style + self.get_component_rich_style("tree--section"))
        run = self._last_runs.get(item.name)
        mark = look(run.state if run else "never")
        colour = self.get_component_rich_style(f"state--{mark.variable.removeprefix('text-')}")
        label = Text.assemble((f"{mark.glyph} ", base_style + colour), (text, style))
        if news := self._news.get(item.name, ""):
            kind = "error" if news == "broken" else "warning"
            sign = {"broken": "✗", "changed": "~"}.get(news, "!")
            said = news if self.size.width >= _ROOMY else news.partition(" ")[0] if sign == "!" else ""
            label.append(f" {sign}{said}", base_style + self.get_component_rich_style(f"state--{kind}"))
        elif run is not None and run.is_over:
            took = f"  {spoken_time(run.duration)}"
            # Milliseconds that are cut off at their m are minutes to whoever reads it.
            if self.guide_depth + label.cell_len + cell_len(took) <= self.size.width:
                label.append(took, base_style + self.get_component_rich_style("state--muted"))
        return label

    def process_label(self, label: TextType) -> Text:
        """A name is shown as it is, in one line: what looks like markup in it is none."""
        return Text(one_line(str(label)))

    def on_tree_node_highlighted(self, event: Tree.NodeHighlighted[Item]) -> None:
        """Tell what the cursor is on."""
        event.stop()
        if event.node.data is not None:
            self.post_message(self.ItemHighlighted(event.node.data))

    def on_tree_node_selected(self, event: Tree.NodeSelected[Item]) -> None:
        """Tell that a pipeline was opened; try again what could not be listed."""
        event.stop()
        match event.node.data:
            case Item("pipeline", name):
                self.post_message(self.PipelineOpened(name))
            case Item("trouble", _, path):
                folder = event.node.parent
                if folder is None or folder.data is None or folder.data.kind != "folder" or path is None:
                    self.post_message(self.ListingWanted())
                else:
                    self._ask_for(folder, path)

    def on_tree_node_expanded(self, event: Tree.NodeExpanded[Item]) -> None:
        """Ask for what is in a folder when it is first opened."""
        event.stop()
        item = event.node.data
        if item is not None and item.kind == "folder" and item.path is not None and not event.node.children:
            self._ask_for(event.node, item.path)

    def show_folder(self, folder: Folder) -> None:
        """Show what is in a folder that was asked for, if it is still there."""
        line = next((line for line in self._lines_below(self.root) if line.data == _folder(folder.path)), None)
        if line is None:
            return
        is_on_it = self.cursor_node is not None and self.cursor_node.parent is line
        line.remove_children()
        self._add_folder(line, folder)
        if is_on_it:
            self.call_after_refresh(self.move_cursor, line.children[0] if line.children else line)

    def _ask_for(self, line: TreeNode[Item], path: Path) -> None:
        if not line.children:
            line.add_leaf("…")
        self.post_message(self.FolderWanted(path))

    def _lines_below(self, line: TreeNode[Item]) -> Iterator[TreeNode[Item]]:
        for child in line.children:
            yield child
            yield from self._lines_below(child)

    def _section(self, name: str, *, expand: bool) -> TreeNode[Item]:
        return self.root.add(name, Item("section", name), expand=expand)

    def _files(self, section: str, paths: Iterable[Path]) -> None:
        paths = list(paths)
        if paths:
            parent = self._section(section, expand=True)
            for path in paths:
                parent.add_leaf(path.name, Item("file", path.name, path))

    def _add_folder(self, parent: TreeNode[Item], folder: Folder) -> None:
        for path in folder:
            if path in folder.folders:
                parent.add(path.name, _folder(path))
            else:
                parent.add_leaf(path.name, Item("file", path.name, path))
        if folder.left_off is None:
            parent.add_leaf("… and more")
        elif folder.left_off:
            parent.add_leaf(f"… {folder.left_off:,} more")
        if folder.trouble:
            parent.add_leaf(f"✗ enter tries again: {folder.trouble}", Item("trouble", folder.trouble, folder.path))

    def _go_to(self, item: Item) -> None:
        waiting = list(self.root.children)
        for line in waiting:
            if line.data == item:
                self.call_after_refresh(self.move_cursor, line)
                return
            waiting.extend(line.children)


def _folder(path: Path) -> Item:
    return Item("folder", path.name, path)
