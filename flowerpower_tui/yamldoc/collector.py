"""Python's garbage collector, kept out of the way while a file is read."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let nothing be collected meanwhile.

    Reading makes very many objects that all stay, and has an end. The collector would look through them again and
    again: of a file of 1 MB that takes longer than the reading does.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
