"""Values and their places, what is wrong with a file, and what is too much of one."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from flowerpower_tui.errors import ConfigError
from flowerpower_tui.yamldoc.document import MAX_SIZE, Document, scalar

PIPELINE = """\
# Orders of the night.
params:
  limits: &limits {low: 1, high: 10_000}
  wide:
    <<: *limits
    high: 3
  same: *limits
run:
  final_vars: [report, 'summary']
  inputs:   # none yet
  # really
  retry:
    max_retries: 2
"""


def parse(text: str) -> Document:
    return Document.parse(text, "f.yml")


def refusal(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert len(caught.value.problems) == 1
    return str(caught.value)


def test_values_mean_what_yaml_1_1_says() -> None:
    document = parse("a: 10_000\nb: yes\nc: 1e-3\nd: 22:30\ne: 012\nf: ~\ng: 1.5\n")
    assert document.value == {"a": 10000, "b": True, "c": "1e-3", "d": 1350, "e": 10, "f": None, "g": 1.5}


def test_a_file_that_says_nothing_is_none() -> None:
    assert parse("").value is None
    assert parse("# only a comment\n").value is None


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        (("params",), "2:1", "3:3"),
        (("params", "limits", "high"), "3:28", "3:34"),
        (("run", "final_vars"), "9:3", "9:15"),
        (("run", "final_vars", 1), "9:24", "9:24"),
        (("run", "retry", "max_retries"), "13:5", "13:18"),
    ],
)
def test_every_key_and_value_has_its_place(path: tuple[str, ...], key: str, value: str) -> None:
    document = parse(PIPELINE)
    assert str(document.key_location(path)) == f"f.yml:{key}"
    assert str(document.location(path)) == f"f.yml:{value}"


def test_an_empty_value_stands_where_its_key_does() -> None:
    assert str(parse(PIPELINE).location(("run", "inputs"))) == "f.yml:10:3"


def test_what_is_not_there_is_placed_at_what_is_around_it() -> None:
    document = parse(PIPELINE)
    assert document.location(("run", "retry", "nothing")) == document.location(("run", "retry"))
    assert document.key_location(("run", "retry", "nothing")) == document.key_location(("run", "retry"))


def test_a_merged_value_stands_where_it_was_written() -> None:
    document = parse(PIPELINE)
    assert str(document.location(("params", "wide", "low"))) == "f.yml:3:25"
    assert str(document.location(("params", "wide", "high"))) == "f.yml:6:11"


def test_an_alias_stands_where_it_is_used_and_its_parts_where_they_were_written() -> None:
    document = parse(PIPELINE)
    assert str(document.location(("params", "same"))) == "f.yml:7:9"
    assert str(document.location(("params", "same", "low"))) == "f.yml:3:25"


@pytest.mark.parametrize("merge", ["<<: [*a, *b]", "<<: *b\n  <<: *a"])
def test_of_several_merges_the_place_is_of_the_one_that_counts(merge: str) -> None:
    document = parse(f"a: &a {{x: 1}}\nb: &b {{x: 2}}\nc:\n  {merge}\n")
    assert document.value["c"] == {"x": 1}
    assert document.location(("c", "x")).line == 1


def test_a_byte_order_mark_shifts_nothing() -> None:
    assert str(parse("\ufeffname: shop\n").location(("name",))) == "f.yml:1:7"


def test_columns_count_characters() -> None:
    assert str(parse("{straße: '日本', b: 2}").location(("b",))) == "f.yml:1:19"


def test_a_key_that_stands_twice_is_told_and_the_last_counts() -> None:
    document = parse("run:\n  a: 1\n  b: 2\n  a: 3\n")
    assert document.value == {"run": {"a": 3, "b": 2}}
    assert [str(problem) for problem in document.problems] == [
        "f.yml:4:3: the key 'a' stands twice, first on line 2; this one counts"
    ]
    assert str(document.location(("run", "a"))) == "f.yml:4:6"


def test_the_same_key_in_two_mappings_is_fine() -> None:
    assert parse("a: {x: 1}\nb: {x: 1}\n").problems == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 'x\nc: 2\n", "f.yml:2:4: found unexpected end of stream; A quote"),
        ("a: [1, 2\nb: 3\n", "f.yml:1:4: did not find expected ',' or ']'; A bracket is never closed"),
        ("a: [1,\n", "f.yml:1:4: found unexpected end of stream; A quote, bracket"),
        ("a: b: c\n", "f.yml:1:5: mapping values are not allowed"),
        ("a:\n\t- x\n", "f.yml:2:1: found character that cannot start any token; Indent with spaces"),
        ("a:\n  b: 1\n c: 2\n", "f.yml:3:2: did not find expected key; Check the indentation"),
        ("a: 2024-13-45\n", "f.yml:1:4: this is no value YAML can read: month must be in 1..12; quote it"),
        ("2024-13-45: a\n", "f.yml:1:1: this is no value"),
        ("? [a]\n: 1\n", "f.yml:1:3: found unhashable key"),
        ("a: !ENV x\n", "f.yml:1:4: could not determine a constructor for the tag '!ENV'; Tags"),
        ("a: !!python/object/apply:os.system [ls]\n", "f.yml:1:4: could not determine a constructor"),
        ("a: *b\n", "f.yml:1:4: the alias '*b' has no anchor '&b' before it"),
        ("a: &a [*a]\n", "f.yml:1:8: the alias '*a' stands inside what it stands for"),
        ("a: 1\n---\nb: 2\n", "f.yml:2:1: a second document begins here"),
        ("a: 1\nb: 2 \x1b[31m\n", "f.yml:2:6: the character U+001B is not allowed"),
        ("a: \ud800\n", "f.yml:1:4: the character U+D800 is not allowed"),
    ],
)
def test_what_is_no_yaml_is_told_once_with_its_place(text: str, message: str) -> None:
    assert refusal(text).startswith(message)


def test_a_file_that_is_too_large_is_not_parsed() -> None:
    assert "is too large" in refusal("a" * (MAX_SIZE + 1))


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_what_is_nested_too_deep_is_refused(opening: str) -> None:
    assert "nested more than 100 deep" in refusal(opening * 20_000)


@pytest.mark.parametrize("use", ["<<: [{}]", "- [{}]"])
def test_a_bomb_of_aliases_is_refused(use: str) -> None:
    lines = ["a0: &a0 {" + ", ".join(f"k{i}: 1" for i in range(10)) + "}"]
    for level in range(1, 16):
        lines += [f"a{level}: &a{level}", "  " + use.format(", ".join([f"*a{level - 1}"] * 10))]
    assert "aliases make this file more than 100,000 values larger" in refusal("\n".join(lines))


def test_a_file_is_read_from_disk(tmp_path: Path) -> None:
    path = tmp_path / "Über uns & 'co'.yml"
    path.write_text("größe: 1\n", encoding="utf-8")
    document = Document.read(path)
    assert document.value == {"größe": 1}
    assert document.location().file == str(path)


def test_a_file_that_is_no_utf_8_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "latin.yml"
    path.write_bytes(b"a: 1\nb: caf\xe9\n")
    with pytest.raises(ConfigError, match=r"latin\.yml:2: is not UTF-8 text"):
        Document.read(path)


def test_a_folder_in_place_of_a_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        Document.read(tmp_path)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("true", True),
        ("", None),
        ("plain text", "plain text"),
        ("a#b", "a#b"),
        ("'a #b'", "a #b"),
        ("[a, 2]", ["a", 2]),
        ("{a: {b: 1}}", {"a": {"b": 1}}),
        ("'3'", "3"),
    ],
)
def test_a_value_from_the_command_line_is_yaml(text: str, value: object) -> None:
    assert scalar(text) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1, 2", r"'\[1, 2' is no YAML value: did not find"),
        ("*x", "no anchor"),
        ("#ff8800", "has a comment in it\nQuote|has a comment in it; Quote"),
        ("red #1", "has a comment in it"),
    ],
)
def test_a_value_from_the_command_line_that_is_none_is_refused(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        scalar(text)
    assert caught.value.location is None


KEYS = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=6)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | KEYS | st.dates()
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3))


@given(VALUES, st.booleans())
def test_values_read_back_as_they_were_written(value: object, flow: bool) -> None:
    text = yaml.safe_dump(value, allow_unicode=True, default_flow_style=flow, width=10_000)
    assert parse(text).value == value


@given(VALUES, st.booleans())
def test_the_text_at_the_place_of_a_value_is_that_value(value: object, flow: bool) -> None:
    text = yaml.dump(value, Dumper=_Quoting, allow_unicode=True, default_flow_style=flow, width=10_000)
    document = parse(text)
    lines = text.split("\n")
    for path, leaf in _leaves(value, ()):
        place = document.location(path)
        token = _TOKEN.match("\n".join([lines[place.line - 1][place.column - 1 :], *lines[place.line :]]))
        assert token is not None
        assert yaml.safe_load(token.group()) == leaf


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s,\]}]+', re.DOTALL)


class _Quoting(yaml.SafeDumper):
    """Quotes every text, so that it is plain where a value ends; writes every value out."""

    def ignore_aliases(self, data: object) -> bool:
        return True


_Quoting.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))


def _leaves(value: object, path: tuple[object, ...]) -> list[tuple[tuple[object, ...], object]]:
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in _leaves(item, (*path, key))]
    if isinstance(value, list):
        return [leaf for index, item in enumerate(value) for leaf in _leaves(item, (*path, index))]
    return [(path, value)]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("a: =\n", "Quote it if it is text: '='"),
        ("a: <<\n", "Quote it if it is text: '<<'"),
        ("a: \0\n", 'Write it as an escape in double quotes: "\\x00"'),
        ("a: \ufffe\n", 'Write it as an escape in double quotes: "\\ufffe"'),
        ("a: \udc80\n", "Take it out."),
    ],
)
def test_the_hint_says_what_helps_here(text: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Document.parse(text, "f.yml")
    assert caught.value.hint == hint
