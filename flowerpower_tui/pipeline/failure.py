"""A failure as data: what was raised and where, trimmed to the user's code. Events carry it; it imports no Hamilton."""

from __future__ import annotations

import linecache
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import msgspec

from flowerpower_tui.errors import FlowerPowerError
from flowerpower_tui.pipeline.places import PACKAGE, absolute, is_own_file

MESSAGE_LIMIT = 4000
SOURCE_LIMIT = 300
FRAMES_LIMIT = 40
CAUSES_LIMIT = 5

FAILURE = "__flowerpower_failure__"
"""The attribute of an exception that comes from another process, for its failure as that process told it."""

# What runs users' code; at the head of a traceback it says nothing about it.
_MACHINERY = (
    str(PACKAGE),
    str(Path(sysconfig.get_path("purelib"), "hamilton")),
    str(Path(sysconfig.get_path("stdlib"), "concurrent")),
)


class Frame(msgspec.Struct, frozen=True, omit_defaults=True):
    """One level of a traceback, outermost first. Without a file it stands for frames left out, told by `function`."""

    file: str
    line: int
    function: str
    source: str = ""


class Failure(msgspec.Struct, frozen=True, omit_defaults=True):
    """An exception as it is stored and shown.

    Attributes:
        type: the exception's qualified type name, builtins without their module.
        message: `str(exception)`, bounded.
        frames: the traceback from the user's first frame on; empty for a mistake in input.
        cause: what it was raised from.
        user_error: a mistake in input (a `FlowerPowerError`): no traceback, exit code 2.
        location: `file:line:column` for a mistake in input.
        hint: what to do, where that is known.
    """

    type: str
    message: str
    frames: tuple[Frame, ...] = ()
    cause: Failure | None = None
    user_error: bool = False
    location: str = ""
    hint: str = ""


def describe(exception: BaseException, project_root: Path) -> Failure:
    """Tell an exception as data, its traceback starting at the project's own code."""
    if isinstance(exception, FlowerPowerError):
        return _describe_mistake(exception)
    if isinstance(known := vars(exception).get(FAILURE), Failure):
        return known
    return _describe(exception, absolute(project_root), seen=())


def render(failure: Failure, root: Path | None = None) -> list[str]:
    """The failure as lines of plain text: as Python prints it, or what, where and what to do for a mistake in input.

    Files below `root` are told by the way from there.
    """
    return list(_mistake_lines(failure) if failure.user_error else _traceback_lines(failure, root))


def line_in(failure: Failure, file: str) -> int:
    """The line of `file` that the traceback came to last, or that of what it was raised from; 0 if neither did."""
    line = next((frame.line for frame in reversed(failure.frames) if frame.file == file), 0)
    return line or (line_in(failure.cause, file) if failure.cause is not None else 0)


def shown(file: str, root: Path | None) -> str:
    """A file as it is told: by the way from `root`, where it lies below that."""
    path = Path(file)
    return str(path.relative_to(root)) if root is not None and path.is_relative_to(root) else file


def _describe_mistake(error: FlowerPowerError) -> Failure:
    name = type(error).__name__
    if len(error.problems) > 1:
        text = "\n".join(map(str, error.problems))
        return Failure(type=name, message=_bounded(text, MESSAGE_LIMIT), user_error=True)
    return Failure(
        type=name,
        message=_bounded(error.message, MESSAGE_LIMIT),
        user_error=True,
        location=str(error.location or ""),
        hint=_bounded(error.hint, MESSAGE_LIMIT),
    )


def _describe(exception: BaseException, root: Path, seen: tuple[BaseException, ...]) -> Failure:
    seen = (*seen, exception)
    origin = exception.__cause__ or (None if exception.__suppress_context__ else exception.__context__)
    if origin is None and isinstance(exception, BaseExceptionGroup):
        origin = exception.exceptions[0]  # the message has all of them
    told = origin is not None and origin not in seen and len(seen) < CAUSES_LIMIT
    return Failure(
        type=_type_name(type(exception)),
        message=_bounded(_message(exception), MESSAGE_LIMIT),
        frames=_frames(exception.__traceback__, root),
        cause=_describe(origin, root, seen) if origin is not None and told else None,
    )


def _type_name(kind: type) -> str:
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _message(exception: BaseException) -> str:
    try:
        notes = getattr(exception, "__notes__", ())
        inner = exception.exceptions if isinstance(exception, BaseExceptionGroup) else ()
        told = [f"- {_type_name(type(one))}: {_message(one)}" for one in inner]
        return "\n".join([str(exception), *told, *map(str, notes)])
    except Exception as error:  # noqa: BLE001 - users write __str__, and a failure must be told all the same
        return f"<its message cannot be shown: {type(error).__name__}>"


def _bounded(text: str, limit: int) -> str:
    text = text if len(text) <= limit else text[: limit - 1] + "…"
    # Lone surrogates, from names of files that are no UTF-8, cannot be stored.
    return text.encode("utf-8", "replace").decode("utf-8")


def _frames(traceback: TracebackType | None, root: Path) -> tuple[Frame, ...]:
    levels = list(_levels(traceback))
    start = next((index for index, level in enumerate(levels) if is_own_file(level[0], root)), None)
    if start is None:
        start = next((index for index, level in enumerate(levels) if not level[0].startswith(_MACHINERY)), 0)
    levels = levels[start:]
    left_out = len(levels) - FRAMES_LIMIT
    if left_out <= 0:
        return tuple(_frame(*level) for level in levels)
    half = FRAMES_LIMIT // 2
    gap = Frame(file="", line=0, function=f"… {left_out} more frames …")
    return (*(_frame(*level) for level in levels[:half]), gap, *(_frame(*level) for level in levels[-half:]))


def _levels(traceback: TracebackType | None) -> Iterator[tuple[str, int, str]]:
    while traceback is not None:
        code = traceback.tb_frame.f_code
        # Absolute, so that the file is found wherever it is shown; `<string>` and the like are no paths.
        file = code.co_filename if code.co_filename.startswith("<") else str(Path(code.co_filename).absolute())
        yield file, traceback.tb_lineno or 0, code.co_name
        traceback = traceback.tb_next


def _frame(file: str, line: int, function: str) -> Frame:
    linecache.checkcache(file)
    return Frame(
        _bounded(file, MESSAGE_LIMIT), line, function, _bounded(linecache.getline(file, line).strip(), SOURCE_LIMIT)
    )


def _mistake_lines(failure: Failure) -> Iterator[str]:
    what = f"{failure.location}: {failure.message}" if failure.location else failure.message
    yield from what.splitlines()
    yield from failure.hint.splitlines()


def _traceback_lines(failure: Failure, root: Path | None) -> Iterator[str]:
    if failure.cause is not None:
        yield from _traceback_lines(failure.cause, root)
        yield ""
        yield "That led to another exception:"
        yield ""
    if failure.frames:
        yield "Traceback (most recent call last):"
    for frame in failure.frames:
        if not frame.file:
            yield f"  {frame.function}"
            continue
        yield f'  File "{shown(frame.file, root)}", line {frame.line}, in {frame.function}'
        if frame.source:
            yield f"    {frame.source}"
    head, *rest = failure.message.splitlines() or [""]
    yield f"{failure.type}: {head}" if head else failure.type
    yield from rest
