"""A pipeline's hooks on disk: `hooks/<pipeline>/*.py`, and the functions that are added to them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from flowerpower_tui.errors import AlreadyThereError, InvalidNameError, Location, ProjectError
from flowerpower_tui.project.inside import inside
from flowerpower_tui.project.layout import validate_name


class HookType(StrEnum):
    """What a hook is called for.

    `BEFORE_RUN` and `AFTER_RUN` are called around every run. `MQTT_BUILD_CONFIG` is written as FlowerPower writes it,
    for a bridge that calls it; a run does not.
    """

    BEFORE_RUN = "before-run"
    AFTER_RUN = "after-run"
    MQTT_BUILD_CONFIG = "mqtt-build-config"

    @property
    def function(self) -> str:
        """The name that its function is found by."""
        return self.value.replace("-", "_")


_TEMPLATES = {
    HookType.BEFORE_RUN: '''\
def {function}(pipeline, config):
    """Called before the first attempt; an exception ends the run before it has begun.

    Args:
        pipeline: the pipeline's name.
        config: how it is run (`config.inputs`, `config.final_vars`, …); what is changed in `config.inputs` counts.
    """
''',
    HookType.AFTER_RUN: '''\
def {function}(pipeline, result, error):
    """Called when the run has ended; an exception here is logged, and changes nothing.

    Args:
        pipeline: the pipeline's name.
        result: the values of its final variables; None if it failed.
        error: what the last attempt raised; None if it succeeded.
    """
''',
    HookType.MQTT_BUILD_CONFIG: '''\
def {function}(payload, topic):
    """Called by an MQTT client's bridge, not by a run: turns a message into the pipeline's `run.config`."""
    return {{}}
''',
}


def hook_files(hooks: Path, pipeline: str) -> tuple[Path, ...]:
    """Return the modules in the pipeline's folder below `hooks`, by name."""
    folder = hooks / pipeline
    return tuple(sorted(path for path in folder.glob("*.py") if path.is_file())) if folder.is_dir() else ()


def add_hook(
    hooks: Path, pipeline: str, kind: HookType, *, file: str = "hook.py", function: str = ""
) -> tuple[Path, int]:
    """Add a function to the hooks of a pipeline; return its file and line.

    Args:
        hooks: the project's folder of hooks.
        pipeline: the pipeline's name.
        kind: what it is called for.
        file: the module in the pipeline's folder that it is added to.
        function: what it is called, if not as its kind.

    Raises:
        AlreadyThereError: the module has such a function.
        InvalidNameError: a name is none, or leads out of `hooks`.
        OutputError: the module cannot be written; it is as it was.
        ProjectError: the module cannot be read.
    """
    # Late: each run looks for hooks, and writes none.
    from flowerpower_tui.project.saving import save

    pipeline = validate_name(pipeline)
    function = function or kind.function
    if not function.isidentifier():
        raise InvalidNameError(f"'{function}' is no name for a function.")
    file = file if file.endswith(".py") else f"{file}.py"
    if Path(file).name != file:
        raise InvalidNameError(f"'{file}' is no file in the pipeline's own folder.", hint="As in hook.py.")
    path = inside(hooks, hooks / pipeline / file)
    before = _read(path)
    text = _text(before or b"", path)
    for name in (function, kind.function):
        if line := next((n for n, row in enumerate(text.splitlines(), 1) if row.startswith(f"def {name}(")), 0):
            raise AlreadyThereError(f"There is a '{name}' already.", location=Location(str(path), line))
    added = _TEMPLATES[kind].format(function=function)
    if function != kind.function and kind is not HookType.MQTT_BUILD_CONFIG:
        added += f"\n\n{kind.function} = {function}\n"
    begin = text.rstrip() or f'"""Hooks of the pipeline `{pipeline}`."""'
    added = f"\n\n\n{added}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ProjectError(f"Cannot be made: {error.strerror}.", location=Location(str(path.parent))) from error
    save(path, (begin + (added.replace("\n", "\r\n") if "\r\n" in text else added)).encode(), before)
    return path, begin.count("\n") + 4


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ProjectError(f"Cannot be read: {error.strerror}.", location=Location(str(path))) from error


def _text(content: bytes, path: Path) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise ProjectError("Is not UTF-8 text.", location=Location(str(path))) from error
