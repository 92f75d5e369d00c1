"""Moments as people say them: how long ago, and on which day."""

from __future__ import annotations

from datetime import datetime

_STEPS = ((60.0, "s"), (60.0, "m"), (24.0, "h"), (7.0, "d"), (52.0, "w"))


def ago(moment: datetime, now: datetime) -> str:
    """Return how long ago it was: `just now`, `40 s ago`, `3 m ago`, `2 d ago`, `3 y ago`."""
    amount = max(0.0, (now - moment).total_seconds())
    if amount < 2:
        return "just now"
    for size, unit in _STEPS:
        if amount < size:
            return f"{int(amount)} {unit} ago"
        amount /= size
    return f"{int(amount)} y ago"


def clock(moment: datetime, now: datetime) -> str:
    """Return the moment by the clock on the wall: the time if it was today, with the day or the year if it was not."""
    local, today = moment.astimezone(), now.astimezone()
    if local.date() == today.date():
        return f"{local:%H:%M:%S}"
    return f"{local:%d %b %H:%M}" if local.year == today.year else f"{local:%d %b %Y}"
