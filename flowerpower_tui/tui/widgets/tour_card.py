"""The tour: a line or two above the keys that say what to look at and what to press, on the real screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

if TYPE_CHECKING:
    from textual.app import App
    from textual.screen import Screen


@dataclass(frozen=True)
class Step:
    """A stop of the tour.

    Attributes:
        says: what is said; `{key}` is the key of `action`.
        action: what is to be done, by its name; doing it leads on.
        key: its usual key, for where that action cannot be done at the moment.
        points_at: the part of the screen that it is about; empty for none.
    """

    says: str
    action: str
    key: str
    points_at: str = ""


STEPS = (
    Step(
        "The project: pipelines, how their last runs ended, and the files. {key} goes down.",
        "tree.down",
        "↓",
        "#project",
    ),
    Step(
        "Here is what the pipeline computes. {key} goes to the next pane, and so on around.",
        "pane.next",
        "tab",
        "#preview",
    ),
    Step("{key} runs it. The DAG and the log show each step as it happens.", "run.start", "r", "#preview"),
    Step("The digits go to places. {key} is the DAG, with search, focus and folds.", "go.dag", "2"),
    Step("{key} has every run there was: its log, its timeline, why it failed.", "go.runs", "3"),
    Step("{key} edits files, with help on every key; e opens what you are on.", "go.edit", "4"),
    Step("ctrl+p finds anything by some letters of its name. {key} goes back to the project.", "go.project", "1"),
    Step("{key} lists the keys of where you are; type there to search them. That is all.", "app.help", "?"),
)
OFFER = "New here?  f6 shows you around in a minute,  f7 does not, nor asks again."

# The application's own style says how it looks.
_POINTED = "-pointed"


class TourCard(Static):
    """What the tour says now."""

    DEFAULT_CSS = """
    TourCard {
        height: auto;
        max-height: 3;
        padding: 0 1;
        background: $primary 20%;
        color: $foreground;
    }
    """


class Tour:
    """A walk through the steps; it only ever watches what is done, so it is never in the way.

    Attributes:
        step: the number of the present one; -1 while the tour is only offered.
    """

    def __init__(self, app: App[int], step: int = 0) -> None:
        self._app = app
        self._card = TourCard()
        self.step = step

    def show(self) -> None:
        """Say what is to be said on the screen that is shown now, and point at it."""
        screen = self._app.screen
        if screen.is_modal:
            return
        if self._card.parent is not screen:
            self._card.remove()
            self._card = TourCard()
            screen.mount(self._card, before="KeyHints")
        self._stop_pointing()
        if self.step < 0:
            self._card.update(Content(OFFER))
            return
        step = STEPS[self.step]
        says, _, rest = step.says.partition("{key}")
        self._card.update(
            Content.assemble(
                (f"{self.step + 1}/{len(STEPS)}  ", "$text-muted"),
                says,
                (f" {_key_of(screen, step)} ", "bold reverse"),
                rest,
                ("   f6 ends it" if step is STEPS[-1] else "   f6 next  f7 end", "$text-muted"),
            )
        )
        if step.points_at:
            screen.query(step.points_at).add_class(_POINTED)

    def saw(self, action: str) -> bool:
        """Go on if the present step was done; return whether the tour is over."""
        return self.step >= 0 and STEPS[self.step].action == action and self.go_on()

    def go_on(self) -> bool:
        """Go to the next step; return whether that was the last."""
        self.step += 1
        if self.step == len(STEPS):
            self.end()
            return True
        self._app.call_later(self.show)
        return False

    def end(self) -> None:
        """Leave no trace."""
        self._stop_pointing()
        self._card.remove()

    def _stop_pointing(self) -> None:
        for stack in self._app._screen_stacks.values():  # noqa: SLF001 - the places that are not shown, too
            for screen in stack:
                screen.query(f".{_POINTED}").remove_class(_POINTED)


def _key_of(screen: Screen[object], step: Step) -> str:
    bindings = (active.binding for active in screen.active_bindings.values())
    return next((screen.app.get_key_display(binding) for binding in bindings if binding.id == step.action), step.key)
