"""Values against the models, key by key, so that one pass tells everything that is wrong with a layer.

A key that no model knows is a notice with the nearest known one, never an error: FlowerPower ignores it too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from msgspec.structs import FieldInfo

from flowerpower_tui.config.fit import Fault, allows_null, fit, wanted
from flowerpower_tui.config.layers import KeyPath, Layer
from flowerpower_tui.config.models import RetryConfig, RunConfig
from flowerpower_tui.config.secrets import any_secret, masked
from flowerpower_tui.config.section import default_of, fields, is_section
from flowerpower_tui.errors import Problem, did_you_mean, nearest

# FlowerPower once read these; they have done nothing for years, and many files still have them.
_RETIRED = frozenset({"schedule", "job_queue", "worker", "open_telemetry", "tracker"})
# FlowerPower's notes to itself, which it may have left in a file.
_ITS_OWN = frozenset(
    {
        "explicit_overrides",
        "executor_override_raw",
        "with_adapter_override_raw",
        "retry_override_raw",
        "pipeline_adapter_cfg_override_raw",
        "project_adapter_cfg_override_raw",
    }
)
ONLY_FROM_PYTHON = frozenset({("run", "on_success"), ("run", "on_failure")})
"""Keys that no file can give a value."""
MOVED = frozenset(fields(RetryConfig))
"""Keys of `run.retry` that old files have in `run`."""


@dataclass(frozen=True)
class Setting:
    """A value that fits its key.

    Attributes:
        path: the key's place in the model.
        value: as the model wants it.
        written: the path it was written at; another one for a key that has moved.
        clears: it takes the place of what weaker layers say, also where a mapping would be laid over theirs.
    """

    path: tuple[str, ...]
    value: Any
    written: KeyPath
    clears: bool = False


@dataclass
class Checked:
    """What a layer says that can be used, and what cannot."""

    settings: list[Setting] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)


def check(layer: Layer, model: type[msgspec.Struct]) -> Checked:
    """Return what of `layer` fits `model`, with a problem for each value that does not."""
    checker = _Checker(layer)
    checker.section(model, layer.values, ())
    return checker.checked


class _Checker:
    def __init__(self, layer: Layer) -> None:
        self.checked = Checked()
        self._layer = layer

    def section(self, model: type[msgspec.Struct], values: Mapping[Any, Any], path: tuple[str, ...]) -> None:
        known = fields(model)
        if model is RunConfig:
            self._moved(values, path)
        for key, value in values.items():
            here = (*path, key)
            info = known.get(key)
            if info is None:
                if not (model is RunConfig and key in MOVED):
                    self._unknown(key, known, values, path)
            elif value is None:
                self._null(info, here)
            elif not is_section(info):
                self._leaf(info, value, here, here)
            elif isinstance(value, Mapping):
                self.section(info.type, value, here)
            else:
                self._refuse(Fault(here, "a mapping", value, f"Its keys: {', '.join(fields(info.type))}."))

    def _moved(self, values: Mapping[Any, Any], path: tuple[str, ...]) -> None:
        """Take the retry settings that stand flat in `run`, as in old files; what stands in `retry` is stronger."""
        nested = values.get("retry")
        for key, value in values.items():
            if key not in MOVED or value is None:
                continue
            written, place = (*path, key), (*path, "retry", key)
            counts = "" if not isinstance(nested, Mapping) or nested.get(key) is None else ", which is set and counts"
            self._notice(written, f"{_dotted(written)} has moved to {_dotted(place)}{counts}", code="moved-key")
            if not counts:
                one_name = key == "retry_exceptions" and isinstance(value, str)
                self._leaf(fields(RetryConfig)[key], [value] if one_name else value, place, written, strict=False)

    def _null(self, info: FieldInfo, path: tuple[str, ...]) -> None:
        """Take null as no value, but where it has a meaning; a caller's null clears what weaker layers say."""
        default = default_of(info)
        if self._layer.name == "override":
            if is_section(info):
                self._refuse(Fault(path, "a mapping", None, f"Its keys: {', '.join(fields(info.type))}."))
            else:
                cleared = None if allows_null(info.type) else _emptied(default)
                self.checked.settings.append(Setting(path, cleared, path, clears=True))
        elif default is not None and allows_null(info.type):
            self.checked.settings.append(Setting(path, None, path))

    def _leaf(
        self, info: FieldInfo, value: Any, path: tuple[str, ...], written: tuple[str, ...], *, strict: bool = True
    ) -> None:
        if path in ONLY_FROM_PYTHON and self._layer.name != "override":
            message = f"{_dotted(written)} can only be given from Python"
            self._problem(written, message, "Take it out of the file.", "only-from-python")
            return
        # Text of the environment has no types: "1" may be a number, a yes, or text.
        strict = strict and self._layer.name not in ("shim", "overlay")
        tried: list[list[Fault]] = []
        for reading in self._readings(value, written):
            settled, faults = fit(path, info.type, reading, written, strict=strict)
            if not faults:
                self.checked.settings.append(Setting(path, settled, written))
                return
            tried.append(faults)
        # Of several readings, one of the right type was meant.
        for fault in min(tried, key=lambda faults: any(fault.must == wanted(info.type) for fault in faults)):
            self._refuse(fault)

    def _readings(self, value: Any, written: tuple[str, ...]) -> tuple[Any, ...]:
        readings = self._layer.readings
        if written in readings or not isinstance(value, list):
            return readings.get(written, (value,))
        as_text = [readings.get((*written, index), (item,))[-1] for index, item in enumerate(value)]
        return (value,) if as_text == value else (value, as_text)

    def _unknown(self, key: Any, known: Mapping[str, Any], values: Mapping[Any, Any], path: tuple[str, ...]) -> None:
        if key in _ITS_OWN:
            return
        written = (*path, key)
        near = nearest(str(key), known)
        instead = near if near not in values else ""
        meant = did_you_mean(str(key), known)
        if self._layer.name == "override":
            # A file may be older or newer than we are; who asks for something now is told that there is no such thing.
            self._problem(
                written, f"there is no key {_dotted(written)}", meant or _list_of(known), "unknown-key", instead
            )
        elif key in _RETIRED:
            self._notice(
                written, f"{_dotted(written)} is no longer used, and is ignored", meant, "retired-key", instead
            )
        else:
            hint = meant or (_list_of(known) if len(known) <= 8 else "")
            self._notice(written, f"unknown key {_dotted(written)} is ignored", hint, "unknown-key", instead)

    def _refuse(self, fault: Fault) -> None:
        secret = any_secret(fault.path) or any_secret(self._layer.origin(fault.path).variables)
        shown = _shown(fault.value, secret=secret)
        # A hint may repeat the value.
        hint = "" if secret and str(fault.value) in fault.hint else fault.hint
        instead = "" if secret else fault.instead
        message = f"{_dotted(fault.path)} must be {fault.must}, not {shown}"
        self._problem(fault.path, message, hint, fault.code, instead)

    def _problem(self, path: KeyPath, message: str, hint: str, code: str, instead: str = "") -> None:
        self.checked.problems.append(Problem(message, self._layer.origin(path).location, hint, code, instead))

    def _notice(self, path: KeyPath, message: str, hint: str = "", code: str = "", instead: str = "") -> None:
        self.checked.notices.append(Problem(message, self._layer.key_origin(path).location, hint, code, instead))


def _emptied(default: Any) -> Any:
    return type(default)() if isinstance(default, list | dict) else default


def _list_of(known: Mapping[str, Any]) -> str:
    return f"There are {', '.join(known)}."


def _shown(value: Any, *, secret: bool) -> str:
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if secret and value is not None:
        return str(masked(value, secret=True))
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if not isinstance(value, int | float | str):
        return getattr(value, "__qualname__", None) or f"a {type(value).__qualname__}"
    text = repr(masked(value)) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _dotted(path: KeyPath) -> str:
    return ".".join(map(str, path))
