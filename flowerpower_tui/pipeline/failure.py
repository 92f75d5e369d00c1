"""A failure as data: what was raised and where, trimmed to the user's code. Events carry it; it imports no Hamilton."""

from __future__ import annotations

import msgspec


class Frame(msgspec.Struct, frozen=True, omit_defaults=True):
    """One level of a traceback, outermost first."""

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
