"""The base of the places that show the chosen pipeline: what is stale in it, broken, different since last time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding
from typing_extensions import override

from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.freshness import in_short, marks, reasons
from flowerpower_tui.tui.screens.place import Place
from flowerpower_tui.tui.widgets.dag_view import DagView

if TYPE_CHECKING:
    from flowerpower_tui.runs.compare import NodeComparison

LOOP: tuple[Binding, ...] = (
    Binding("S", "run_stale", "Run stale", tooltip="Run what is stale, and what that needs", id="run.stale"),
    Binding("E", "fault", "Error", tooltip="Edit the place where it is broken, or failed", id="file.fault"),
    Binding("s", "why_stale", "Stale", show=False, tooltip="Show what is stale, and why", id="dag.stale"),
    Binding(
        "W",
        "on_save",
        "On save",
        show=False,
        tooltip="What a save does to what is stale: nothing, ask, run it",
        id="run.on-save",
    ),
    Binding(
        "b", "compare", "Before", show=False, tooltip="Compare the run with the one before it", id="run.compare-before"
    ),
)
"""The keys of saving, seeing and running again."""

_SAID = {"off": "runs nothing", "ask": "asks whether to run what is stale", "run": "runs what is stale"}


class PipelinePlace(Place):
    """Shows the chosen pipeline; a subclass has `LOOP` among its bindings, and a `DagView`."""

    def on_mount(self) -> None:
        """Ask when it is wanted; offer no run where there is nothing to run."""
        self.session.asked.subscribe(self, self._ask)
        self.session.listed.subscribe(self, self._settled)
        self.session.runs_listed.subscribe(self, self._settled)

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys for what runs, is stale, broken or to be compared are there while something is."""
        match action:
            case "run" if not self.session.can_run and not self.session.is_settling:
                # Dimmed while a run goes on; where there is no pipeline, it means nothing.
                return None if self.session.pipeline else False
            case "cancel":
                return self.session.can_cancel
            case "run_stale":
                return bool(self.session.picture.stale) and self.session.run is not None
            case "fault":
                return self.session.fault_spot is not None
            case "compare":
                return self.session.shown.comparison is not None
        return True

    def action_run(self) -> None:
        """Start the chosen pipeline."""
        self.session.launches.ask()

    def action_cancel(self) -> None:
        """Ask the shown run to end."""
        self.session.cancel()

    def action_run_stale(self) -> None:
        """Run what is stale."""
        if self.session.pipeline is not None:
            self.session.reload.run_stale(self.session.pipeline)

    def action_fault(self) -> None:
        """Edit the place where the pipeline is broken, or the line where its run failed."""
        if (spot := self.session.fault_spot) is not None:
            self.session.edit(*spot)

    def action_why_stale(self) -> None:
        """List what is stale, and why."""
        # Rarely needed, so it does not weigh on every start.
        from flowerpower_tui.tui.screens.stale import Stale

        found = tuple(reasons(self.session.picture))
        if found:
            self.app.push_screen(Stale(self.session.pipeline or "", found), self._go_to)
        else:
            self.notify("Nothing is stale: the values of the last runs are what they would be now.", timeout=3)

    def action_on_save(self) -> None:
        """Let a save lead to something else from now on."""
        pipeline = self.session.pipeline
        if pipeline is not None:
            chosen = self.session.reload.step(pipeline)
            self.notify(f"{one_line(pipeline)}: a save {_SAID[chosen]}", timeout=3, markup=False)
            self.tell_state()

    def action_compare(self) -> None:
        """Show the run beside the one before it that succeeded."""
        from flowerpower_tui.tui.screens.compare import Compare

        if self.session.shown.comparison is not None:
            self.app.push_screen(Compare(self.session.shown.comparison))

    # What subclasses show.

    def tell_state(self) -> None:
        """Say in the title how the pipeline stands."""
        raise NotImplementedError

    def standing(self) -> str:
        """How the pipeline stands, what matters most first."""
        session = self.session
        picture, on_save = session.picture, session.reload.on_save(session.pipeline)
        stale = f"broken: {self._key('fault')} goes there" if picture.is_broken and session.fault else in_short(picture)
        state, *numbers = session.shown.progress(session.graph) or [""]
        # Where it is narrow the end is cut.
        parts = [stale, state, "" if on_save == "off" else f"on save: {on_save}", *numbers]
        return "  ".join(filter(None, parts))

    def show_freshness(self) -> None:
        """Mark what is stale; dim what is only the last good DAG."""
        session, view = self.session, self.query_one(DagView)
        run, picture = session.view, session.picture
        done: set[str] = set()
        if session.can_cancel and run.started and not session.reload.is_seen_since(session.pipeline, run.started):
            done = {name for name, node in run.nodes.items() if node.state == "succeeded"}
        view.set_marks(marks(picture, done))
        view.set_class(picture.is_broken, "-broken")

    def since_before(self, node: str) -> NodeComparison | None:
        """A node beside what it was in the run before."""
        found = self.session.shown.comparison
        return next((one for one in found.nodes if one.node == node), None) if found else None

    # How it is done.

    def _settled(self, _: object) -> None:
        if self.session.pipeline is None:
            self.refresh_bindings()

    def _ask(self, count: int) -> None:
        if self.is_current:
            are = "node is" if count == 1 else "nodes are"
            self.notify(f"{count} {are} stale: press {self._key('run_stale')} to run what is.", timeout=5)

    def _key(self, action: str) -> str:
        """The key of an action, as the user has it."""
        binding = next(one for one in LOOP if one.action == action)
        for active in self.active_bindings.values():
            if active.binding.action == action:
                return self.app.get_key_display(active.binding)
        return binding.key

    def _go_to(self, node: str | None) -> None:
        view = self.query_one(DagView)
        if node is not None and (shown := view.excerpt.shown(node)):
            view.focus()
            view.go_to(shown)
