"""Names as they are drawn: one line, nothing that drives a terminal, no blanks, and no two alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.cells import cell_len

from flowerpower_tui.terminal import sanitise

# Variation selector 16.
_AS_EMOJI = "\ufe0f"


def labels(names: Iterable[str], barred: str = "") -> Mapping[str, str]:
    """Return a label for each name; for a Python name without a variation selector that is the name itself.

    Args:
        names: the names, each once.
        barred: glyphs that must not stand in a label.
    """
    names = tuple(names)
    bars = str.maketrans(dict.fromkeys(barred, "_"))
    drawn = {name: _plain(name).translate(bars) for name in names}
    # A name that is its own label keeps it, whoever comes first.
    taken = {name for name in names if drawn[name] == name}
    for name in names:
        if drawn[name] == name:
            continue
        label, count = drawn[name], 1
        while label in taken:
            count += 1
            label = f"{drawn[name]}~{count}"
        drawn[name] = label
        taken.add(label)
    return drawn


def _plain(name: str) -> str:
    # Terminals do not agree on how wide a sign is that shall be an emoji.
    label = "".join("␣" if char.isspace() else char for char in sanitise(name).replace(_AS_EMOJI, ""))
    label = "".join(char if char.isprintable() else "\ufffd" for char in label)
    # A label of no width at all could not be seen.
    return label if cell_len(label[:1]) else f"␣{label}"
