"""Where configuration comes from: each layer's values as they were written, and the place of each."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from flowerpower_tui.config.environment import Environment
from flowerpower_tui.config.interpolate import Interpolated, InterpolationError, coerced, interpolate
from flowerpower_tui.config.secrets import any_secret
from flowerpower_tui.errors import Location, Problem
from flowerpower_tui.yamldoc.document import Document

LayerName = Literal["default", "shim", "yaml", "overlay", "override"]
KeyPath = tuple[Hashable, ...]

Shims = Mapping[str, tuple[str, ...]]

# Variables that stand for one key each. As in FlowerPower, some are defaults, and some are stronger than the YAML.
PROJECT_DEFAULTS: Shims = {
    "FP_HOOKS_DIR": ("hooks_dir",),
    "HAMILTON_API_KEY": ("adapter", "hamilton_tracker", "api_key"),
    "HAMILTON_API_URL": ("adapter", "hamilton_tracker", "api_url"),
    "HAMILTON_UI_URL": ("adapter", "hamilton_tracker", "ui_url"),
}
PROJECT_SHIMS: Shims = {"FP_TUI_DOTENV": ("dotenv",)}
PIPELINE_DEFAULTS: Shims = {
    "HAMILTON_CAPTURE_DATA_STATISTICS": ("adapter", "hamilton_tracker", "capture_data_statistics"),
    "HAMILTON_MAX_LIST_LENGTH_CAPTURE": ("adapter", "hamilton_tracker", "max_list_length_capture"),
    "HAMILTON_MAX_DICT_LENGTH_CAPTURE": ("adapter", "hamilton_tracker", "max_dict_length_capture"),
}
PIPELINE_SHIMS: Shims = {
    "FP_LOG_LEVEL": ("run", "log_level"),
    "FP_EXECUTOR": ("run", "executor", "type"),
    "FP_EXECUTOR_MAX_WORKERS": ("run", "executor", "max_workers"),
    "FP_EXECUTOR_NUM_CPUS": ("run", "executor", "num_cpus"),
    "FP_MAX_RETRIES": ("run", "retry", "max_retries"),
    "FP_RETRY_DELAY": ("run", "retry", "retry_delay"),
    "FP_JITTER_FACTOR": ("run", "retry", "jitter_factor"),
}
_DEPRECATED_SHIMS = frozenset({"FP_MAX_RETRIES", "FP_RETRY_DELAY", "FP_JITTER_FACTOR"})


@dataclass(frozen=True)
class Origin:
    """Where a value comes from.

    Attributes:
        layer: `default`, `shim` (a variable for one key), `yaml`, `overlay` (`FP_PIPELINE__…`) or `override`.
        file: the file it stands in, if it does: YAML, or a `.env`.
        line: counted from 1.
        column: counted from 1.
        variable: the environment variables that gave it, or part of it, with commas between them.
    """

    layer: LayerName
    file: str = ""
    line: int = 0
    column: int = 0
    variable: str = ""

    @property
    def variables(self) -> tuple[str, ...]:
        """The names in `variable`."""
        return tuple(self.variable.split(", ")) if self.variable else ()

    @property
    def location(self) -> Location | None:
        """The place for a message: in a file, or else the variable."""
        if self.file:
            return Location(self.file, self.line, self.column)
        return Location(self.variable) if self.variable else None

    def __str__(self) -> str:
        place = str(self.location) if self.location else self.layer
        return f"{place} (${self.variable})" if self.file and self.variable else place


@dataclass(frozen=True)
class Layer:
    """The raw values of one layer, in the shape of the YAML.

    Attributes:
        name: which layer it is.
        values: what it says.
        origin: gives the origin of the value at a path.
        key_origin: gives the origin of the key at the end of a path.
        readings: for values that were text in the environment, what else they can mean, the likeliest first.
        problems: what makes it unusable.
        notices: what is worth knowing.
    """

    name: LayerName
    values: Mapping[Any, Any]
    origin: Callable[[KeyPath], Origin]
    key_origin: Callable[[KeyPath], Origin]
    readings: Mapping[KeyPath, tuple[Any, ...]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    notices: tuple[Problem, ...] = ()


def shims(table: Shims, environ: Environment, overlay_prefix: str = "") -> Layer:
    """Return the layer of the variables in `table` that are set; `overlay_prefix` is of those that replace old ones."""
    paths = {name: path for name, path in table.items() if environ.get(name)}
    notices = [
        Problem(
            f"{name} is deprecated",
            environ.place(name),
            f"Set {overlay_prefix}{'__'.join(paths[name]).upper()} in its place.",
        )
        for name in paths
        if name in _DEPRECATED_SHIMS
    ]
    return replace(_from_variables("shim", paths, environ), notices=tuple(notices))


def overlays(prefix: str, environ: Environment) -> Layer:
    """Return the layer of the variables that begin with `prefix`: `FP_PIPELINE__RUN__LOG_LEVEL` is `run.log_level`."""
    names = sorted(name for name in environ if name.startswith(prefix))
    paths = {name: tuple(name.removeprefix(prefix).lower().split("__")) for name in names}
    return _from_variables("overlay", paths, environ)


def from_caller(values: Mapping[str, Any]) -> Layer:
    """Return the layer of what the caller asks for."""
    origin = Origin("override")
    return Layer("override", values, lambda _path: origin, lambda _path: origin)


def from_yaml(document: Document, environ: Environment) -> Layer:
    """Return the layer of a YAML file, with the variables in its values."""
    if document.value is not None and not isinstance(document.value, Mapping):
        problem = Problem("this file must hold keys with values, as in name: …", document.location())
        return _yaml_layer(document, {}, _Interpolation(document, environ), (problem,))
    interpolation = _Interpolation(document, environ)
    values = interpolation.walk(document.value or {}, ())
    return _yaml_layer(document, values, interpolation)


def _yaml_layer(
    document: Document, values: Mapping[Any, Any], interpolation: _Interpolation, problems: tuple[Problem, ...] = ()
) -> Layer:
    def origin(path: KeyPath) -> Origin:
        place = document.location(path)
        variables = interpolation.variables_in(path)
        return Origin("yaml", place.file, place.line, place.column, ", ".join(variables))

    def key_origin(path: KeyPath) -> Origin:
        place = document.key_location(path)
        return Origin("yaml", place.file, place.line, place.column)

    return Layer(
        "yaml",
        values,
        origin,
        key_origin,
        interpolation.readings,
        (*problems, *interpolation.problems),
        (*document.problems, *interpolation.notices),
    )


class _Interpolation:
    """Interpolates the values of a document, and remembers which variables went where."""

    def __init__(self, document: Document, environ: Environment) -> None:
        self.readings: dict[KeyPath, tuple[Any, ...]] = {}
        self.problems: list[Problem] = []
        self.notices: list[Problem] = []
        self._document = document
        self._environ = environ
        # Of every value with variables, and of what holds it; the names in order.
        self._variables: dict[KeyPath, dict[str, None]] = {}

    def variables_in(self, path: KeyPath) -> tuple[str, ...]:
        """Return the variables that went into the value at `path`, or into what it holds."""
        return tuple(self._variables.get(path, ()))

    def walk(self, value: Any, path: KeyPath) -> Any:
        """Return `value` with the variables in it."""
        if isinstance(value, Mapping):
            return {key: self.walk(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self.walk(item, (*path, index)) for index, item in enumerate(value)]
        if isinstance(value, str) and "$" in value:
            return self._text(value, path)
        return value

    def _text(self, text: str, path: KeyPath) -> Any:
        place = self._document.location(path)
        try:
            result = interpolate(text, self._environ)
        except InterpolationError as error:
            self.problems.append(Problem(str(error), place, code="missing-variable"))
            return None
        for length in range(len(path) + 1):
            self._variables.setdefault(path[:length], {}).update(dict.fromkeys(result.variables))
        if result.value is not result.text:
            self.readings[path] = (result.value, result.text)
        self.notices.extend(Problem(message, place, code=code) for message, code in _remarks(result, path))
        return result.value


def _remarks(result: Interpolated, path: KeyPath) -> list[tuple[str, str]]:
    """Return what is to be said of a value with variables, each with its kind."""
    unset = [(f"{name} is not set; nothing stands in its place", "unset-variable") for name in result.unset]
    # What follows the dollar may be a part of a password: it is not repeated here.
    stray = [("a '$' before what is no variable stays as it is; write $$ to say so", "stray-dollar")] * result.kept
    if any_secret(path):
        return stray or [("a variable for this secret is not set", "unset-variable")] * bool(result.unset)
    return unset + stray


def _from_variables(name: LayerName, paths: Mapping[str, KeyPath], environ: Environment) -> Layer:
    values: dict[Any, Any] = {}
    readings: dict[KeyPath, tuple[Any, ...]] = {}
    problems: list[Problem] = []
    for variable, path in sorted(paths.items(), key=lambda item: len(item[1])):
        text = environ[variable]
        place = values
        for key in path[:-1]:
            inner = place.setdefault(key, {})
            if not isinstance(inner, dict):
                message = f"{variable} names a part of what another variable sets whole"
                problems.append(Problem(message, environ.place(variable)))
                break
            place = inner
        else:
            readings[path] = _readings(text)
            value = readings[path][0]
            if isinstance(value, dict) and isinstance(place.get(path[-1]), dict):
                place[path[-1]].update(value)
            else:
                place[path[-1]] = value

    def origin(path: KeyPath) -> Origin:
        matching = [
            variable for variable, known in paths.items() if known[: len(path)] == path or path[: len(known)] == known
        ]
        variable = max(matching, key=lambda variable: len(paths[variable]), default="")
        place = environ.place(variable) or Location("")
        return Origin(name, place.file, place.line, place.column, variable)

    return Layer(name, values, origin, origin, readings, tuple(problems))


def _readings(text: str) -> tuple[Any, ...]:
    """Return what the text of a variable can mean, the likeliest first."""
    if text.lower() in ("true", "false"):
        return (text.lower() == "true", text)
    value = coerced(text)
    if value is not text:
        return (value, text)
    items = [item.strip() for item in text.split(",")] if text else []
    return (items, text) if len(items) > 1 else (text, items)
