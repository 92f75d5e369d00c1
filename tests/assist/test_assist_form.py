"""A configuration file as a form: what it has, what it could have, and single values changed in its text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowerpower_tui.assist.form import Field, fields_of, with_value, written
from flowerpower_tui.errors import ConfigError
from flowerpower_tui.terminal import one_line
from flowerpower_tui.yamldoc.document import Document

TEXT = """\
# Nightly.
name: etl   # as the file

params:
  limits: {low: 1, high: 9}   # both ends
  api_key: hunter2
run:
  final_vars:
    - report  # the one that counts
  # said for a reason
  retry:
    max_retries: 0
  log_level: "INFO"
  reload: no
"""


def document(text: str = TEXT) -> Document:
    return Document.parse(text, "etl.yml")


def field(key: str, text: str = TEXT) -> Field:
    return next(one for one in fields_of(document(text), "pipeline") if one.key == key)


@pytest.mark.parametrize(
    ("key", "kind", "value", "is_written"),
    [
        ("name", "text", "etl", True),
        ("run", "section", "", True),
        ("run.final_vars", "text", "[report]", True),
        ("run.retry.max_retries", "text", "0", True),
        ("run.retry.retry_delay", "text", "", False),
        ("run.log_level", "choice", "INFO", True),
        ("run.reload", "toggle", "false", True),
        ("run.executor", "section", "", False),
        ("params.limits.low", "text", "1", True),
    ],
)
def test_a_field_is_changed_by_its_type(key: str, kind: str, value: str, is_written: bool) -> None:
    found = field(key)
    assert (found.kind, found.value, found.is_written) == (kind, value, is_written)


def test_what_is_not_written_has_its_default() -> None:
    assert field("run.retry.retry_delay").default == "1.0"
    assert "INFO" in field("run.log_level").choices


def test_a_secret_is_masked_and_not_offered_for_editing() -> None:
    assert "hunter2" not in field("params.api_key").value
    assert written(document(), ("params", "api_key")) == ""


def test_an_empty_file_has_all_fields() -> None:
    assert not any(one.is_written for one in fields_of(document(""), "pipeline"))
    assert with_value(document(""), "pipeline", ("run", "retry", "max_retries"), "3").value == {
        "run": {"retry": {"max_retries": 3}}
    }


def test_one_value_is_changed_and_every_comment_stays() -> None:
    edited = with_value(document(), "pipeline", ("run", "retry", "max_retries"), "5")
    assert edited.text == TEXT.replace("max_retries: 0", "max_retries: 5")


def test_where_text_is_wanted_a_number_is_text() -> None:
    edited = with_value(document(), "pipeline", ("name",), "2024")
    assert edited.value["name"] == "2024"
    assert edited.text == TEXT.replace("name: etl ", 'name: "2024" ')


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        (("run", "retry", "max_retries"), "many", "whole number"),
        (("run", "retry", "retry_delay"), "1e-3", "is text here"),
        (("run", "log_level"), "LOUD", "log_level"),
        (("run", "final_vars"), "[a, ", "no YAML value"),
        (("run", "nothing"), "1", "no key"),
    ],
)
def test_what_a_key_does_not_take_is_refused_with_a_reason(key: tuple[str, ...], text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        with_value(document(), "pipeline", key, text)
    assert said in str(caught.value)


EDITS: dict[tuple[str, ...], st.SearchStrategy[Any]] = {
    ("run", "retry", "max_retries"): st.integers(0, 99),
    ("run", "retry", "retry_delay"): st.integers(0, 500).map(lambda number: number / 8),
    ("run", "log_level"): st.sampled_from(["DEBUG", "INFO", "ERROR"]),
    ("run", "reload"): st.booleans(),
    ("params", "limits", "low"): st.integers(-9, 9) | st.text("ab '#:", max_size=6),
    ("run", "final_vars"): st.lists(st.sampled_from(["report", "orders", "rates"]), unique=True, max_size=3),
}
EDIT = st.sampled_from(sorted(EDITS)).flatmap(lambda path: st.tuples(st.just(path), EDITS[path]))


@settings(max_examples=40, deadline=None)
@given(st.lists(EDIT, max_size=6))
def test_whatever_the_form_changes_all_else_stays_as_it_was(edits: list[tuple[tuple[str, ...], Any]]) -> None:
    from flowerpower_tui.yamldoc.dump import inline

    edited = document()
    wanted: dict[tuple[str, ...], Any] = {}
    for path, value in edits:
        edited = with_value(edited, "pipeline", path, inline(value))
        wanted[path] = value
    for path, value in wanted.items():
        assert edited.get(path) == value
    # Line by line: what names no changed key is there, byte for byte and in its order.
    changed = {path[-1] for path in wanted}
    if ("params", "limits", "low") in wanted:
        changed.add("limits")
    untouched = [line for line in TEXT.splitlines() if not any(f"{key}:" in line for key in changed)]
    if ("run", "final_vars") in wanted:
        untouched.remove("    - report  # the one that counts")
    kept = iter(edited.text.splitlines())
    assert all(any(line == other for other in kept) for line in untouched)


@pytest.mark.parametrize(
    "value", ["a\tb", "שלום\u200f", "\u202ex", ["a\tb", "ü\u200e"], {"k\u061c": 1}, "é", "a\nb", "\x07"]
)
def test_a_value_that_is_opened_and_left_as_it_is_stays_what_it_is(value: Any) -> None:
    document = Document.parse("params: {}\n", "f.yml").set(("params", "x"), value)

    shown = written(document, ("params", "x"))

    assert one_line(shown) == shown
    assert with_value(document, "pipeline", ("params", "x"), shown) == document
