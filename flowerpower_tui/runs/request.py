"""What was asked of a run: the request that starts it, and the record of it that stays in its directory."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from flowerpower_tui.runs.values import packed, unpacked

OVERRIDES = "FP_TUI_OVERRIDES"
"""The variable in which a supervisor and its worker get overrides that hold secrets, as JSON; they are not stored."""


class RunRequest(msgspec.Struct, frozen=True):
    """Run this pipeline of this project.

    Attributes:
        project: path of the project's root.
        pipeline: the pipeline's name.
        overrides: shaped like the pipeline's YAML, e.g. `{"run": {"inputs": {…}}, "params": {…}}`.
        url: where the project is, if `project` is a mirror of it.
    """

    project: str
    pipeline: str
    overrides: Mapping[str, Any] = {}
    url: str = ""


class StoredConfig(msgspec.Struct, frozen=True):
    """The effective configuration of a run, as it is kept.

    Attributes:
        values: `project` and `pipeline`, secrets masked.
        origins: where each value comes from, in words, by its dotted path.
    """

    values: Mapping[str, Any]
    origins: Mapping[str, str]


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A request as `request.json` keeps it: secrets in its overrides are masked.

    Attributes:
        id: the run's id.
        time: when it was asked for, UTC.
        request: what was asked.
        versions: of Python, of this package, of Hamilton; and the interpreter that its code runs in.
        config: the effective configuration.
    """

    id: str
    time: datetime
    request: RunRequest
    versions: Mapping[str, str]
    config: StoredConfig | None = None


_TICKS = 1 << 16


def run_id(pipeline: str, moment: float | None = None) -> str:
    """Return an id for a run at `moment` (seconds since the epoch; now): `YYYYMMDD-HHMMSS-<pipeline>-<4 hex>`.

    The last part is the fraction of the second, so that ids of one pipeline sort by time.
    """
    ticks = int((time.time() if moment is None else moment) * _TICKS)
    seconds, fraction = divmod(ticks, _TICKS)
    stamp = datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%d-%H%M%S")
    return f"{stamp}-{slug(pipeline)}-{fraction:04x}"


def slug(pipeline: str) -> str:
    """Return a pipeline's name as it stands in run ids: bounded, and fit to be part of a file's name."""
    return "".join(letter if letter.isalnum() or letter in "._-" else "_" for letter in pipeline[:48])


def write_record(record: RunRecord) -> bytes:
    """Return the record as `request.json` holds it: what JSON has not is marked, so that it comes back as it was."""
    return msgspec.json.format(msgspec.json.encode(_each_value(record, packed)))


def read_record(text: bytes) -> RunRecord:
    """Read what `request.json` holds.

    Raises:
        ValueError: it is not the record of a run.
    """
    return _each_value(msgspec.json.decode(text, type=RunRecord), unpacked)


def _each_value(record: RunRecord, change: Callable[[Any], Any]) -> RunRecord:
    request = msgspec.structs.replace(record.request, overrides=change(record.request.overrides))
    config = record.config and msgspec.structs.replace(record.config, values=change(record.config.values))
    return msgspec.structs.replace(record, request=request, config=config)
