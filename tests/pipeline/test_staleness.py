"""What an edit makes stale: never fewer nodes than give another result, and none that could not."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowerpower_tui.pipeline import modules
from flowerpower_tui.pipeline.build import build
from flowerpower_tui.pipeline.runner import PipelineRunner
from flowerpower_tui.pipeline.weigh import weigh
from flowerpower_tui.runs.staleness import Made, changed, stale

MAIN = """
import enum, functools, importlib, operator, os, re
import helpers
import helpers as aliased
from dataclasses import dataclass, field
from hamilton.function_modifiers import config, parameterize, extract_fields, inject, value
from helpers import imported, Inherited
from package.inner import deep_one

CONSTANT = @constant@
TABLE = {"a": [1, {"b": @nested_constant@}]}
WORDS = {"x", "y", "word@in_a_set@"}
PATTERN = re.compile("@pattern@")
FUNCTIONS = {"apply": lambda x: x * 10 + @a_lambda@}
partial = functools.partial(operator.add, @a_partial@)

class Colour(enum.Enum):
    RED = @an_enum@

@dataclass
class Point:
    x: int = @dataclass_default@
    items: list = field(default_factory=lambda: [@default_factory@])

    @property
    def far(self):
        return self.x + @a_property@

    @staticmethod
    def still():
        return @static_method@

class Child(Inherited):
    extra = 1

class Meta(type):
    def __new__(meta, name, bases, space):
        return super().__new__(meta, name, bases, {**space, "made": @metaclass@})

class Made(metaclass=Meta):
    pass

def _decorator(by):
    def decorate(function):
        @functools.wraps(function)
        def inner(*arguments, **names):
            return (function(*arguments, **names), by)
        return inner
    return decorate

def _maker():
    hidden = @closed_over@
    def _made():
        return hidden
    return _made
_made = _maker()

def _first(x): return _second(x)
def _second(x): return (x, @two_helpers_deep@)
def _even(n): return True if n == 0 else _odd(n - 1)
def _odd(n): return (False, @a_cycle@) if n == 0 else _even(n - 1)
def _attributed(): return _attributed.factor
_attributed.factor = @function_attribute@
def _default(x, y=@helper_default@): return (x, y)
@functools.lru_cache
def _cached(x): return (x, @cached_helper@)
def _generates():
    yield @in_a_generator@
def _overwritten(): return 1
def _overwritten(): return @defined_twice@
if True:
    BRANCH = @in_a_branch@
for _number in range(1 + @loop_count@):
    LAST = _number
LISTED = []
LISTED.append(@appended@)

def n_constant() -> int: return CONSTANT
def n_nested_constant() -> int: return TABLE["a"][1]["b"]
def n_in_a_set() -> list: return sorted(WORDS)
def n_pattern() -> str: return PATTERN.pattern
def n_a_lambda() -> int: return FUNCTIONS["apply"](1)
def n_a_partial() -> int: return partial(1)
def n_an_enum() -> int: return Colour.RED.value
def n_dataclass_default() -> int: return Point().x + 0
def n_inherited_method() -> int: return Child().method()
def n_metaclass() -> int: return Made.made
@_decorator(@decorator_argument@)
def n_decorator_argument() -> tuple: return 1
def n_closed_over() -> int: return _made()
def n_two_helpers_deep() -> tuple: return _first(1)
def n_a_cycle() -> tuple: return _even(3)
def n_function_attribute() -> int: return _attributed()
def n_helper_default() -> tuple: return _default(1)
def n_own_default(y: int = @own_default@) -> int: return y
def n_cached_helper() -> tuple: return _cached(1)
def n_in_a_generator() -> list: return list(_generates())
def n_defined_twice() -> int: return _overwritten()
def n_in_a_branch() -> int: return BRANCH
def n_loop_count() -> int: return LAST
def n_appended() -> list: return list(LISTED)
def n_f_string() -> str:
    x = 1
    return f"{x}-@f_string@-{x:>{@f_string_width@}}"
def n_comprehension() -> list: return [x + @comprehension@ for x in range(2) if x != @comprehension_condition@]
def n_nested_function() -> int:
    def inner():
        def innermost(): return @nested_function@
        return innermost()
    return inner()
def n_local_class() -> int:
    class Local:
        x = @local_class@
    return Local.x
def n_of_module() -> int: return helpers.of_module()
def n_of_alias() -> int: return aliased.of_alias()
def n_module_constant() -> int: return helpers.MODULE_CONSTANT
def n_imported() -> int: return imported()
def n_helpers_helper() -> int: return helpers.helpers_helper()
def n_in_a_package() -> int: return deep_one()
def n_late_import() -> int:
    from package import late
    return late.LATE
def n_dynamic_attribute() -> int: return getattr(_dynamic_module(), "DYN" + "AMIC")
def _dynamic_module(): return importlib.import_module("dynamic_" + "one")
def n_environment() -> str: return os.environ["FP_TEST_" + "VARIABLE"] if False else os.environ["FP_TEST_VARIABLE"]
@parameterize(n_parameterized={"x": value(@parameterized@)})
def parameterized_base(x: int) -> int: return x
@extract_fields({"n_extracted": int})
def fields_of() -> dict: return {"n_extracted": @extracted@}
@inject(x=value(@injected@))
def n_injected(x: int) -> int: return x
@config.when(mode="a")
def n_configured__a() -> int: return @configured@
@config.when(mode="b")
def n_configured__b() -> int: return -@configured@
def n_given(given: int) -> int: return given
def n_walrus() -> int: return (y := @walrus@) + y
def n_match() -> str:
    match @matched@:
        case 1: return "one"
        case _: return "other"
def n_try() -> int:
    try:
        return [][0]
    except IndexError:
        return @in_except@
def n_unpacked() -> list: return [*(1, @unpacked@)]
def n_star() -> dict: return dict(**{"a": @keyword@})
def n_behind(n_constant: int, n_imported: int) -> tuple: return (n_constant, n_imported)
def n_further(n_behind: tuple) -> int: return len(n_behind)
"""
HELPERS = """
from package.inner import CONSTANT_OF_INNER
MODULE_CONSTANT = @module_constant@
def imported(): return @imported@
def of_module(): return @of_module@
def of_alias(): return @of_alias@
def helpers_helper(): return (CONSTANT_OF_INNER, _private())
def _private(): return @helpers_helper@
class Inherited:
    def method(self): return @inherited_method@
"""
FILES = {
    "pipelines/main.py": MAIN,
    "pipelines/helpers.py": HELPERS,
    "pipelines/dynamic_one.py": "DYNAMIC = @dynamic_attribute@\n",
    "pipelines/package/__init__.py": "",
    "pipelines/package/inner.py": "CONSTANT_OF_INNER = @constant_of_inner@\ndef deep_one(): return @in_a_package@\n",
    "pipelines/package/late.py": "LATE = @late_import@\n",
    "conf/pipelines/main.yml": "run: {config: {mode: @mode@}, inputs: {given: @given@}}\n",
}
# Who uses a value that is not named for its one user.
USERS = {
    "default_factory": {"n_dataclass_default"},
    "a_property": {"n_dataclass_default"},
    "static_method": {"n_dataclass_default"},
    "f_string_width": {"n_f_string"},
    "comprehension_condition": {"n_comprehension"},
    "constant_of_inner": {"n_helpers_helper"},
    "mode": {"n_configured"},
    "extracted": {"n_extracted", "fields_of"},
    "matched": {"n_match"},
    "in_except": {"n_try"},
    "unpacked": {"n_unpacked"},
    "keyword": {"n_star"},
    "environment": {"n_environment"},
}
MAY_USE_ANYTHING = {"n_dynamic_attribute"}
SLOTS = sorted({slot for text in FILES.values() for slot in re.findall("@([a-z_]+)@", text)} | {"environment"})
Values = Mapping[str, int]


class Bench:
    """A project whose values are edited; remembers what it was at first."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "conf").mkdir(parents=True)
        (root / "conf/project.yml").write_text("name: bench\n")
        self.made = self.at({})
        self.results = self.run()

    def at(self, values: Values) -> Made:
        """What the project is made of with other values than at first."""
        self.write(values)
        pipeline = build(self.root, "main")
        return Made(pipeline.graph, weigh(self.root, pipeline))

    def run(self) -> dict[str, Any]:
        """What all nodes give as the project is now."""
        run = {"final_vars": functions(self.made), "executor": {"type": "synchronous"}}
        return PipelineRunner(self.root, "main", {"run": run}).run()

    def write(self, values: Values) -> None:
        os.environ["FP_TEST_VARIABLE"] = str(values.get("environment", 1))
        for name, text in FILES.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(re.sub("@([a-z_]+)@", lambda slot: self._text(slot[1], values), text))

    def _text(self, slot: str, values: Values) -> str:
        value = values.get(slot, 1)
        return "ab"[value % 2] if slot == "mode" else str(value)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    yield Bench(tmp_path_factory.mktemp("stale") / "project")
    os.environ.pop("FP_TEST_VARIABLE", None)
    modules.close()


def functions(made: Made) -> list[str]:
    return [node.name for node in made.graph.nodes if node.role != "input"]


def stale_after(bench: Bench, values: Values) -> dict[str, str]:
    names = functions(bench.made)
    return stale(bench.at(values), names, dict.fromkeys(names, bench.made), bench.made.graph)


def test_nothing_is_stale_where_nothing_was_edited(bench: Bench) -> None:
    assert stale_after(bench, {}) == {}


@pytest.mark.parametrize("slot", SLOTS)
def test_an_edit_makes_stale_what_uses_it_and_what_comes_behind_and_nothing_else(bench: Bench, slot: str) -> None:
    found = stale_after(bench, {slot: 2})

    expected = bench.made.graph.descendants(USERS.get(slot, {f"n_{slot}"}))
    assert found.keys() - MAY_USE_ANYTHING == expected - MAY_USE_ANYTHING


@given(st.dictionaries(st.sampled_from(SLOTS), st.integers(0, 3), max_size=4))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_edited_no_other_result_is_called_fresh(bench: Bench, values: Values) -> None:
    found, results = stale_after(bench, values), bench.run()

    others = {name for name in results if results[name] != bench.results.get(name)}
    edited = {slot for slot, value in values.items() if value != 1 and (slot, value) != ("mode", 3)}
    could = bench.made.graph.descendants(name for slot in edited for name in USERS.get(slot, {f"n_{slot}"}))
    assert others <= found.keys()
    assert found.keys() - MAY_USE_ANYTHING <= could


def made_of(root: Path, **files: str) -> Made:
    for name, text in files.items():
        (root / f"pipelines/{name}.py").write_text(text)
    pipeline = build(root, "main")
    return Made(pipeline.graph, weigh(root, pipeline))


@pytest.fixture
def root(make_project) -> Path:
    return make_project({"pipelines/main.py": ""}, {"main": "run: {inputs: {limit: 1}}\nparams: {a: {threshold: 1}}\n"})


TEXT = """
from helpers import clean
import helpers
LIMIT = 1
def _parse(x): return x
class Rule:
    strict = True
def a(limit: int) -> int: return _parse(limit) + LIMIT
def b(a: int) -> bool: return Rule.strict
def c(b: bool) -> int: return clean(b) + helpers.more(b)
"""
HELPERS = "def clean(x): return 1\ndef more(x): return 2\n"


@pytest.mark.parametrize(
    ("file", "old", "new", "reasons"),
    [
        ("main", "x): return x", "x): return -x", {"a": "helper _parse changed"}),
        ("main", "LIMIT = 1", "LIMIT = 2", {"a": "constant LIMIT changed"}),
        ("main", "strict = True", "strict = False", {"b": "class Rule changed"}),
        ("main", "return Rule.strict", "return not Rule.strict", {"b": "code changed"}),
        ("main", "c(b: bool)", "c(b: bool, a: int)", {"c": "takes a"}),
        ("main", "b(a: int)", "b()", {"b": "no longer takes a"}),
        ("main", "c(b: bool) -> int: return", "d(b: bool) -> int: return", {"d": "new"}),
        ("helpers", "return 1", "return 3", {"c": "helper helpers.clean changed"}),
        ("helpers", "return 2", "return 3", {"c": "helper helpers.more changed"}),
        ("helpers", "def clean", "# About this.\n\ndef clean", {}),
    ],
)
def test_the_reason_names_what_was_edited(root: Path, file: str, old: str, new: str, reasons: dict[str, str]) -> None:
    texts = {"main": TEXT, "helpers": HELPERS}
    before = made_of(root, **texts)
    assert texts[file].count(old) == 1

    assert changed(before, made_of(root, **{file: texts[file].replace(old, new)})) == reasons


def test_a_parameter_an_input_and_a_setting_are_called_what_they_are(root: Path) -> None:
    text = """
from pathlib import Path
from flowerpower.cfg import Config
from hamilton.function_modifiers import config
PARAMS = Config.load(Path(__file__).parents[1], pipeline_name="main").pipeline.params
def a(limit: int) -> int: return limit
def b() -> int: return PARAMS["a"]["threshold"]
@config.when_not(mode="fast")
def c__slow() -> int: return 1
@config.when(mode="fast")
def c__fast() -> int: return 2
"""
    before, conf = made_of(root, main=text), root / "conf/pipelines/main.yml"
    conf.write_text("run: {inputs: {limit: 1}}\nparams: {a: {threshold: 2}}\n")
    assert changed(before, made_of(root)) == {"b": "parameter a.threshold changed"}
    conf.write_text("run: {inputs: {limit: 2}}\nparams: {a: {threshold: 1}}\n")
    assert changed(before, made_of(root)) == {"a": "input limit changed"}
    conf.write_text("run: {inputs: {limit: 1}, config: {mode: fast}}\nparams: {a: {threshold: 1}}\n")
    assert changed(before, made_of(root)) == {"c": "configuration mode changed"}


@pytest.mark.parametrize(
    "deed", ["helpers.FACTOR = {}", "random.seed({})", "if helpers:\n    random.seed({})", "setup({})", "_seeded()"]
)
def test_what_a_module_does_on_import_may_change_any_result(root: Path, deed: str) -> None:
    imports = "import random\nimport helpers\nfrom helpers import setup\n"
    text = imports + "def _seeded(): random.seed({0})\n{1}\ndef a() -> int: return 1\n"
    helpers = "FACTOR = 1\ndef setup(x): pass\n"
    before = made_of(root, main=text.format(1, deed.format(1)), helpers=helpers)

    now = made_of(root, main=text.format(2, deed.format(2)))
    assert changed(before, now) == {"a": "what main does on import changed"}


@pytest.mark.parametrize(
    "deed", ["print({})", "if __name__ == '__main__':\n    exit({})", "LISTED = []\nLISTED.append({})"]
)
def test_what_changes_nothing_for_others_makes_nothing_stale(root: Path, deed: str) -> None:
    text = "{}\ndef a() -> int: return 1\n"
    before = made_of(root, main=text.format(deed.format(1)))
    assert changed(before, made_of(root, main=text.format(deed.format(2)))) == {}


def test_a_hook_before_the_run_may_change_every_input(root: Path) -> None:
    hook = root / "hooks/main/hook.py"
    hook.parent.mkdir(parents=True)
    hook.write_text("def before_run(pipeline, config): config.inputs['limit'] = 1\n")
    before = made_of(root, main="def a(limit: int) -> int: return limit\n")
    hook.write_text("def before_run(pipeline, config): config.inputs['limit'] = 2\n")
    assert changed(before, made_of(root)) == {"a": "a hook before_run changed"}


def test_what_comes_behind_is_stale_and_says_of_what(root: Path) -> None:
    before = made_of(root, main=TEXT, helpers=HELPERS)
    now = made_of(root, main=TEXT.replace("LIMIT = 1", "LIMIT = 2"))

    assert stale(now, ["c"], dict.fromkeys("abc", before), before.graph) == {
        "a": "constant LIMIT changed",
        "b": "downstream of a",
        "c": "downstream of a",
    }
    assert stale(now, ["a"], dict.fromkeys("abc", before), before.graph).keys() == {"a"}, "c is not computed"


def test_each_node_is_compared_with_its_own_last_success(root: Path) -> None:
    before = made_of(root, main=TEXT, helpers=HELPERS)
    now = made_of(root, main=TEXT.replace("LIMIT = 1", "LIMIT = 2"))

    # The last run gave `a` and failed in `b`.
    assert stale(now, ["c"], {"a": now, "b": before}, now.graph) == {"b": "downstream of a", "c": "never run"}
    assert stale(now, ["c"], {}, made_of(root, main="def a() -> int: return 1\n").graph)["c"] == "new"
