"""What a caller asks of a run, from Python: a `RunConfig`, a mapping or keyword arguments, as one set of overrides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowerpower_tui.config.layers import from_caller
from flowerpower_tui.config.models import PipelineConfig, RunConfig
from flowerpower_tui.config.section import Section, fields
from flowerpower_tui.config.validate import MOVED, check
from flowerpower_tui.errors import ConfigError, did_you_mean

_SYNONYMS = {"executor_cfg": "executor", "with_adapter_cfg": "with_adapter"}

ARGUMENTS = frozenset({*fields(RunConfig), *_SYNONYMS, *MOVED})
"""What `run` takes as keyword arguments to override the configuration."""


def overrides_of(run_config: RunConfig | Mapping[str, Any] | None = None, /, **arguments: Any) -> dict[str, Any]:
    """Return what the caller asks for in the shape of the pipeline's YAML, as `resolve_pipeline` takes it.

    Of a `RunConfig` that counts which was set, also where it equals the default. `arguments` are stronger: `inputs`,
    `config`, `adapter` and sections are merged with it by their keys, `additional_modules` are added, everything else
    replaces. In a section, `retry={"max_retries": 1}` is stronger than `max_retries=2`.

    Raises:
        TypeError: there is no such argument.
    """
    run: dict[str, Any] = {}
    for given in (run_config.given() if isinstance(run_config, RunConfig) else run_config or {}, arguments):
        # What stands flat comes first, so that `retry` is stronger.
        for key in sorted(given, key=lambda key: key not in MOVED):
            _add(run, key, given[key])
    return {"run": run}


def check_run(values: Mapping[str, Any]) -> None:
    """Raise a ConfigError if `values`, in the shape of the YAML's `run`, cannot be used; it carries every problem."""
    if problems := check(from_caller({"run": values}), PipelineConfig).problems:
        raise ConfigError(problems)


def _add(run: dict[str, Any], argument: str, value: Any) -> None:
    if argument not in ARGUMENTS:
        hint = did_you_mean(argument, ARGUMENTS)
        raise TypeError(f"run() got an unexpected keyword argument '{argument}'. {hint}".rstrip())
    if argument in MOVED:
        if value is not None:
            run.setdefault("retry", {})[argument] = _listed(value) if argument == "retry_exceptions" else value
        return
    key = _SYNONYMS.get(argument, argument)
    value = _shaped(key, value)
    known = run.get(key)
    if isinstance(known, Mapping) and isinstance(value, Mapping):
        value = {**known, **value}
    elif key == "additional_modules" and known and value:
        value = [*known, *(module for module in value if module not in known)]
    run[key] = value


def _shaped(key: str, value: Any) -> Any:
    """Return `value` in the shape of the YAML, whatever short form it was given in."""
    if key == "executor" and isinstance(value, str):
        return {"type": value}
    if key == "additional_modules" and value is not None:
        return _listed(value)
    return value.given() if isinstance(value, Section) else value


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple | set | frozenset) else [value]
