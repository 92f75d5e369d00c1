"""Run again, with changes: the overrides of a run as YAML, checked as a run checks them before anything is started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Footer, Static, TextArea

from flowerpower_tui.config.secrets import MASK
from flowerpower_tui.errors import FlowerPowerError, RunStoreError
from flowerpower_tui.runs.request import RunRequest
from flowerpower_tui.terminal import one_line, sanitise
from flowerpower_tui.tui.background import in_background
from flowerpower_tui.tui.run_work import RecordRead, read_record
from flowerpower_tui.tui.screens.modal import Modal
from flowerpower_tui.yamldoc.document import Document
from flowerpower_tui.yamldoc.dump import dump

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import ComposeResult

    from flowerpower_tui.runs.directory import RunDirectory
    from flowerpower_tui.runs.request import RunRecord

# What people change for one run.
_USUAL = ("inputs", "config", "final_vars", "executor", "retry", "log_level")


@dataclass
class Checked(Message):
    """What was written can be run; or not, for these reasons."""

    request: RunRequest | None
    problems: str


class EditRun(Modal[RunRequest | None]):
    """A form over the runs: gives the request that shall be started, or nothing."""

    CSS_PATH = "edit_run.tcss"

    BINDINGS: ClassVar = [
        Binding(
            "ctrl+s,f2",
            "start",
            "Start",
            key_display="ctrl+s",
            tooltip="Check it, and start the run",
            id="edit-run.start",
            priority=True,
        ),
        # Before the text area takes it for leaving the text.
        Binding("escape", "dismiss", "Close", key_display="esc", priority=True),
    ]

    def __init__(self, run: RunDirectory, root: Path) -> None:
        super().__init__()
        self._run = run
        self._root = root
        self._record: RunRecord | None = None

    def compose(self) -> ComposeResult:
        """What it is about, the text, what is wrong with it."""
        with Vertical(id="form"):
            yield Static(Content(f"Again, with changes: {one_line(self._run.id)}"), id="form-title")
            yield TextArea(id="overrides", show_line_numbers=False, tab_behavior="indent", soft_wrap=False)
            yield Static(id="form-problems")
            yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Find out what the run was asked for."""
        read_record(self._run, self)

    def on_record_read(self, event: RecordRead) -> None:
        """Begin with what the run was asked for."""
        self._record = event.record
        if event.record is None:
            self._say(str(event.error))
            return
        text = self.query_one(TextArea)
        text.text = form_text(event.record)
        text.focus()

    def on_checked(self, event: Checked) -> None:
        """Give the request; or say what is wrong with it."""
        if event.request is not None:
            self.dismiss(event.request)
        else:
            self._say(event.problems)

    def on_text_area_changed(self) -> None:
        """What was wrong may be mended."""
        self._say("")

    def action_start(self) -> None:
        """Check what is written; what can be run is started."""
        if self._record is not None:
            record, text = self._record, self.query_one(TextArea).text
            in_background("check-overrides", lambda: checked(record, text, self._root), self)

    def _say(self, problems: str) -> None:
        said = self.query_one("#form-problems", Static)
        said.update(Content(sanitise(problems)))
        said.set_class(bool(problems), "-shown")


def form_text(record: RunRecord) -> str:
    """Return the overrides of a run as YAML; and, as comments, what else people change, as it was in that run."""
    lines = ["# Overrides for this one run; the pipeline's YAML stays as it is."]
    overrides = dict(record.request.overrides)
    lines += dump(overrides).splitlines() if overrides else []
    lines += ["", "# What else is often changed, as that run had it. Take the # away from a line to set it."]
    had = _run_section(record)
    given = overrides.get("run")
    unset = {key: had[key] for key in _USUAL if key in had and key not in (given if isinstance(given, Mapping) else {})}
    if unset:
        below = dump({"run": unset}).splitlines()
        lines += [f"# {line}" for line in (below[1:] if isinstance(given, Mapping) else below)]
    return "\n".join(lines) + "\n"


def checked(record: RunRecord, text: str, root: Path) -> Checked:
    """Return what `text` asks for on top of the pipeline as it is now; or every reason why that cannot be run."""
    # Late: reading configuration is not needed before.
    from flowerpower_tui.config.resolve import resolve_pipeline

    pipeline = record.request.pipeline
    try:
        overrides = _read(text)
        if secrets := sorted(_masked(overrides)):
            raise RunStoreError(f"Secrets are not kept: give {', '.join(secrets)} again, or remove the line.")
        resolve_pipeline(root, pipeline, overrides)
    except FlowerPowerError as error:
        return Checked(None, "\n".join(map(str, error.problems)))
    return Checked(RunRequest(record.request.project, pipeline, overrides), "")


def _read(text: str) -> dict[str, Any]:
    values = Document.parse(text, "overrides").value
    if values is None:
        return {}
    if not isinstance(values, Mapping):
        raise RunStoreError("These are no overrides.", hint="They begin as in: run:")
    return {str(key): value for key, value in values.items()}


def _run_section(record: RunRecord) -> Mapping[str, Any]:
    values: Any = record.config.values if record.config else {}
    for key in ("pipeline", "run"):
        values = values.get(key) if isinstance(values, Mapping) else None
    return values if isinstance(values, Mapping) else {}


def _masked(value: Any, path: str = "") -> set[str]:
    if isinstance(value, Mapping):
        return {name for key, item in value.items() for name in _masked(item, f"{path}.{key}" if path else str(key))}
    if isinstance(value, list):
        return {name for item in value for name in _masked(item, path)}
    return {path} if isinstance(value, str) and MASK in value else set()
