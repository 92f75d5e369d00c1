"""`${VAR}` and its kin."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowerpower_tui.config.interpolate import Interpolated, InterpolationError, interpolate

ENVIRON = {"A": "1", "NAME": "Ann", "EMPTY": "", "LIST": '["x", 2]', "HALF": "[1,", "YES": "true", "NIL": "null"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no variable", "no variable"),
        ("42", "42"),
        ("${NAME}", "Ann"),
        ("${ NAME }", "Ann"),
        ("$NAME", "Ann"),
        ("hello ${NAME}!", "hello Ann!"),
        ("hello $NAME!", "hello Ann!"),
        ("${A}", 1),
        ("${A}${A}", 11),
        ("${A}.5", 1.5),
        ("-${A}", -1),
        (" ${A} ", 1),
        ("0${A}", "01"),
        ("${A}e5", "1e5"),
        ("${LIST}", ["x", 2]),
        ("${HALF}", "[1,"),
        ("${YES}", True),
        ("${NIL}", None),
        ("${UNSET}", ""),
        ("${UNSET:-x}", "x"),
        ("${UNSET-x}", "x"),
        ("${EMPTY:-x}", "x"),
        ("${EMPTY-x}", ""),
        ("${NAME:-x}", "Ann"),
        ("${UNSET:-}", ""),
        ("${UNSET:-10}", 10),
        ("${UNSET:-a-b:?c}", "a-b:?c"),
        ('${UNSET:-{"a": {"b": 1}}}', {"a": {"b": 1}}),
        ("${UNSET:-${NAME}}", "Ann"),
        ("${UNSET:-${ALSO:-deep}}", "deep"),
        ("${NAME:?need it}", "Ann"),
        ("${EMPTY?need it}", ""),
        ("$$NAME", "$NAME"),
        ("$${NAME}", "${NAME}"),
        ("costs 5$", "costs 5$"),
        ("pa$word", "pa$word"),
        ("$UNSET", ""),
        ("$UNSET and more", "$UNSET and more"),
        ("${never closed", "${never closed"),
        ("${}", "${}"),
        ("${NAME:+other}", "${NAME:+other}"),
        ("^\\d+$", "^\\d+$"),
    ],
)
def test_each_form_gives_its_value(text: str, value: Any) -> None:
    result = interpolate(text, ENVIRON).value
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${X:?need-it}", "X is not set: need-it"),
        ("${X?need it}", "X is not set: need it"),
        ("${EMPTY:?}", "EMPTY is not set"),
        ("${X:-${Y:?inner}}", "Y is not set: inner"),
    ],
)
def test_a_variable_that_must_be_set_raises_its_message(text: str, message: str) -> None:
    with pytest.raises(InterpolationError, match=f"^{message}$"):
        interpolate(text, ENVIRON)


def test_it_tells_which_variables_were_asked_and_which_are_unset() -> None:
    result = interpolate("${NAME} ${UNSET} ${OTHER:-x} $NAME", ENVIRON)
    assert result.variables == ("NAME", "UNSET", "OTHER")
    assert result.unset == ("UNSET",)
    assert not result.kept


def test_a_default_that_is_not_needed_is_not_asked() -> None:
    assert interpolate("${NAME:-${X:?not needed}}", ENVIRON).value == "Ann"


def test_defaults_in_defaults_have_an_end() -> None:
    with pytest.raises(InterpolationError, match="too deep"):
        interpolate("${X:-" * 5000 + "}" * 5000, {})


@given(st.text())
def test_a_doubled_dollar_is_a_dollar_whatever_is_around_it(text: str) -> None:
    assert interpolate(text.replace("$", "$$"), ENVIRON).text == text


@given(st.text(alphabet="${}:-?AX "))
def test_whatever_is_written_gives_a_value_or_tells_what_is_not_set(text: str) -> None:
    with contextlib.suppress(InterpolationError):
        assert isinstance(interpolate(text, ENVIRON).text, str)


@given(st.text(st.characters(exclude_characters="$")))
def test_text_without_a_dollar_stays_as_it_is(text: str) -> None:
    assert interpolate(text, ENVIRON) == Interpolated(text, text)
