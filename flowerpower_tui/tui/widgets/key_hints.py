"""The last line of a place: hints on keys, but for those that are known by now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

from textual.widgets import Footer
from textual.widgets._footer import FooterKey

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from flowerpower_tui.tui.hints import Hints


class HasHints(Protocol):
    """An application that knows which keys are known."""

    hints: Hints


class KeyHints(Footer):
    """Textual's footer, which leaves room for what is still to be learnt."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False)

    def compose(self) -> ComposeResult:
        """The keys that work, and are not known."""
        hints = cast(HasHints, cast(Any, self.app)).hints
        active = self.screen.active_bindings
        for hint in super().compose():
            binding = active[hint.key].binding if isinstance(hint, FooterKey) and hint.key in active else None
            if binding is None or not hints.is_known(binding.id):
                yield hint
