"""The user's own editor, opened at a line."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path

from flowerpower_tui.errors import FlowerPowerError

_AT_LINE = {
    **dict.fromkeys(
        ("vi", "vim", "nvim", "nano", "emacs", "emacsclient", "kak", "micro", "joe", "ne", "pico"), "+{line}"
    ),
    **dict.fromkeys(("code", "codium", "cursor", "windsurf"), "--goto"),
    **dict.fromkeys(("hx", "helix", "subl", "zed", "lapce"), ":"),
}


def editor_command(path: Path, line: int = 1) -> list[str]:
    """Return the command that opens a file at a line in the user's editor: `VISUAL`, `EDITOR`, or what is there.

    Raises:
        FlowerPowerError: there is none.
    """
    wanted = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not wanted:
        wanted = next((name for name in ("nano", "vim", "vi") if shutil.which(name)), None)
    if not wanted:
        raise FlowerPowerError("There is no editor to open.", hint="Set EDITOR, e.g. EDITOR=nano.")
    command = shlex.split(wanted)
    if not command or not shutil.which(command[0]):
        raise FlowerPowerError(f"The editor {wanted} is not there.", hint="Set EDITOR to one that is installed.")
    match _AT_LINE.get(Path(command[0]).name):
        case "+{line}":
            return [*command, f"+{line}", str(path)]
        case "--goto":
            # These return at once, unless they are told to wait.
            return [*command, "--wait", "--goto", f"{path}:{line}"]
        case ":":
            return [*command, f"{path}:{line}"]
        case _:
            return [*command, str(path)]
