"""The last line of a place: hints on keys, but for those that are known by now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

from rich.cells import cell_len
from textual.widgets import Footer
from textual.widgets._footer import FooterKey
from typing_extensions import override

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.screen import Screen
    from textual.widget import Widget

    from flowerpower_tui.tui.hints import Hints

# Who knows these finds all others; in a text, where letters are letters, the way out of it; and the way back.
_STAYING = ("help", "app.quit", "leave_text", "enter_text")


class HasHints(Protocol):
    """An application that knows which keys are known."""

    hints: Hints


class KeyHints(Footer):
    """Textual's footer, which leaves room for what is still to be learnt."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False)
        self._made_for = 0
        self._told: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        """The keys that work, and are not known; where they are too many, not the last ones of those that can go."""
        kept = list(self._unknown())
        spare = [hint for hint in kept if not (isinstance(hint, FooterKey) and hint.action in _STAYING)]
        # What can do nothing now goes first.
        spare.sort(key=lambda hint: hint.has_class("-disabled"))
        while spare and sum(map(_width, kept)) > self.app.size.width:
            kept.remove(spare.pop())
        self._made_for = self.app.size.width
        self._told = self._what_counts() if self._bindings_ready else ()
        yield from kept

    @override
    def bindings_changed(self, screen: Screen[Any]) -> None:
        """Begin anew only if there is something else to tell: a live run asks for it many times a second."""
        if screen is not self.screen or self._what_counts() != self._told:
            super().bindings_changed(screen)

    def on_resize(self) -> None:
        """There may be room for more of them, or less."""
        if self.app.size.width != self._made_for:
            self.call_after_refresh(self.recompose)

    @property
    def _hints(self) -> Hints:
        return cast(HasHints, cast(Any, self.app)).hints

    def _what_counts(self) -> tuple[object, ...]:
        """What the line is made from."""
        return tuple(
            (key, active.binding, active.enabled, self._hints.is_known(active.binding.id))
            for key, active in self.screen.active_bindings.items()
            if active.binding.show
        )

    def _unknown(self) -> ComposeResult:
        active = self.screen.active_bindings
        for hint in super().compose():
            binding = active[hint.key].binding if isinstance(hint, FooterKey) and hint.key in active else None
            if binding is None or not self._hints.is_known(binding.id):
                yield hint


def _width(hint: Widget) -> int:
    """The cells that a hint takes: its key and what that does, with a space around each."""
    return cell_len(hint.key_display) + cell_len(hint.description) + 3 if isinstance(hint, FooterKey) else 0
