"""What could be written at a cursor, also in a text that is broken."""

from __future__ import annotations

from typing import Any

import pytest

from flowerpower_tui.assist.complete import complete
from flowerpower_tui.assist.diagnose import diagnose
from flowerpower_tui.assist.surroundings import Surroundings
from flowerpower_tui.config.known import CACHE_SETTINGS, LOG_LEVELS
from flowerpower_tui.config.models import RunConfig
from flowerpower_tui.config.section import fields

OPEN = """\
name: etl
params: {}
run:
  inputs:
    orders_file: orders.csv
    rate: 1.5
  final_vars:
    - report
  retry:
    max_retries: 1
  executor: {num_cpus: 2}
  with_adapter:
    ray: false
  cache:
    path: kept
  pipeline_adapter_cfg:
    mlflow: {run_name: a}
adapter:
  mlflow:
    run_id: b
"""


def inserted(text: str, found: Any, item: Any) -> str:
    lines = text.split("\n")
    line = lines[found.span.line - 1]
    lines[found.span.line - 1] = line[: found.span.column - 1] + item.text + line[found.span.end_column - 1 :]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("marked", "texts"),
    [
        ("|", ["name: ", "params: ", "run:", "io:", "adapter:"]),
        ("name: x\nru|", ["run:"]),
        ("run:\n  re|\n  reload: true\nparams:\n", ["retry:"]),
        ("run:\n  re|try: {}", ["retry", "reload"]),
        ("run:\n  retry: {re|}", ["retry_delay: ", "retry_exceptions: ", "max_retries: "]),
        ("run:\n  retry:\n    j|\n    max_retries: 3\n  x: [", ["jitter_factor: "]),
        ("run:\n  log_level: deb|", ["DEBUG"]),
        ("run:\n  log_level:|", [*(f" {level}" for level in LOG_LEVELS), " null"]),
        ("run:\n  log_level: 'deb|ug'", ["DEBUG"]),
        ("run:\n  reload: |", ["true", "false"]),
        ("run:\n  cache: |", ["true", "false"]),
        ("run:\n  cache:\n    |", [f"{key}: " for key in CACHE_SETTINGS]),
        ("run:\n  cache: {recompute: [or|", ["orders", "report"]),
        ("run:\n  executor: {type: thr|", ["threadpool"]),
        ("run:\n  retry: {max_retries: |}", ["3"]),
        ("run:\n  final_vars:\n    - re|\n    - orders", ["report"]),
        ("run:\n  final_vars: [orders, re|]", ["report"]),
        ("run:\n  final_vars:\n    rep|", ["- report"]),
        ("run:\n  final_vars: rep|", ["[report]"]),
        ("run:\n  final_vars:\n    -|", [" orders", " report", " orders_file", " rate", " title"]),
        ("run:\n  inputs:\n    rate: 1\n    |", ["orders_file: ", "title: "]),
        ("run:\n  inputs: {ra|}", ["rate: "]),
        ("run:\n  additional_modules: [|]", ["customers", "etl"]),
        ("run:\n  retry:\n    retry_exceptions:\n      - ZeroDiv|", ["ZeroDivisionError"]),
        ("params:\n  a: ${|}", ["DATA", "DB_PASSWORD", "HOME"]),
        ("params: {a: ${DA|", ["DATA}"]),
        ("params:\n  a: x/${D|A:-x}/y", ["DATA", "DB_PASSWORD"]),
        ("params:\n  a: $${D|", []),
        ("params:\n  a|", []),
        ("run:\n  log_level: INFO # |", []),
        ("run:\n  on_s|", []),
        ("run:\n  retry: {max_retries: 1}\n    |", []),
        ("io:\n  |", ["inputs: ", "outputs: "]),
        ("io:\n  inputs:\n    ti|", ["title: "]),
        ("io:\n  outputs:\n    re|", ["report: "]),
        ("io:\n  inputs:\n    rate:\n      |", ["path: ", "format: ", "options: ", "storage_options: "]),
        ("io:\n  outputs:\n    report:\n      - format: csv\n        pa|", ["path: "]),
        ("io:\n  inputs:\n    rate: {format: parq|", ["parquet"]),
        ("nothing:\n  |", []),
    ],
)  # fmt: skip
def test_what_could_stand_there_is_proposed(around: Surroundings, cursor: Any, marked: str, texts: list[str]) -> None:
    assert [item.text for item in complete(*cursor.in_(marked), "pipeline", around).items] == texts


def test_a_project_has_its_own_keys(cursor: Any) -> None:
    marked = "name: x\nadapter:\n  |\n"
    assert [item.label for item in complete(*cursor.in_(marked), "project").items] == [
        "hamilton_tracker",
        "mlflow",
        "opentelemetry",
        "openlineage",
        "ray",
    ]


def test_a_proposal_tells_its_type_its_default_and_its_meaning(around: Surroundings, cursor: Any) -> None:
    (found,) = complete(*cursor.in_("run:\n  retry: {max|"), "pipeline", around).items
    assert (found.detail, found.doc) == ("a whole number, default 3", "Attempts after the first.")
    (node,) = complete(*cursor.in_("run:\n  final_vars: [order|s]"), "pipeline", around).items[:1]
    assert (node.label, node.detail, node.doc) == ("orders", "pd.DataFrame", "Every order.")
    needed, optional = complete(*cursor.in_("run:\n  inputs: {orders_file: x, |"), "pipeline", around).items
    assert (needed.label, needed.detail, needed.doc) == ("rate", "float", "Needed by report.")
    assert (optional.label, optional.doc) == ("title", "Taken by report, which can do without.")


def test_a_variable_is_told_by_its_name_and_place_and_never_by_its_value(around: Surroundings, cursor: Any) -> None:
    items = complete(*cursor.in_("params:\n  a: ${|"), "pipeline", around).items
    assert [(item.label, item.detail) for item in items] == [
        ("DATA", "from .env"),
        ("DB_PASSWORD", "from the environment"),
        ("HOME", "from the environment"),
    ]
    assert "hunter2" not in repr(items)


def test_every_key_of_run_that_a_file_can_have_is_proposed(cursor: Any) -> None:
    labels = {item.label for item in complete(*cursor.in_("run:\n  |"), "pipeline").items}
    assert labels == set(fields(RunConfig)) - {"on_success", "on_failure"}


@pytest.mark.parametrize("line", range(1, OPEN.count("\n") + 1))
def test_what_is_proposed_below_a_line_makes_a_file_without_mistakes(around: Surroundings, line: int) -> None:
    lines = OPEN.split("\n")
    own, following = (len(text) - len(text.lstrip()) for text in lines[line - 1 : line + 1])
    # Further left, it would come between a key and its value.
    for indent in {max(own, following), own + 2, following}:
        if indent < following:
            continue
        text = "\n".join([*lines[:line], " " * indent, *lines[line:]])
        found = complete(text, line + 1, indent + 1, "pipeline", around)
        for item in found.items:
            written = inserted(text, found, item)
            mistakes = [told for told in diagnose(written, "pipeline", around) if told.severity != "hint"]
            assert mistakes == [], written


@pytest.mark.parametrize(
    "marked",
    [
        "run: {log_level: |}",
        "run: {executor: {type: |}}",
        "run: {retry: {|}}",
        "run: {retry: {retry_exceptions: [|]}}",
        "run: {retry: {jitter_factor: |}}",
        "run: {reload: |}",
        "adapter: {mlflow: {|}}",
    ],
)
def test_what_is_proposed_in_brackets_makes_a_file_without_mistakes(cursor: Any, marked: str) -> None:
    text, line, column = cursor.in_(marked)
    found = complete(text, line, column, "pipeline")
    assert found.items
    for item in found.items[:40]:
        assert diagnose(inserted(text, found, item), "pipeline") == []
