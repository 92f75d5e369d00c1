"""What is said of a configuration file as it is edited: of each place, with the fix where there is one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from flowerpower_tui.assist.diagnose import diagnose
from flowerpower_tui.assist.diagnostic import Diagnostic, Fix
from flowerpower_tui.assist.surroundings import Surroundings
from flowerpower_tui.config.environment import Environment
from flowerpower_tui.config.resolve import resolve_pipeline
from flowerpower_tui.pipeline.build import wire

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*/conf/pipelines/*.yml"))


def said(text: str, around: Surroundings | None = None) -> list[str]:
    """Return each diagnostic as `line:from-to severity code → fix`."""
    return [_told(diagnostic) for diagnostic in diagnose(text, "pipeline", around)]


def _told(diagnostic: Diagnostic) -> str:
    span, fix = diagnostic.span, diagnostic.fix
    place = f"{span.line}:{span.column}-{span.end_column}"
    return f"{place} {diagnostic.severity} {diagnostic.code}" + (f" → {fix.text}" if fix else "")


def mended(text: str, fix: Fix) -> str:
    lines = text.split("\n")
    line = lines[fix.span.line - 1]
    lines[fix.span.line - 1] = line[: fix.span.column - 1] + fix.text + line[fix.span.end_column - 1 :]
    return "\n".join(lines)


def among(around: Surroundings, variables: Mapping[str, str]) -> Surroundings:
    return replace(around, environment=Environment(variables))


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_of_an_example_there_is_nothing_to_say(file: Path) -> None:
    root = file.parents[2]
    _, graph = wire(root, file.stem, resolve_pipeline(root, file.stem, environ={}), {})
    sources = tuple(module.read_text(encoding="utf-8") for module in root.glob("pipelines/**/*.py"))
    around = Surroundings(Environment({}), file.stem, graph, sources)
    assert diagnose(file.read_text(encoding="utf-8"), "pipeline", around) == []
    assert diagnose((root / "conf/project.yml").read_text(encoding="utf-8"), "project") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("run:\n  log_levl: INFO\n", ["2:3-11 warning unknown-key → log_level"]),
        ("run: {'log_levl': INFO}\n", ["1:7-17 warning unknown-key → log_level"]),
        ("run:\n  log_level: INFO\n  log_levl: INFO\n", ["3:3-11 warning unknown-key"]),
        ("run:\n  log_level: debgu # why\n", ["2:14-19 error wrong-value → DEBUG"]),
        ("run:\n  executor: {type: thredpool}\n", ["2:20-29 error wrong-value → threadpool"]),
        ('run:\n  executor: {max_workers: "4"}\n', ["2:27-30 error wrong-value → 4"]),
        ("run:\n  final_vars: a, b # both\n", ["2:15-19 error wrong-value → [a, b]"]),
        ("run:\n  retry: {retry_exceptions: [TimeoutErro]}\n", ["2:30-41 error wrong-value → TimeoutError"]),
        ("run:\n  retry: {retry_delay: -1}\n", ["2:24-26 error wrong-value"]),
        ("name: 012\n", ["1:7-10 error needs-quotes → '012'"]),
        ("name: a\nname: b\n", ["2:1-5 warning duplicate-key"]),
        ("schedule: {cron: x}\n", ["1:1-9 warning retired-key"]),
        ("run:\n  max_retries: 1\n", ["2:3-14 hint moved-key"]),
        ("run: 3\n", ["1:6-7 error wrong-value"]),
        ("- a\n", ["1:1-4 error configuration"]),
        ("params:\n  on: off\n", ['2:3-5 warning misread → "on"', "2:7-10 warning misread → false"]),
        ("params: {lr: 1e-3, at: 22:30}\n", ["1:14-18 warning misread → 1.0e-3", '1:24-29 warning misread → "22:30"']),
        ("run:\n  reload: yes\n", ["2:11-14 warning misread → true"]),
        ("params:\n  a: ${NOPE}/x\n", ["2:6-15 warning unset-variable"]),
        ("params:\n  a: ${NOPE:?set it}\n", ["2:6-21 error missing-variable"]),
        ("params:\n  a: ${NOPE\n", ["2:6-12 warning stray-dollar"]),
        ("run: {pipeline_adapter_cfg: {mlflow: {run_nam: x}}}\n", ["1:48-49 warning unknown-key"]),
        ("run: {adapter: {x: 1}}\n", ["1:20-21 error wrong-value"]),
        ("run: {on_success: print}\n", ["1:19-24 error only-from-python"]),
        ("name: other\n", []),
        ("", []),
        ("# nothing\n", []),
    ],
)
def test_each_mistake_is_told_at_its_place(text: str, expected: list[str]) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "run:\n  log_levl: INFO\n",
        "run:\n  final_vars: a, b # both\n",
        'run:\n  executor: {max_workers: "4"}\n',
        "name: 012\n",
        "run: {reload: on}",
        "params: {lr: 1e-3, b: [x, 012]}",
        "params:\n  012: 1",
    ],
)
def test_what_is_mended_is_no_longer_told(text: str) -> None:
    while found := [diagnostic.fix for diagnostic in diagnose(text, "pipeline") if diagnostic.fix]:
        before = text
        text = mended(text, found[0])
        assert text != before
    assert diagnose(text, "pipeline") == []


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("final_vars: [report, reprt]", ["2:24-29 error unknown-node"]),
        ("final_vars: [reprt]", ["2:16-21 error unknown-node → report"]),
        ("cache: {recompute: [ordrs], path: x}", ["2:23-28 error unknown-node → orders"]),
        ("cache: {recomput: [orders]}", ["2:11-19 error unknown-setting → recompute"]),
    ],
)
def test_names_of_nodes_are_looked_up_in_the_graph(around: Surroundings, run: str, expected: list[str]) -> None:
    assert said(f"run:\n  {run}\n  inputs: {{orders_file: x, rate: 1}}\n", around) == expected


def test_inputs_that_are_missing_or_that_no_node_takes_are_told(around: Surroundings) -> None:
    found = diagnose("run:\n  inputs:\n    order_file: x\n", "pipeline", around)
    assert [_told(diagnostic) for diagnostic in found] == [
        "2:3-9 error missing-input",
        "2:3-9 error missing-input",
        "3:5-15 warning unused-input → orders_file",
    ]
    assert found[0].message == "the input 'orders_file' (str) is missing; it is needed by orders"
    # An optional one is not, nor one that config gives, nor one that only what is not asked for needs.
    assert said("run:\n  config: {rate: 1}\n  inputs: {orders_file: x}\n", around) == []
    assert said("run:\n  final_vars: [orders]\n  inputs: {orders_file: x}\n", around) == []


def test_an_input_from_a_variable_is_not_missing(around: Surroundings) -> None:
    given = among(around, {"FP_PIPELINE__RUN__INPUTS": '{"orders_file": "x", "rate": 1}'})
    assert said("run:\n  log_level: INFO\n", given) == []


def test_params_that_nobody_can_mean_are_told(around: Surroundings) -> None:
    text = "params:\n  report: {a: 1}\n  threshold: 3\n  odrers: 1\nrun: {inputs: {orders_file: x, rate: 1}}\n"
    assert said(text, around) == ["4:3-9 hint unused-param → orders"]
    assert said(text, replace(around, sources=())) == []


@pytest.mark.parametrize(
    ("variable", "value", "text", "message"),
    [
        ("FP_LOG_LEVEL", "debug", "run:\n  log_level: INFO\n", "FP_LOG_LEVEL overrides this: DEBUG"),
        ("FP_MAX_RETRIES", "5", "run:\n  max_retries: 1\n", "FP_MAX_RETRIES overrides this: 5"),
        (
            "FP_PIPELINE__PARAMS",
            '{"db": {"password": "hunter2"}}',
            "params: {db: {password: swordfish}}\n",
            "FP_PIPELINE__PARAMS overrides this: ••••••",
        ),
    ],
)
def test_a_value_that_a_stronger_layer_replaces_is_told(variable: str, value: str, text: str, message: str) -> None:
    found = diagnose(text, "pipeline", Surroundings(Environment({variable: value})))
    assert [diagnostic.message for diagnostic in found if diagnostic.code == "overridden"] == [message]


def test_settings_of_an_adapter_in_run_override_those_below() -> None:
    text = "run: {pipeline_adapter_cfg: {mlflow: {run_name: a}}}\nadapter: {mlflow: {run_name: b, run_id: c}}\n"
    found = diagnose(text, "pipeline")
    assert [(diagnostic.message, diagnostic.span.column) for diagnostic in found] == [
        ("run.pipeline_adapter_cfg overrides this: a", 30)
    ]


def test_a_key_that_is_being_written_hides_nothing(around: Surroundings) -> None:
    text = "run:\n  re\n  log_level: debgu\n  inputs: {orders_file: x}\n"
    assert said(text, around) == ["2:3-5 error syntax", "3:14-19 error wrong-value → DEBUG"]


def test_several_broken_lines_are_told() -> None:
    text = "run:\n  reload: 'no\n  log_level: debgu\nparams:\n  b\n  a: 1\n  c: [1, 2\nadapter: 3\n"
    lines = {diagnostic.span.line: diagnostic.code for diagnostic in diagnose(text, "pipeline")}
    assert lines[2] == lines[5] == lines[7] == "syntax"
    assert lines[8] == "wrong-value"


def test_no_secret_is_told() -> None:
    text = (
        "run:\n  inputs:\n    password: 0123\n    token: !x s3cret\n    api_key: ${S3CRET_}\n"
        "    db_password: pa$s3cret\n    max_tokens: 012\nadapter:\n  mlflow: {run_name: 1}\n"
    )
    variables = {"FP_PIPELINE__RUN__INPUTS": '{"password": "s3cret", "api_key": "s3cret"}'}
    told = diagnose(text, "pipeline", Surroundings(Environment(variables)))
    assert len(told) > 5
    messages = " ".join(f"{diagnostic.message} {diagnostic.hint}" for diagnostic in told).lower()
    assert "s3cret" not in messages.replace("s3cret_", "")
    assert "0123" not in messages
    assert "83" not in messages
    assert "'012' is 10 here" in messages


def test_a_project_file_is_looked_at_as_one() -> None:
    environment = Environment({"FP_HOOKS_DIR": "a", "FP_PROJECT__NAME": "b"})
    found = diagnose("name: shop\nhook_dir: hooks\nrun: {}\n", "project", Surroundings(environment))
    assert [_told(diagnostic) for diagnostic in found] == [
        "1:7-11 hint overridden",
        "2:1-9 warning unknown-key → hooks_dir",
        "3:1-4 warning unknown-key",
    ]


@pytest.mark.parametrize(
    "bomb",
    [
        "x" * 1_000_001,
        "[" * 20_000,
        "a: " + "{a: " * 5_000,
        "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 10)}]\n" for n in range(8)),
    ],
    ids=["size", "depth", "depth of mappings", "aliases"],
)
def test_a_bomb_is_refused(bomb: str) -> None:
    assert "error" in {diagnostic.severity for diagnostic in diagnose(bomb, "pipeline")}
