"""The JSON Schema: it names every key, and what resolves without a problem is valid."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from flowerpower_tui.config.models import PipelineConfig, ProjectConfig
from flowerpower_tui.config.resolve import resolve_pipeline
from flowerpower_tui.config.schema import meanings, schema
from flowerpower_tui.config.section import Section, fields, is_section
from flowerpower_tui.errors import ConfigError

EXAMPLES = Path(__file__).parents[2] / "examples"
_TYPES: dict[str, Any] = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float)}


def invalid(rules: dict[str, Any], value: Any, path: str = "") -> Iterator[str]:
    """Yield where `value` breaks the rules of a JSON Schema, of which this knows what ours uses."""
    known = {"type", "enum", "anyOf", "pattern", "minimum", "maxProperties", "items", "properties"}
    assert rules.keys() <= known | {
        "$schema", "title", "description", "default", "deprecated", "additionalProperties",
    }  # fmt: skip
    if "anyOf" in rules and all(list(invalid(rule, value)) for rule in rules["anyOf"]):
        yield f"{path}: none of anyOf"
    if "enum" in rules and not any(value == choice and type(value) is type(choice) for choice in rules["enum"]):
        yield f"{path}: not in enum"
    kinds = rules.get("type", [])
    if kinds and not any(_is(kind, value) for kind in ([kinds] if isinstance(kinds, str) else kinds)):
        yield f"{path}: {value!r} is not {kinds}"
    if isinstance(value, str) and not re.search(rules.get("pattern", ""), value):
        yield f"{path}: {value!r} has no {rules['pattern']}"
    if isinstance(value, int | float) and not isinstance(value, bool) and value < rules.get("minimum", value):
        yield f"{path}: {value} is too small"
    if isinstance(value, dict):
        if len(value) > rules.get("maxProperties", len(value)):
            yield f"{path}: too many"
        for key, item in value.items():
            yield from invalid(rules.get("properties", {}).get(key, {}), item, f"{path}.{key}")
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from invalid(rules.get("items", {}), item, f"{path}.{index}")


def _is(kind: str, value: Any) -> bool:
    if kind == "null":
        return value is None
    is_flag = isinstance(value, bool)
    return is_flag if kind == "boolean" else isinstance(value, _TYPES[kind]) and not is_flag


def keys(model: type[Section], path: str = "") -> Iterator[str]:
    for key, info in fields(model).items():
        yield f"{path}.{key}"
        if is_section(info):
            yield from keys(info.type, f"{path}.{key}")


def described(rules: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for key, inner in rules.get("properties", {}).items():
        yield f"{path}.{key}", inner
        yield from described(inner, f"{path}.{key}")


@pytest.mark.parametrize("model", [ProjectConfig, PipelineConfig])
def test_every_key_is_in_it_with_its_meaning(model: type[Section]) -> None:
    found = dict(described(schema(model)))
    assert [key for key, rules in found.items() if not rules.get("deprecated")] == list(keys(model))
    assert [key for key, rules in found.items() if len(rules["description"]) < 4] == []


@pytest.mark.parametrize("model", [ProjectConfig, PipelineConfig])
def test_no_meaning_is_of_a_key_that_is_gone(model: type[Section]) -> None:
    def check(model: type[Section]) -> None:
        assert list(meanings(model)) == list(fields(model))
        for info in fields(model).values():
            if is_section(info):
                check(info.type)

    check(model)


@pytest.mark.parametrize("model", [ProjectConfig, PipelineConfig])
def test_defaults_are_valid(model: type[Section]) -> None:
    for key, rules in described(schema(model)):
        assert list(invalid(rules, rules.get("default"), key)) == []


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*/conf/**/*.yml")), ids=lambda file: file.stem)
def test_the_examples_are_valid(file: Path) -> None:
    model = ProjectConfig if file.stem == "project" else PipelineConfig
    assert list(invalid(schema(model), yaml.safe_load(file.read_text()))) == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("run: {retry: {max_retries: three}}", ".run.retry.max_retries"),
        ("run: {executor: {type: thraedpool}}", ".run.executor.type"),
        ("run: {executor: threadpool}", ".run.executor"),
        ("run: {log_level: banana}", ".run.log_level"),
        ("run: {final_vars: b}", ".run.final_vars"),
        ("run: {reload: 'true'}", ".run.reload"),
        ("run: {executor: {max_workers: 0}}", ".run.executor.max_workers"),
        ("run: {retry: {retry_exceptions: [TimeuotError]}}", ".run.retry.retry_exceptions.0"),
        ("run: {on_success: print}", ".run.on_success"),
        ("[a]", ""),
    ],
)
def test_what_is_refused_is_mostly_invalid_too(text: str, wrong: str) -> None:
    assert [found.partition(":")[0] for found in invalid(schema(PipelineConfig), yaml.safe_load(text))] == [wrong]


WORDS = st.sampled_from(
    ["threadpool", "INFO", "debug", "ValueError", "a.b.C", "Quota", "${N}", "$L", "${MAP:-{}}", "x", "", "5", "true"]
)
LEAVES = st.none() | st.booleans() | st.integers(-2, 9) | st.floats(-1, 3) | WORDS
NAMES = st.sampled_from(["a", "b"])
VALUES = LEAVES | st.lists(LEAVES, max_size=2) | st.dictionaries(NAMES, LEAVES, max_size=2)
MOVED = (".run.max_retries", ".run.retry_delay", ".run.jitter_factor", ".run.retry_exceptions", ".run.unknown")
PATHS = st.sampled_from([*keys(PipelineConfig), *MOVED])


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(PATHS, VALUES, min_size=1, max_size=2))
def test_what_resolves_is_valid(tmp_path_factory: pytest.TempPathFactory, values: dict[str, Any]) -> None:
    document: dict[str, Any] = {}
    for path, value in values.items():
        place = document
        *outer, last = path.split(".")[1:]
        for key in outer:
            place = place.setdefault(key, {})
            assume(isinstance(place, dict))
        place[last] = value
    root = tmp_path_factory.mktemp("project")
    (root / "conf/pipelines").mkdir(parents=True)
    (root / "conf/pipelines/etl.yml").write_text(yaml.safe_dump(document))
    try:
        resolve_pipeline(root, "etl", environ={"N": "3", "L": '["ValueError"]', "MAP": ""})
    except ConfigError:
        return
    assert list(invalid(schema(PipelineConfig), document)) == []
