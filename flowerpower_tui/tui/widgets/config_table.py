"""The configuration that a run had: every value with its origin; those that somebody set stand out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from rich.cells import cell_len, set_cell_size
from textual.binding import Binding
from textual.reactive import reactive
from typing_extensions import override

from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.spots import Spot
from flowerpower_tui.tui.widgets.spot_rows import SpotRows
from flowerpower_tui.yamldoc.dump import inline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowerpower_tui.runs.request import RunRecord
    from flowerpower_tui.tui.widgets.cursor_view import Piece

DEFAULT = "default"
# As an origin in a file is told.
_PLACE = re.compile(r"(?P<file>/.*?):(?P<line>\d+)(?::\d+)?(?: \(.*\))?$")
_LONGEST_KEY = 44


class ConfigRow(NamedTuple):
    """A value: its dotted path, itself as YAML in a line, where it comes from; and that place, if it is in a file."""

    key: str
    value: str
    origin: str
    spot: Spot | None = None

    @property
    def is_default(self) -> bool:
        """Whether nobody set it."""
        return self.origin == DEFAULT


class ConfigTable(SpotRows):
    """Keys, values, origins."""

    BINDINGS: ClassVar = [
        Binding("x", "defaults", "Defaults", tooltip="Show what nobody has set, too, or hide it", id="config.defaults"),
    ]

    defaults: reactive[bool] = reactive(False)
    """Whether values that nobody set are shown, too."""

    def __init__(self, root: Path, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._root = root
        self._all: list[ConfigRow] = []
        self._shown: list[ConfigRow] = []

    @property
    def hidden(self) -> int:
        """How many values are not shown."""
        return len(self._all) - len(self._shown)

    def show(self, record: RunRecord | None) -> None:
        """Show what a run was given; nothing, if that is not known."""
        self._all = config_rows(record, self._root) if record is not None else []
        self._choose()

    @property
    @override
    def spot(self) -> Spot | None:
        """Where the value under the cursor was set, if in a file."""
        return self._shown[self.cursor].spot if self._shown else None

    def line_count(self) -> int:
        """The values that are shown."""
        return len(self._shown)

    def pieces(self, index: int) -> Iterator[Piece]:
        """Key, value, origin."""
        row = self._shown[index]
        key_width, value_width = self._widths()
        yield " ", ""
        yield f"{_fit(row.key, key_width)}  ", "text-muted" if row.is_default else "text-primary"
        yield f"{_fit(row.value, value_width)}  ", "text-muted" if row.is_default else "strong"
        yield row.origin, "text-disabled" if row.is_default else "text-accent"

    def watch_defaults(self) -> None:
        """Show other rows."""
        self._choose()

    def action_defaults(self) -> None:
        """Show what nobody has set, too, or hide it."""
        self.defaults = not self.defaults

    def _choose(self) -> None:
        here = self._shown[self.cursor] if self._shown else None
        self._shown = [row for row in self._all if self.defaults or not row.is_default]
        self.rows_changed(sum(self._widths()) + 5 + max((cell_len(row.origin) for row in self._shown), default=0))
        if here in self._shown:
            self.cursor = self._shown.index(here)

    def _widths(self) -> tuple[int, int]:
        keys = max((cell_len(row.key) for row in self._shown), default=0)
        values = max((cell_len(row.value) for row in self._shown), default=0)
        return min(keys, _LONGEST_KEY), min(values, max(16, self.size.width - _LONGEST_KEY - 20))


def config_rows(record: RunRecord, root: Path) -> list[ConfigRow]:
    """Return what a run was given as rows, safe to show: configuration, then versions. Files below `root` lose it."""
    rows: list[ConfigRow] = []
    if record.config is not None:
        origins = record.config.origins
        rows += [_row(path, value, origins.get(path, ""), root) for path, value in _values(record.config.values)]
    else:
        rows += [_row(path, value, "override", root) for path, value in _values(record.request.overrides)]
    rows += [_row(f"versions.{name}", version, "installed", root) for name, version in record.versions.items()]
    return rows


def _row(key: str, value: Any, origin: str, root: Path) -> ConfigRow:
    place = _PLACE.match(origin)
    spot = Spot(Path(place["file"]), int(place["line"])) if place else None
    shown = origin.removeprefix(f"{root}/")
    return ConfigRow(one_line(key), one_line(inline(value)), one_line(shown), spot)


def _values(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and (value or not path):
        for key, item in value.items():
            yield from _values(item, f"{path}.{key}" if path else str(key))
    else:
        yield path, value


def _fit(text: str, width: int) -> str:
    return set_cell_size(text, width) if cell_len(text) <= width else set_cell_size(text, width - 1) + "…"
