"""`params` as arguments for Hamilton, and the namespace they come in."""

import copy
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowerpower_tui.config.params import ParamsNamespace, expand


def expanded(params: dict[str, Any]) -> dict[str, Any]:
    return expand(params, source=lambda name: ("source", name), value=lambda item: ("value", item)).to_dict()


@pytest.mark.parametrize(
    ("params", "result"),
    [
        ({}, {}),
        ({"greet": {"msg": "hi"}}, {"greet": {"greet": {"msg": ("value", "hi")}}}),
        (
            {"a": {"x": "b"}, "b": {"y": 1}},
            {"a": {"a": {"x": ("source", "b")}}, "b": {"b": {"y": ("value", 1)}}},
        ),
        ({"p": 5}, {"p": {"p": 5}}),
        ({"p": "q", "q": 1}, {"p": {"p": ("source", "q")}, "q": {"q": 1}}),
        ({"p": [1, "p"]}, {"p": {"p": [1, "p"]}}),
        ({"p": {"deep": {"x": "p"}}}, {"p": {"p": {"deep": ("value", {"x": "p"})}}}),
        ({"p": {"many": ["p", 2]}}, {"p": {"p": {"many": ("value", ["p", 2])}}}),
        ({"p": {"x": None}}, {"p": {"p": {"x": ("value", None)}}}),
    ],
)
def test_params_become_arguments(params: dict[str, Any], result: dict[str, Any]) -> None:
    assert expanded(params) == result


def test_a_param_is_reached_by_item_and_by_attribute() -> None:
    params = ParamsNamespace({"greet": {"greet": {"msg": "hi"}}})
    assert params["greet"]["greet"]["msg"] == params.greet.greet.msg == "hi"
    assert {**params.greet} == {"greet": ParamsNamespace({"msg": "hi"})}
    assert "greet" in params
    assert params.get("nothing", 7) == 7
    assert list(params.items()) == [("greet", params.greet)]
    assert "greet" in dir(params)


def test_what_is_missing_raises_as_it_was_asked() -> None:
    params = ParamsNamespace({"greet": 1})
    with pytest.raises(KeyError):
        params["nothing"]
    with pytest.raises(AttributeError, match="no param 'nothing'; there are greet"):
        _ = params.nothing


def test_a_namespace_can_be_copied_and_sent_to_another_process() -> None:
    params = ParamsNamespace({"a": {"b": [1, {"c": 2}]}})
    assert copy.deepcopy(params) == params
    assert pickle.loads(pickle.dumps(params)) == params


def test_a_namespace_equals_the_mapping_it_was_made_of() -> None:
    assert ParamsNamespace({"a": {"b": 1}}) == {"a": {"b": 1}}


TREES = st.recursive(
    st.none() | st.integers() | st.text() | st.lists(st.integers()),
    lambda inner: st.dictionaries(st.text(), inner, max_size=4),
)


@given(st.dictionaries(st.text(), TREES, max_size=4))
def test_a_namespace_gives_back_the_dictionaries_it_was_made_of(items: dict[str, Any]) -> None:
    assert ParamsNamespace(items).to_dict() == items


def test_keys_are_what_yaml_reads() -> None:
    assert expand({True: 1, 2024: {"x": 2}}, source=str, value=str).to_dict() == {
        True: {True: 1},
        2024: {2024: {"x": "2"}},
    }
