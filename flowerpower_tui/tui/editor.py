"""Opening a file at a line in the editor that `$VISUAL` or `$EDITOR` names."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from textual.app import SuspendNotSupported

from flowerpower_tui.errors import FlowerPowerError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual.app import App

_At = tuple[str, ...]


def _plus(path: str, line: int) -> _At:
    return (f"+{line}", path)


def _colon(path: str, line: int) -> _At:
    return (f"{path}:{line}",)


def _goto(path: str, line: int) -> _At:
    # They return at once unless they are told to wait.
    return ("--wait", "--goto", f"{path}:{line}")


def _jetbrains(path: str, line: int) -> _At:
    return ("--line", str(line), path)


_PRESETS: Mapping[str, Callable[[str, int], _At]] = {
    **dict.fromkeys(("vi", "vim", "nvim", "nano", "emacs", "emacsclient", "micro", "kak", "joe", "ne", "mg"), _plus),
    **dict.fromkeys(("hx", "helix", "subl", "zed"), _colon),
    **dict.fromkeys(("code", "code-insiders", "codium", "cursor", "windsurf"), _goto),
    **dict.fromkeys(("pycharm", "idea", "charm"), _jetbrains),
}
"""How editors are told of a line, by the name of their command."""


def command(path: Path, line: int, environ: Mapping[str, str]) -> list[str]:
    """Return the command that opens a file at a line, as far as the editor is known; 0 means no line.

    Raises:
        FlowerPowerError: no editor is named, or not in a way that a shell would understand.
    """
    named = environ.get("VISUAL") or environ.get("EDITOR") or ""
    try:
        words = shlex.split(named)
    except ValueError:
        words = []
    if not words:
        raise FlowerPowerError("There is no editor to open.", hint="Set EDITOR, as in: export EDITOR=vim")
    preset = _PRESETS.get(Path(words[0]).name)
    return [*words, *(preset(str(path), line) if preset and line else (str(path),))]


def edit(app: App[Any], path: Path, line: int = 0) -> None:
    """Give the terminal to an editor until it ends.

    Raises:
        FlowerPowerError: there is no editor, it cannot be started, or there is no terminal to give.
    """
    words = command(path, line, os.environ)
    try:
        with app.batch_update(), app.suspend():
            subprocess.run(words, check=False)
    except OSError as error:
        raise FlowerPowerError(f"{words[0]} cannot be started: {error.strerror}.", hint="Set EDITOR.") from error
    except SuspendNotSupported as error:
        raise FlowerPowerError("There is no terminal here for another editor.", hint="Edit the file here.") from error
    app.refresh()


def edit_copy(app: App[Any], path: Path, content: bytes, line: int = 0) -> bytes:
    """Give the terminal to an editor with a copy of a file, and return what it leaves there.

    For a file that is in a storage: what lies here is a mirror of it, where a change would reach nobody.

    Raises:
        FlowerPowerError: as by `edit`, or the copy is gone.
    """
    with TemporaryDirectory(prefix="fp-tui-") as folder:
        copy = Path(folder) / path.name
        copy.write_bytes(content)
        edit(app, copy, line)
        try:
            return copy.read_bytes()
        except OSError as error:
            raise FlowerPowerError(f"{path.name}: the editor has left nothing to read.") from error
