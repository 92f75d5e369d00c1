"""What a caller asks for: a RunConfig, its builder, a mapping, keyword arguments; and what of it counts."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest

from flowerpower_tui.config.builder import RunConfigBuilder
from flowerpower_tui.config.models import (
    CallbackSpec,
    ExecutorConfig,
    PipelineAdapterConfig,
    RetryConfig,
    RunConfig,
    WithAdapterConfig,
)
from flowerpower_tui.config.overrides import overrides_of
from flowerpower_tui.config.resolve import resolve_pipeline
from flowerpower_tui.errors import ConfigError

CONF = """
run:
  inputs: {a: 1, b: {x: 1, y: 2}}
  config: {fast: true}
  final_vars: [report]
  executor: {type: processpool, max_workers: 2}
  retry: {max_retries: 0, retry_delay: 5}
  with_adapter: {mlflow: true}
  additional_modules: [one]
  log_level: DEBUG
  reload: true
"""


def run(write: Any, *run_config: Any, **arguments: Any) -> RunConfig:
    return resolve_pipeline(write(CONF), "etl", overrides_of(*run_config, **arguments), {}).pipeline.run


def test_nothing_asked_is_nothing_overridden(write: Any) -> None:
    assert overrides_of() == overrides_of(RunConfig()) == overrides_of({}) == {"run": {}}
    assert run(write, RunConfig()) == run(write)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("log_level", "INFO"),
        ("reload", False),
        ("executor", ExecutorConfig(type="threadpool")),
        ("executor", {"type": "threadpool"}),
        ("retry", RetryConfig(max_retries=3)),
        ("with_adapter", WithAdapterConfig(mlflow=False)),
        ("final_vars", []),
    ],
)
@pytest.mark.parametrize("route", ["RunConfig", "from_dict", "mapping", "argument"])
def test_an_override_that_equals_the_default_overrides(write: Any, setting: str, value: Any, route: str) -> None:
    as_mapping = {setting: value.given() if hasattr(value, "given") else value}
    found = {
        "RunConfig": lambda: run(write, RunConfig(**{setting: value})),
        "from_dict": lambda: run(write, RunConfig.from_dict(as_mapping)),
        "mapping": lambda: run(write, as_mapping),
        "argument": lambda: run(write, **{setting: value}),
    }[route]()
    assert getattr(found, setting) != getattr(run(write), setting)
    assert (found.executor.max_workers, found.retry.retry_delay) == (2, 5.0)


def test_inputs_and_config_are_merged_by_their_first_keys_on_every_route(write: Any) -> None:
    given = {"inputs": {"b": {"x": 3}, "c": 4}, "config": {"region": "eu"}}
    for found in (
        run(write, **given),
        run(write, RunConfig(**given)),
        run(write, RunConfig.from_dict(given)),
        run(write, RunConfigBuilder().with_inputs(given["inputs"]).with_config(given["config"]).build()),
        run(write, RunConfig(inputs={"c": 4}, config={"region": "eu"}), inputs={"b": {"x": 3}}),
    ):
        assert found.inputs == {"a": 1, "b": {"x": 3}, "c": 4}
        assert found.config == {"fast": True, "region": "eu"}


def test_final_vars_replace_and_modules_are_added(write: Any) -> None:
    found = run(write, RunConfig(additional_modules=["two"]), final_vars=["other"], additional_modules=["three", "one"])
    assert found.final_vars == ["other"]
    assert found.additional_modules == ["one", "two", "three"]
    assert run(write, additional_modules="two").additional_modules == ["one", "two"]
    assert run(write, additional_modules=json).additional_modules == ["one", json]


def test_sections_merge_by_their_fields(write: Any) -> None:
    found = run(write, executor_cfg="synchronous", retry={"max_retries": 1}, with_adapter_cfg={"ray": True})
    assert (found.executor.type, found.executor.max_workers) == ("synchronous", 2)
    assert (found.retry.max_retries, found.retry.retry_delay) == (1, 5.0)
    assert (found.with_adapter.ray, found.with_adapter.mlflow) == (True, True)
    found = run(write, RunConfig(executor=ExecutorConfig(max_workers=7)), executor_cfg={"type": "local"})
    assert (found.executor.type, found.executor.max_workers) == ("local", 7)


def test_arguments_are_stronger_than_the_run_config_which_stays_as_it_is(write: Any) -> None:
    config = RunConfig(inputs={"a": 5}, log_level="ERROR", retry=RetryConfig(max_retries=9))
    before = config.given()
    found = run(write, config, inputs={"a": 6}, log_level="TRACE", max_retries=8)
    assert (found.inputs["a"], found.log_level, found.retry.max_retries) == (6, "TRACE", 8)
    assert config.given() == before


def test_retry_is_stronger_than_what_stands_beside_it(write: Any) -> None:
    found = run(write, max_retries=2, retry_delay=7.0, retry={"max_retries": 1})
    assert (found.retry.max_retries, found.retry.retry_delay) == (1, 7.0)
    assert run(write, retry_exceptions=ValueError).retry.retry_exceptions == [ValueError]
    assert run(write, max_retries=None).retry.max_retries == 0


@pytest.mark.parametrize("route", ["argument", "RunConfig", "from_dict"])
def test_none_clears(write: Any, route: str) -> None:
    nothing = dict.fromkeys(("inputs", "final_vars", "log_level", "additional_modules", "reload"))
    if route == "argument":
        found = run(write, **nothing)
    else:
        found = run(write, RunConfig(**nothing) if route == "RunConfig" else RunConfig.from_dict(nothing))
    assert (found.inputs, found.final_vars, found.log_level) == ({}, [], None)
    assert (found.additional_modules, found.reload) == ([], False)


@pytest.mark.parametrize("section", ["executor_cfg", "with_adapter_cfg", "retry"])
def test_none_for_a_section_is_refused(write: Any, section: str) -> None:
    with pytest.raises(ConfigError, match=r"must be a mapping, not null"):
        run(write, **{section: None})


@pytest.mark.parametrize("given", [{"final_varz": []}, {"executor_config": "local"}])
def test_an_argument_that_does_not_exist_is_an_error(given: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="Did you mean"):
        overrides_of(**given)
    with pytest.raises(TypeError, match="Did you mean"):
        overrides_of(given)
    with pytest.raises(ConfigError, match="Did you mean"):
        RunConfig.from_dict(given)


def test_a_mapping_is_checked_when_it_becomes_a_run_config() -> None:
    with pytest.raises(ConfigError) as caught:
        RunConfig.from_dict({"retry": {"max_retries": "three"}, "log_level": "LOUD", "with_adapter": {"tracker": True}})
    assert [problem.message for problem in caught.value.problems] == [
        "run.retry.max_retries must be a whole number, not 'three'",
        "run.log_level must be a log level, not 'LOUD'",
        "there is no key run.with_adapter.tracker",
    ]


def test_a_run_config_takes_the_retry_settings_of_old_with_a_warning() -> None:
    with pytest.warns(DeprecationWarning, match="max_retries"):
        config = RunConfig(max_retries=5, retry={"retry_delay": 2.0})
    assert config.retry == RetryConfig(max_retries=5, retry_delay=2.0)
    assert config.given() == {"retry": {"max_retries": 5, "retry_delay": 2.0}}


def test_what_is_set_afterwards_counts_too() -> None:
    config = RunConfig()
    config.log_level = "INFO"
    config.executor.type = "threadpool"
    config.inputs["a"] = 1
    assert config.given() == {"inputs": {"a": 1}, "executor": {"type": "threadpool"}, "log_level": "INFO"}


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda config: pickle.loads(pickle.dumps(config))])
def test_a_copy_remembers_what_was_set(copied: Any) -> None:
    config = RunConfig(log_level="INFO", retry=RetryConfig(max_retries=3))
    assert copied(config) == config
    assert copied(config).given() == {"retry": {"max_retries": 3}, "log_level": "INFO"}


def test_users_objects_are_not_compared() -> None:
    class Table:
        def __eq__(self, other: object) -> bool:
            raise AssertionError("compared")

        __hash__ = None  # type: ignore[assignment]

    table = Table()
    config = RunConfig(inputs={"table": table}, adapter={"mine": table}, on_success=table)
    assert config.given()["inputs"]["table"] is table
    assert overrides_of(config, adapter={"other": table})["run"]["adapter"].keys() == {"mine", "other"}


def test_an_input_that_holds_itself_is_passed_on(write: Any) -> None:
    ring: dict[str, Any] = {}
    ring["ring"] = ring
    assert run(write, inputs={"ring": ring}).inputs["ring"] is ring


def test_callbacks_are_functions_or_functions_with_arguments(write: Any) -> None:
    assert run(write, on_success=print).on_success is print
    assert run(write, on_success=(print, (1,), {})).on_success == (print, (1,), {})
    assert run(write, on_failure=CallbackSpec(print, args=(1,))).on_failure == (print, (1,), {})
    with pytest.raises(ConfigError, match=r"run\.on_success must be a function"):
        run(write, on_success="print")


def test_the_builder_has_every_step(write: Any) -> None:
    config = (
        RunConfigBuilder()
        .with_inputs({"a": 5})
        .with_config({"region": "eu"})
        .with_final_vars(["x"])
        .with_cache(True)
        .with_executor("threadpool")
        .with_executor_cfg({"max_workers": 3})
        .with_with_adapter_cfg({"progressbar": True})
        .with_adapter({"mine": "my:One"})
        .with_adapter({"other": "my:Two"})
        .with_pipeline_adapter_cfg(PipelineAdapterConfig(mlflow={"run_name": "nightly"}))
        .with_project_adapter_cfg({"mlflow": {"tracking_uri": "file:///tmp"}})
        .with_retry_config(max_retries=1)
        .with_retries(delay=2.0, exceptions=[ValueError])
        .with_max_retries(4)
        .with_retry_delay(3.0)
        .with_jitter_factor(0.5)
        .with_retry_exceptions(["KeyError"])
        .with_logging("ERROR")
        .with_log_level("INFO")
        .with_reload(False)
        .with_callbacks(on_success=print)
        .with_on_success(len)
        .with_on_failure(repr)
        .with_additional_modules("two")
        .with_additional_modules(["three", "two"])
        .with_async_driver(False)
        .build()
    )
    assert config.given() == {
        "inputs": {"a": 5},
        "final_vars": ["x"],
        "config": {"region": "eu"},
        "cache": True,
        "executor": {"type": "threadpool", "max_workers": 3},
        "with_adapter": {"progressbar": True},
        "retry": {"max_retries": 4, "retry_delay": 3.0, "jitter_factor": 0.5, "retry_exceptions": ["KeyError"]},
        "log_level": "INFO",
        "reload": False,
        "additional_modules": ["two", "three"],
        "pipeline_adapter_cfg": {"mlflow": {"run_name": "nightly"}},
        "project_adapter_cfg": {"mlflow": {"tracking_uri": "file:///tmp"}},
        "adapter": {"mine": "my:One", "other": "my:Two"},
        "on_success": len,
        "on_failure": repr,
        "async_driver": False,
    }
    assert run(write, config).log_level == "INFO"


def test_the_builder_starts_from_a_config_and_begins_anew() -> None:
    base = RunConfig(log_level="INFO", inputs={"a": 1})
    builder = RunConfigBuilder.from_config(base)
    assert builder.with_inputs({"b": 2}).with_log_level(None).build().given() == {
        "inputs": {"b": 2},
        "log_level": "INFO",
    }
    assert base.inputs == {"a": 1}
    assert builder.config.inputs == {"b": 2}
    assert builder.reset().build() == RunConfig()


def test_the_builder_refuses_what_does_not_fit() -> None:
    with pytest.raises(ConfigError, match=r"run\.retry\.max_retries must be a whole number"):
        RunConfigBuilder().with_max_retries("many").build()  # type: ignore[arg-type]
