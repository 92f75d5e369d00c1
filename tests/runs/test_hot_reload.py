"""Save and look: what is seen is what was saved, and whatever a save breaks, the last good graph stays."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from flowerpower_tui.graph.diff import Diff
from flowerpower_tui.runs.events import NodeFinished
from flowerpower_tui.runs.inspect import inspect
from flowerpower_tui.runs.journal import follow
from flowerpower_tui.runs.launcher import start
from flowerpower_tui.runs.lookout import Lookout, Picture
from flowerpower_tui.runs.request import RunRequest
from flowerpower_tui.runs.seedbed import Seedbed
from flowerpower_tui.runs.store import RunStore
from flowerpower_tui.runs.successes import Successes

GOOD = """
from helpers import clean

def orders(path: str) -> int:
    return clean(path)

def total(orders: int) -> int:
    return orders
"""

Save = Callable[..., Picture]


@pytest.fixture
def lookout(project: Path) -> Lookout:
    (project / "pipelines/helpers.py").write_text("def clean(x): return len(x)\n")
    (project / "pipelines/etl.py").write_text(GOOD)
    return Lookout(project, "etl", Successes(RunStore(), str(project), "etl"))


@pytest.fixture
def save(lookout: Lookout, project: Path, warm: Seedbed) -> Save:
    """Saves modules and looks; None takes one away."""

    def save_and_look(timeout: float = 60.0, **modules: str | None) -> Picture:
        for name, text in modules.items():
            path = project / f"pipelines/{name}.py"
            if text is None:
                path.unlink()
            else:
                path.write_text(text)
        return lookout.take(inspect(project, "etl", timeout=timeout, ask=warm.look))

    # Of the environment: the process in waiting would be replaced for it.
    os.environ.pop("PYTEST_CURRENT_TEST", None)
    save_and_look()
    return save_and_look


def names(picture: Picture) -> list[str]:
    assert picture.graph is not None
    return [node.name for node in picture.graph.nodes if node.role != "input"]


def place(picture: Picture) -> tuple[str, int]:
    location = picture.problems[0].location
    assert location is not None
    return Path(location.file).name, location.line


def test_two_saves_in_one_second_never_run_the_old_code(project: Path, warm: Seedbed) -> None:
    module, second = project / "pipelines/etl.py", 1_700_000_000
    seen, given = [], []
    for number in range(100, 150):
        # Each is as large and as old as the one before, which was imported, and byte code of it kept if any is.
        module.write_text(f'def total() -> int:\n    """Give {number}."""\n    return {number}\n')
        os.utime(module, (second, second))
        graph = inspect(project, "etl", ask=warm.look).graph
        seen.append(graph.by_name["total"].doc if graph else "")
        if number % 5 == 0:
            run = start(RunRequest(str(project), "etl"), warm=warm.own)
            given += [event.summary.preview for event in follow(run) if isinstance(event, NodeFinished)]

    assert seen == [f"Give {number}." for number in range(100, 150)]
    assert given == [str(number) for number in range(100, 150, 5)]


def test_two_saves_of_a_module_elsewhere_never_run_the_old_code(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = 1_700_000_000
    module = tmp_path / "src/own_library/numbers.py"
    module.parent.mkdir(parents=True)
    (module.parent / "__init__.py").touch()
    (project / "pipelines/etl.py").write_text(
        "from own_library.numbers import give\ndef total() -> int: return give()\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "src"))
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    os.environ.pop("PYTEST_CURRENT_TEST", None)
    prints, given = set(), []
    with Seedbed(project) as bed:
        for number in range(100, 150):
            module.write_text(f"def give() -> int:\n    return {number}\n")
            os.utime(module, (second, second))
            prints.add(inspect(project, "etl", ask=bed.look).ingredients.nodes["total"].print)
            if number % 10 == 0:
                run = start(RunRequest(str(project), "etl"), warm=bed.own)
                given += [event.summary.preview for event in follow(run) if isinstance(event, NodeFinished)]

    assert len(prints) == 50
    assert given == [str(number) for number in range(100, 150, 10)]


def test_a_deleted_function_leaves_the_graph(save: Save) -> None:
    picture = save(etl="def total(path: str) -> int:\n    return 1\n")

    assert names(picture) == ["total"]
    assert picture.diff.removed == ("orders",)
    assert picture.changed == {"total": "takes path"}


def test_an_edited_helper_is_named(save: Save) -> None:
    assert save(helpers="def clean(x): return -len(x)\n").changed == {"orders": "helper helpers.clean changed"}


def test_a_comment_changes_nothing(save: Save) -> None:
    picture = save(helpers="# About cleaning.\ndef clean(x): return len(x)\n")

    assert (picture.changed, picture.diff) == ({}, Diff())


def test_a_renamed_helper_module_breaks_the_graph_until_its_user_follows(save: Save) -> None:
    good = save().graph
    text = "def clean(x): return len(x)\n"
    broken = save(helpers=None, cleaning=text)

    assert (broken.graph, place(broken)) == (good, ("etl.py", 2))
    assert "No module named 'helpers'" in broken.problems[0].message
    mended = save(etl=GOOD.replace("helpers", "cleaning"))
    assert not mended.is_broken
    assert names(mended) == ["orders", "total"]


def test_a_moved_class_is_found_where_it_lies_now(save: Save) -> None:
    rule = "class Rule:\n    factor = {}\n"
    use = GOOD.replace("return orders", "return orders * Rule.factor")
    save(etl=rule.format(2) + use)
    moved = save(helpers="def clean(x): return len(x)\n" + rule.format(2), etl="from helpers import Rule\n" + use)
    assert list(moved.changed) == ["total"], "for all that is known, a class of another module is another"
    edited = save(helpers="def clean(x): return len(x)\n" + rule.format(3))
    assert edited.changed == {"total": "class helpers.Rule changed"}


def test_a_circular_import_is_told_where_it_closes(save: Save) -> None:
    broken = save(
        helpers="from etl_parts import part\ndef clean(x): return part\n", etl_parts="from helpers import clean\n"
    )

    assert names(broken) == ["orders", "total"]
    assert "circular import" in broken.problems[0].message
    assert place(broken) == ("etl_parts.py", 1)


def test_an_import_that_raises_halfway_leaves_nothing_half_new(save: Save) -> None:
    good = save().graph
    broken = save(helpers="def clean(x): return 1\nraise ValueError('no')\ndef more(x): return 2\n")

    assert broken.graph == good
    assert (place(broken), broken.changed) == (("helpers.py", 2), {})
    assert save(helpers="def clean(x): return len(x)\n").changed == {}, "it is what it was before it broke"


def test_a_half_written_module_is_told_by_its_line(save: Save) -> None:
    broken = save(etl=GOOD + "\ndef more(total: int) -> int:\n    return (total\n")

    assert names(broken) == ["orders", "total"]
    assert place(broken) == ("etl.py", 11)


def test_a_module_that_exits_is_a_problem_and_no_end(save: Save) -> None:
    broken = save(helpers="import sys\nsys.exit(3)\n")

    assert names(broken) == ["orders", "total"]
    assert (place(broken), "SystemExit" in broken.problems[0].message) == (("helpers.py", 2), True)


def test_a_module_that_sleeps_on_import_is_not_waited_for_without_end(save: Save) -> None:
    broken = save(timeout=0.5, helpers="import time\ntime.sleep(60)\n")

    assert names(broken) == ["orders", "total"]
    assert "took longer than 0.5 seconds" in broken.problems[0].message


def test_only_what_has_run_is_fresh_and_only_until_it_is_edited(
    save: Save, lookout: Lookout, project: Path, warm: Seedbed
) -> None:
    assert save().stale == {"orders": "never run", "total": "never run"}
    run = start(lookout.whole(), warm=warm.own)
    list(follow(run))
    assert lookout.judge().stale == {}
    assert save(helpers="def clean(x): return 7\n").stale == {
        "orders": "helper helpers.clean changed",
        "total": "downstream of orders",
    }
    assert save(etl="def orders(path: str) -> int:\n    raise ValueError\ndef total(orders: int) -> int: return 1\n")
    list(follow(start(lookout.whole(), warm=warm.own)))
    assert lookout.judge().stale == {"orders": "code changed", "total": "code changed"}, "it has failed"
    assert save(etl=GOOD, helpers="def clean(x): return len(x)\n").stale == {}, "it is what ran last"


def test_a_run_of_what_is_stale_reuses_the_rest(save: Save, lookout: Lookout, project: Path, warm: Seedbed) -> None:
    def ran() -> dict[str, bool]:
        events = follow(start(lookout.request(cache=False), warm=warm.own))
        return {event.node: event.reused for event in events if isinstance(event, NodeFinished)}

    reads = "from pathlib import Path\ndef _read(): return Path(__file__).read_text()\n"
    save(
        etl=GOOD + reads + "def text() -> int: return len(_read())\ndef both(total: int, text: int) -> int: return 1\n"
    )
    (project / "conf/pipelines/etl.yml").write_text("run: {final_vars: [both], inputs: {path: x}}\n")
    save()
    assert ran() == {"orders": False, "total": False, "text": False, "both": False}
    assert ran() == {"orders": True, "total": True, "text": False, "both": True}, "a file may say something else"
    save(helpers="def clean(x): return len(x) + 1\n")
    assert ran() == {"orders": False, "total": False, "text": False, "both": False}
