"""What is known of what stands under a cursor."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flowerpower_tui.assist.hover import hover
from flowerpower_tui.assist.surroundings import Surroundings
from flowerpower_tui.config.resolve import resolve_pipeline

TEXT = """\
params:
  orders: {limit: 3}
run:
  inputs:
    rate: 1.5
    token: ${DB_PASSWORD}
  retry: {max_retries: 2}
  final_vars: [report]
"""


@pytest.fixture
def effective(tmp_path: Path) -> Any:
    for folder in ("conf/pipelines", "pipelines"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "conf/pipelines/etl.yml").write_text(TEXT, encoding="utf-8")
    environ = {"FP_MAX_RETRIES": "5", "DB_PASSWORD": "hunter2"}
    return resolve_pipeline(tmp_path, "etl", environ=environ)


@pytest.fixture
def at(effective: Any, around: Surroundings) -> Callable[[str], Any]:
    def at(word: str) -> Any:
        before = TEXT[: TEXT.index(word) + 1]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        return hover(TEXT, line, column, "pipeline", effective, around)

    return at


def test_a_key_has_type_default_meaning_and_the_value_that_holds_with_its_origin(at: Callable[[str], Any]) -> None:
    found = at("max_retries")
    assert (found.title, found.kind, found.default) == ("run.retry.max_retries", "a whole number", "3")
    assert found.meaning == "Attempts after the first."
    assert (found.value, str(found.origin)) == ("5", "FP_MAX_RETRIES")
    assert TEXT.split("\n")[found.span.line - 1][found.span.column - 1 : found.span.end_column - 1] == "max_retries"


def test_a_value_is_its_keys(at: Callable[[str], Any]) -> None:
    assert at("2}").title == "run.retry.max_retries"


def test_a_node_is_what_the_graph_says(at: Callable[[str], Any]) -> None:
    wanted, given, param = at("report"), at("rate"), at("orders")
    assert (wanted.title, wanted.kind, wanted.meaning) == ("report", "str", "etl:9")
    assert (given.title, given.kind, given.value) == ("run.inputs.rate", "float", "1.5")
    assert (param.title, param.kind, param.meaning) == ("params.orders", "pd.DataFrame", "Every order.\netl:3")


def test_a_secret_is_masked(at: Callable[[str], Any]) -> None:
    found = at("token")
    assert found.value == "••••••"
    assert "hunter2" not in repr(found)


def test_a_variable_is_told_by_its_place(at: Callable[[str], Any], around: Surroundings) -> None:
    found = at("${DB_")
    assert (found.title, found.meaning) == ("$DB_PASSWORD", "Set in the environment.")
    told = [hover(f"a: x${{{name}}}", 1, 6, "pipeline", None, around) for name in ("DATA", "NOPE")]
    assert [found.meaning for found in told if found] == ["Set in .env:2:1.", "This variable is not set."]


def test_of_what_nobody_knows_nothing_is_said(around: Surroundings) -> None:
    assert hover("what: is this", 1, 2, "pipeline", None, around) is None
    assert hover("run: # log_level", 1, 9, "pipeline", None, around) is None
