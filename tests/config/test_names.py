"""Names that a value is chosen from: an unknown one is an error with its place and the nearest, in every layer."""

from __future__ import annotations

import builtins
from typing import Any

import pytest

from flowerpower_tui.config import known
from flowerpower_tui.config.known import exceptions, is_exception_name
from flowerpower_tui.config.resolve import resolve_pipeline
from flowerpower_tui.errors import ConfigError


@pytest.mark.parametrize(
    ("key", "yaml", "value", "message"),
    [
        (
            "run.log_level",
            "run: {log_level: banana}",
            "banana",
            f"run.log_level must be a log level, not 'banana'; One of {', '.join(known.LOG_LEVELS)}.",
        ),
        (
            "run.executor.type",
            "run: {executor: {type: thraedpool}}",
            "thraedpool",
            "run.executor.type must be a type of executor, not 'thraedpool'; Did you mean 'threadpool'?",
        ),
        (
            "run.retry.retry_exceptions",
            "run: {retry: {retry_exceptions: [OSErorr]}}",
            ["OSErorr"],
            "run.retry.retry_exceptions.0 must be the name of an exception, not 'OSErorr'; Did you mean 'OSError'?",
        ),
    ],
)
def test_an_unknown_name_is_told_in_every_layer(write: Any, key: str, yaml: str, value: Any, message: str) -> None:
    def problem(text: str, overrides: dict[str, Any], **environ: str) -> str:
        with pytest.raises(ConfigError) as caught:
            resolve_pipeline(write(text), "etl", overrides, environ)
        (problem,) = caught.value.problems
        return str(problem)

    overrides: Any = value
    for part in reversed(key.split(".")):
        overrides = {part: overrides}
    variable = f"FP_PIPELINE__{key.replace('.', '__').upper()}"
    column = yaml.index(str(value[0] if isinstance(value, list) else value)) + 1
    text = value[0] if isinstance(value, list) else value
    assert problem(yaml, {}).endswith(f"/conf/pipelines/etl.yml:1:{column}: {message}")
    assert problem("", {}, **{variable: text}) == f"{variable}: {message}"
    assert problem("", overrides) == message


@pytest.mark.parametrize("level", ["info", "Info", "SUCCESS", "trace"])
def test_log_levels_are_known_in_any_case(write: Any, level: str) -> None:
    assert resolve_pipeline(write(f"run: {{log_level: {level}}}"), "etl").pipeline.run.log_level == level.upper()


def test_an_executor_of_a_plugin_is_known(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flowerpower_tui.config.fit.executors", lambda: (*known.EXECUTORS, "lambda"))
    config = resolve_pipeline(write("run: {executor: {type: lambda}}"), "etl")
    assert config.pipeline.run.executor.type == "lambda"


@pytest.mark.parametrize(
    "name",
    [
        "Exception",
        "ZeroDivisionError",
        "ConnectTimeout",
        "gaierror",
        "requests.exceptions.Timeout",
        "builtins.OSError",
        "asyncio.TimeoutError",
        "my_project.errors.RateLimited",
        "socket.timeout",
        # Written down nowhere, but the module has it.
        "http.client.HTTPException",
    ],
)
def test_names_of_exceptions(name: str) -> None:
    assert is_exception_name(name)


@pytest.mark.parametrize(
    "name",
    ["", "Exeption", "int", "print", "RateLimited", "builtins.int", "urllib.error.Nothing", "a..b", "my error.X"],
)
def test_names_that_are_no_exceptions(name: str) -> None:
    assert not is_exception_name(name)


def test_all_of_pythons_exceptions_are_known() -> None:
    assert exceptions() >= {
        name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, Exception)
    }


@pytest.mark.parametrize("module", ["urllib.error", "http.client", "socket", "io"])
def test_what_is_written_down_of_a_module_is_in_it(module: str) -> None:
    imported = __import__(module, fromlist=["*"])
    assert all(hasattr(imported, name) for name in known._MODULES[module].split())


def test_a_typo_behind_a_module_is_compared_with_what_the_module_has(write: Any) -> None:
    with pytest.raises(ConfigError, match=r"Did you mean 'requests\.exceptions\.Timeout'\?"):
        resolve_pipeline(write("run: {retry: {retry_exceptions: [requests.exceptions.Timeuot]}}"), "etl")


def test_an_exception_of_the_users_own_needs_its_module(write: Any) -> None:
    with pytest.raises(ConfigError, match=r"Name its module too, as in my_module\.MyError\."):
        resolve_pipeline(write("run: {retry: {retry_exceptions: [Quota]}}"), "etl")


@pytest.mark.parametrize("given", [[int], [3], [ValueError()]])
def test_what_is_no_exception_class_is_refused(write: Any, given: list[Any]) -> None:
    with pytest.raises(ConfigError, match=r"retry_exceptions\.0 must be the name of an exception"):
        resolve_pipeline(write(""), "etl", {"run": {"retry": {"retry_exceptions": given}}})
