"""What is wrong with a configuration, told all at once, each with its place and what was meant."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from flowerpower_tui.config.models import PipelineConfig, ProjectConfig
from flowerpower_tui.config.resolve import resolve_pipeline
from flowerpower_tui.errors import ConfigError


def problems(root: Path, **environ: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        resolve_pipeline(root, "etl", {}, environ)
    return [str(problem).removeprefix(f"{root}/conf/pipelines/") for problem in caught.value.problems]


def notices(root: Path, **environ: str) -> list[str]:
    config = resolve_pipeline(root, "etl", {}, environ)
    return [str(notice).removeprefix(f"{root}/conf/pipelines/") for notice in config.notices]


def test_all_problems_of_a_file_are_told_in_its_order(write: Any) -> None:
    root = write(
        """\
        params: {1: 2}
        run:
          final_vars: report
          inputs: [1]
          executor: threadpool
          retry: {max_retries: "three", retry_delay: -1, jitter_factor: "0.1"}
          log_level: infos
          reload: "true"
          additional_modules: helpers
          on_success: print
        adapter: {hamilton_tracker: {project_id: 1.5}}
        """
    )
    assert problems(root) == [
        "etl.yml:3:15: run.final_vars must be a list, not 'report'; Write a list: [report]",
        "etl.yml:4:11: run.inputs must be a mapping of names to values, not a list",
        (
            "etl.yml:5:13: run.executor must be a mapping, not 'threadpool'; "
            "Its keys: type, max_workers, num_cpus, address."
        ),
        "etl.yml:6:24: run.retry.max_retries must be a whole number, not 'three'",
        "etl.yml:6:46: run.retry.retry_delay must be at least 0, not -1",
        "etl.yml:6:65: run.retry.jitter_factor must be a number, not '0.1'; Take off the quotes.",
        "etl.yml:7:14: run.log_level must be a log level, not 'infos'; Did you mean 'INFO'?",
        "etl.yml:8:11: run.reload must be true or false, not 'true'; Take off the quotes.",
        "etl.yml:9:23: run.additional_modules must be a list, not 'helpers'; Write a list: [helpers]",
        "etl.yml:10:15: run.on_success can only be given from Python; Take it out of the file.",
        "etl.yml:11:42: adapter.hamilton_tracker.project_id must be a whole number or null, not 1.5",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("run: {final_vars: [a, 3]}", "1:23: run.final_vars.1 must be text, not 3; Put it in quotes."),
        ("run: {reload: 1}", "1:15: run.reload must be true or false, not 1"),
        ("run: {cache: maybe}", "1:14: run.cache must be a mapping of names to values or true or false, not 'maybe'"),
        ("run: {log_level: '7'}", "1:18: run.log_level must be a log level, not '7'; One of TRACE, DEBUG"),
        ("run: {executor: {max_workers: 0}}", "1:31: run.executor.max_workers must be at least 1, not 0"),
        ("run: {executor: {max_workers: true}}", "1:31: run.executor.max_workers must be a whole number, not true"),
        ("run: {retry: {max_retries: 1.0}}", "1:28: run.retry.max_retries must be a whole number, not 1.0"),
        (
            "run: {retry: {retry_exceptions: [3]}}",
            "1:34: run.retry.retry_exceptions.0 must be the name of an exception, not 3",
        ),
        ("name: 2024", "1:7: name must be text or null, not 2024; Put it in quotes."),
        ("name: ../x", "1:7: name must be a name without '/', '\\' and '..', not '../x'"),
        ("- a\n- b", "1:1: this file must hold keys with values"),
        ("just text", "1:1: this file must hold keys with values"),
    ],
)
def test_one_problem_is_told_with_its_place(write: Any, text: str, message: str) -> None:
    (problem,) = problems(write(text))
    assert problem.startswith(f"etl.yml:{message}")


def test_a_secret_is_not_told_with_its_problem(write: Any) -> None:
    root = write("", project="adapter: {hamilton_tracker: {api_key: 12345}}")
    (problem,) = problems(root)
    assert "api_key must be text or null, not •" in problem
    assert "12345" not in problem


def test_unknown_keys_are_notices_with_the_nearest_known_key(write: Any) -> None:
    root = write(
        """\
        pramas: {a: 1}
        run:
          final_varz: [a]
          executor: {typ: local, on: 1}
        """
    )
    assert notices(root) == [
        "etl.yml:1:1: unknown key pramas is ignored; Did you mean 'params'?",
        "etl.yml:3:3: unknown key run.final_varz is ignored; Did you mean 'final_vars'?",
        "etl.yml:4:14: unknown key run.executor.typ is ignored; Did you mean 'type'?",
        "etl.yml:4:26: unknown key run.executor.True is ignored; There are type, max_workers, num_cpus, address.",
    ]


def test_keys_of_the_past_are_told_and_ignored(write: Any) -> None:
    assert notices(write("schedule: {cron: '* * * * *'}\nrun: {with_adapter: {tracker: true}}\n")) == [
        "etl.yml:1:1: schedule is no longer used, and is ignored",
        "etl.yml:2:22: run.with_adapter.tracker is no longer used, and is ignored; Did you mean 'hamilton_tracker'?",
    ]


def test_flat_retry_keys_are_taken_and_told_where_they_belong(write: Any) -> None:
    root = write('run:\n  max_retries: "5"\n  retry_delay: 2\n  retry_exceptions: [OSError]\n')
    retry = resolve_pipeline(root, "etl", {}, {}).pipeline.run.retry
    assert (retry.max_retries, retry.retry_delay, retry.retry_exceptions) == (5, 2.0, ["OSError"])
    assert notices(root)[0] == "etl.yml:2:3: run.max_retries has moved to run.retry.max_retries"


def test_a_nested_retry_key_is_stronger_than_a_flat_one(write: Any) -> None:
    root = write("run:\n  max_retries: 5\n  retry: {max_retries: 1}\n")
    assert resolve_pipeline(root, "etl", {}, {}).pipeline.run.retry.max_retries == 1
    assert notices(root) == ["etl.yml:2:3: run.max_retries has moved to run.retry.max_retries, which is set and counts"]


def test_keys_that_stand_twice_are_notices(write: Any) -> None:
    assert "the key 'log_level' stands twice" in notices(write("run: {log_level: INFO, log_level: DEBUG}"))[0]


@pytest.mark.parametrize(
    ("variable", "text", "path", "value"),
    [
        ("FP_PIPELINE__RUN__EXECUTOR__MAX_WORKERS", "4", ("run", "executor", "max_workers"), 4),
        ("FP_PIPELINE__RUN__RELOAD", "True", ("run", "reload"), True),
        ("FP_PIPELINE__RUN__RELOAD", "1", ("run", "reload"), True),
        ("FP_PIPELINE__RUN__FINAL_VARS", "a, b", ("run", "final_vars"), ["a", "b"]),
        ("FP_PIPELINE__RUN__FINAL_VARS", "a", ("run", "final_vars"), ["a"]),
        ("FP_PIPELINE__RUN__FINAL_VARS", '["a", "b"]', ("run", "final_vars"), ["a", "b"]),
        ("FP_PIPELINE__RUN__FINAL_VARS", "", ("run", "final_vars"), []),
        ("FP_PIPELINE__RUN__INPUTS", '{"a": 1}', ("run", "inputs"), {"a": 1}),
        ("FP_PIPELINE__RUN__INPUTS__DAY", "2024-01-31", ("run", "inputs"), {"day": "2024-01-31"}),
        ("FP_PIPELINE__RUN__LOG_LEVEL", "null", ("run", "log_level"), None),
        ("FP_PIPELINE__ADAPTER__MLFLOW__RUN_NAME", "2024", ("adapter", "mlflow", "run_name"), "2024"),
        ("FP_PIPELINE__ADAPTER__MLFLOW__RUN_NAME", "a, b", ("adapter", "mlflow", "run_name"), "a, b"),
        ("FP_PIPELINE__RUN__RETRY__RETRY_DELAY", "0.5", ("run", "retry", "retry_delay"), 0.5),
        ("FP_RETRY_DELAY", "2", ("run", "retry", "retry_delay"), 2.0),
        ("HAMILTON_CAPTURE_DATA_STATISTICS", "0", ("adapter", "hamilton_tracker", "capture_data_statistics"), False),
    ],
)
def test_variables_are_read_as_their_key_wants(
    write: Any, variable: str, text: str, path: tuple[str, ...], value: object
) -> None:
    found: Any = resolve_pipeline(write(""), "etl", {}, {variable: text}).pipeline
    for key in path:
        found = getattr(found, key)
    assert found == value
    assert type(found) is type(value)


def test_a_variable_that_does_not_fit_is_told_by_its_name(write: Any) -> None:
    environ = {"FP_PIPELINE__RUN__EXECUTOR__MAX_WORKERS": "lots", "FP_MAX_RETRIES": "many"}
    assert problems(write(""), **environ) == [
        "FP_MAX_RETRIES: run.retry.max_retries must be a whole number, not 'many'",
        "FP_PIPELINE__RUN__EXECUTOR__MAX_WORKERS: run.executor.max_workers must be a whole number, not 'lots'",
    ]


def test_a_variable_for_an_unknown_key_is_told(write: Any) -> None:
    assert notices(write(""), FP_PIPELINE__RUN__RELAOD="true") == [
        "FP_PIPELINE__RUN__RELAOD: unknown key run.relaod is ignored; Did you mean 'reload'?"
    ]


def test_a_variable_inside_another_variables_value_is_told(write: Any) -> None:
    environ = {"FP_PIPELINE__PARAMS__A": "1", "FP_PIPELINE__PARAMS__A__B": "2"}
    assert problems(write(""), **environ) == [
        "FP_PIPELINE__PARAMS__A__B names a part of what another variable sets whole"
    ]


def test_a_variable_adds_to_a_mapping_in_another(write: Any) -> None:
    environ = {"FP_PIPELINE__RUN__INPUTS": '{"a": 1}', "FP_PIPELINE__RUN__INPUTS__B": "2"}
    assert resolve_pipeline(write(""), "etl", {}, environ).pipeline.run.inputs == {"a": 1, "b": 2}


def test_an_interpolated_number_is_text_where_text_is_wanted(write: Any) -> None:
    root = write("run: {final_vars: ['${NODE}']}\nadapter: {mlflow: {run_name: '${RELEASE}'}}")
    pipeline = resolve_pipeline(root, "etl", {}, {"RELEASE": "2024", "NODE": "7"}).pipeline
    assert pipeline.adapter.mlflow.run_name == "2024"
    assert pipeline.run.final_vars == ["7"]


def test_a_variable_that_must_be_set_is_told_with_its_message(write: Any) -> None:
    assert problems(write("params:\n  key: ${KEY:?ask Ann for it}\n")) == [
        "etl.yml:2:8: KEY is not set: ask Ann for it"
    ]


def test_unset_variables_are_notices_that_tell_no_secret(write: Any) -> None:
    root = write("params:\n  home: ${NOWHERE}\n  password: pa$word\n  note: 5$bill\n  token: ${MY_TOKEN}\n")
    assert resolve_pipeline(root, "etl", {}, {}).pipeline.params == {
        "home": "",
        "password": "pa$word",
        "note": "5$bill",
        "token": "",
    }
    assert notices(root) == [
        "etl.yml:2:9: NOWHERE is not set; nothing stands in its place",
        "etl.yml:3:13: a '$' before what is no variable stays as it is; write $$ to say so",
        "etl.yml:4:9: a '$' before what is no variable stays as it is; write $$ to say so",
        "etl.yml:5:10: a variable for this secret is not set",
    ]


@pytest.mark.parametrize("model", [ProjectConfig, PipelineConfig])
def test_the_models_default_to_what_they_allow(model: type[msgspec.Struct]) -> None:
    assert msgspec.convert(msgspec.to_builtins(model()), model) == model()
