"""What all places share: choosing a project, help, letters to jump by, hints that fade, the tour, copied commands."""

from __future__ import annotations

import math
import shlex
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from textual.events import Key, Paste
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.widgets import Button, Input, OptionList

from flowerpower_tui.cli.overrides import assignments
from flowerpower_tui.config.secrets import MASK
from flowerpower_tui.graph.excerpt import Excerpt
from flowerpower_tui.runs.inspect import inspect
from flowerpower_tui.tui import hints as hints_module
from flowerpower_tui.tui.app import FlowerPowerApp
from flowerpower_tui.tui.as_command import dag_line, part_line, run_line
from flowerpower_tui.tui.crash import KEPT, without_secrets, write_report
from flowerpower_tui.tui.folders import completed
from flowerpower_tui.tui.hints import Hints
from flowerpower_tui.tui.places import PLACES
from flowerpower_tui.tui.practice import practice_project
from flowerpower_tui.tui.recent import recent, remember
from flowerpower_tui.tui.screens.help import Help, KeyRow, matching
from flowerpower_tui.tui.screens.jump import LETTERS, Jump, codes
from flowerpower_tui.tui.screens.place import Place
from flowerpower_tui.tui.screens.welcome import Projects, Welcome
from flowerpower_tui.tui.widgets.dag_view import DagView
from flowerpower_tui.tui.widgets.project_tree import ProjectTree
from flowerpower_tui.tui.widgets.tour_card import STEPS, TourCard

OpenApp = Callable[[Path], FlowerPowerApp]
Until = Callable[..., Awaitable[None]]
ScreenText = Callable[[Pilot[Any]], str]

JOB = "def double(number: int) -> int:\n    return 2 * number\n\n\ndef total(double: int) -> int:\n    return double\n"
RUN = "run:\n  final_vars: [total]\n  inputs: {number: 1}\n"


@pytest.fixture
def job(project: Callable[..., Path]) -> Path:
    return project(JOB, RUN)


async def drawn(pilot: Pilot[Any], until: Until) -> DagView:
    """Wait for the first pipeline's DAG."""
    await until(pilot, lambda: isinstance(pilot.app.screen, Place) and pilot.app.screen.query(DagView))
    dag = pilot.app.screen.query_one(DagView)
    await until(pilot, lambda: dag.drawing is not None and dag.drawing.rects)
    return dag


# Projects.


def test_projects_are_remembered_the_last_first_and_dropped_when_gone(tmp_path: Path, state: Path) -> None:
    state.mkdir()
    for name in ("one", "two", "three"):
        (tmp_path / name / "conf").mkdir(parents=True)
        (tmp_path / name / "conf" / "project.yml").write_text("name: x\n")
        (tmp_path / name / "pipelines").mkdir()
        remember(tmp_path / name)
    remember(tmp_path / "one")
    (tmp_path / "two" / "conf" / "project.yml").unlink()
    (tmp_path / "two" / "conf").rmdir()

    assert [Path(opened.root).name for opened in recent()] == ["one", "three"]


def test_a_damaged_list_of_projects_is_no_list(state: Path) -> None:
    state.mkdir()
    (state / "recent.json").write_text('[{"root": 3}]')

    assert recent() == []


async def test_the_start_screen_opens_what_was_open_last(
    job: Path, tmp_path: Path, open_app: OpenApp, until: Until, state: Path, screen_text: ScreenText
) -> None:
    state.mkdir()
    remember(job)
    (tmp_path / "empty").mkdir()
    async with open_app(tmp_path / "empty").run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(pilot.app.screen, Welcome))
        await until(pilot, lambda: "Recent projects" in screen_text(pilot))
        await pilot.press("enter")
        await drawn(pilot, until)


async def test_another_project_is_opened_in_place_of_the_present_one(
    job: Path, project: Callable[..., Path], open_app: OpenApp, until: Until, state: Path, screen_text: ScreenText
) -> None:
    state.mkdir()
    other = project("def six(one: int) -> int:\n    return 6\n", name="other_job", folder="other")
    remember(other)
    app = open_app(job)
    async with app.run_test(size=(60, 16)) as pilot:
        await drawn(pilot, until)
        first = app.session
        await pilot.press("2", "P")
        await until(pilot, lambda: isinstance(app.screen, Projects) and app.screen.query("#recent"))
        assert app.screen.query_one(OptionList).option_count == 1, "the open one is not offered"
        await pilot.press("enter")
        await until(pilot, lambda: app.session is not first)
        await until(pilot, lambda: app.session and app.session.pipeline == "other_job")
        await pilot.press("2")
        await until(pilot, lambda: "other" in screen_text(pilot).splitlines()[0])
        await until(pilot, lambda: app.screen.query(DagView) and app.screen.query_one(DagView).drawing)
    assert [Path(opened.root) for opened in recent()] == [other, job]


async def test_a_folder_that_is_typed_is_opened_and_made_a_project_only_by_a_second_enter(
    job: Path, project: Callable[..., Path], open_app: OpenApp, until: Until, tmp_path: Path, screen_text: ScreenText
) -> None:
    other = project("def six(one: int) -> int:\n    return 6\n", name="other_job", folder="other")
    slip = tmp_path / "slip"
    app = open_app(job)
    async with app.run_test(size=(80, 24)) as pilot:
        await drawn(pilot, until)
        await pilot.press("P")
        await until(pilot, lambda: isinstance(app.focused, Input))
        # The field's text is selected: what is typed replaces it.
        app.post_message(Paste(str(slip)))
        await until(pilot, lambda: app.screen.query_one("#path", Input).value == str(slip))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.focused, Button))
        await until(pilot, lambda: "There is no project in" in screen_text(pilot))
        assert not slip.exists()

        await pilot.press("shift+tab", "shift+tab")
        await until(pilot, lambda: app.focused is app.screen.query_one("#path", Input))
        app.post_message(Paste(str(other)))
        await until(pilot, lambda: app.screen.query_one("#path", Input).value == str(other))
        await pilot.press("enter")
        await until(pilot, lambda: app.session and app.session.pipeline == "other_job")


async def test_from_the_choice_of_a_project_one_goes_back_to_the_one_that_is_open(
    job: Path, open_app: OpenApp, until: Until
) -> None:
    app = open_app(job)
    async with app.run_test(size=(80, 24)) as pilot:
        await drawn(pilot, until)
        await pilot.press("P")
        await until(pilot, lambda: isinstance(app.screen, Projects) and app.screen.query("#leave"))
        leave = app.screen.query_one("#leave", Button)
        assert str(leave.label) == "Back"
        leave.press()
        await until(pilot, lambda: isinstance(app.screen, Place))
        assert app.is_running
        assert app.return_code is None


@pytest.mark.parametrize("how", ["typed", "pasted"])
async def test_what_comes_while_a_button_has_the_focus_is_the_way_to_a_folder(
    job: Path, tmp_path: Path, open_app: OpenApp, until: Until, state: Path, how: str
) -> None:
    state.mkdir()
    (tmp_path / "empty").mkdir()
    app = open_app(tmp_path / "empty")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, Welcome) and isinstance(app.focused, Button))
        if how == "typed":
            for letter in str(job):
                app.post_message(Key(_character_to_key(letter), letter))
        else:
            app.post_message(Paste(str(job)))
        path = app.screen.query_one("#path", Input)
        await until(pilot, lambda: path.value == str(job) and path.has_focus)
        await pilot.press("enter")
        await drawn(pilot, until)


async def test_the_rest_of_a_folders_name_is_offered_and_taken_by_the_right_arrow(
    job: Path,
    open_app: OpenApp,
    until: Until,
    tmp_path: Path,
    screen_text: ScreenText,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "quarterly_reports").mkdir()
    app = open_app(job)
    async with app.run_test(size=(80, 24)) as pilot:
        await drawn(pilot, until)
        await pilot.press("P")
        await until(pilot, lambda: isinstance(app.focused, Input))
        app.post_message(Paste("~/quart"))
        await until(pilot, lambda: "~/quarterly_reports" in screen_text(pilot))
        await pilot.press("right")
        await until(pilot, lambda: app.screen.query_one("#path", Input).value == "~/quarterly_reports")


def test_what_is_typed_is_completed_to_the_first_folder_that_begins_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("beta", "alpha", "alphabet", ".hidden", "al\x1bien"):
        (tmp_path / name).mkdir()
    (tmp_path / "a_file").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))

    assert completed(f"{tmp_path}/al") == f"{tmp_path}/alpha"
    assert completed("~/b") == "~/beta"
    assert completed("alphab") == "alphabet"
    assert completed("./") == "./alpha"
    assert completed("./.h") == "./.hidden"
    # A whole name, a file, a folder that is not there: nothing is added.
    for typed in ("alpha", "a_f", "nowhere/a", "~nobody_of_that_name/a"):
        assert completed(typed) == typed


# Help.


def test_help_is_searched_by_words_and_by_keys() -> None:
    rows = [KeyRow("Here", "↑ k", "Go up"), KeyRow("This place", "r", "Run the pipeline")]

    assert matching(rows, "RUN pipe") == rows[1:]
    assert matching(rows, "k") == rows[:1]
    assert matching(rows, "") == rows
    assert matching(rows, "nothing") == []


@pytest.mark.parametrize("size", [(60, 16), (80, 24)])
async def test_help_is_grouped_and_found_by_typing(
    job: Path, open_app: OpenApp, until: Until, screen_text: ScreenText, size: tuple[int, int]
) -> None:
    async with open_app(job).run_test(size=size) as pilot:
        await drawn(pilot, until)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(pilot.app.screen, Help))
        assert "Here, where the focus is" in screen_text(pilot)
        await pilot.press(*"runs go on")
        text = screen_text(pilot)
        assert "Leave; runs go on" in text
        assert "Here, where the focus is" not in text
        await pilot.press("escape")
        assert "Here, where the focus is" in screen_text(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(pilot.app.screen, Help))


@pytest.mark.parametrize(("opens", "closes"), [("question_mark", "?"), ("apostrophe", "z")], ids=["help", "jump"])
async def test_a_key_right_behind_the_one_that_closes_it_is_not_lost(
    job: Path, open_app: OpenApp, until: Until, opens: str, closes: str
) -> None:
    app = open_app(job)
    async with app.run_test(size=(80, 24)) as pilot:
        await drawn(pilot, until)
        await pilot.press(opens)
        await until(pilot, lambda: isinstance(app.screen, Help | Jump))
        for character in (closes, "z"):
            # Both at once, as a slow line brings them.
            app.post_message(Key(_character_to_key(character), character))
        await until(pilot, lambda: isinstance(app.screen, Place) and app.screen.maximized)


# Hints.


def test_what_two_interfaces_have_counted_counts(tmp_path: Path) -> None:
    one, two = Hints(), Hints()
    for _ in range(5):
        one.used("run.start")
    two.used("run.start")
    two.used("go.dag")
    one.write(tmp_path)
    two.write(tmp_path)
    read = Hints.read(state=tmp_path)

    assert read.counts == {"run.start": hints_module.ENOUGH, "go.dag": 1}
    assert read.is_known("run.start")
    assert not read.is_known("go.dag")
    assert not Hints.read(fade=False, state=tmp_path).is_known("run.start")


async def test_the_hint_on_a_key_goes_when_the_key_is_known(
    job: Path, open_app: OpenApp, until: Until, screen_text: ScreenText, state: Path
) -> None:
    for times in (hints_module.ENOUGH - 1, 1):
        async with open_app(job).run_test(size=(80, 24)) as pilot:
            await drawn(pilot, until)
            await until(pilot, lambda: "z Zoom" in screen_text(pilot).splitlines()[-1])
            await pilot.press(*["z"] * times)
    async with open_app(job).run_test(size=(80, 24)) as pilot:
        await drawn(pilot, until)
        await until(pilot, lambda: "? Help" in screen_text(pilot).splitlines()[-1])
        assert "z Zoom" not in screen_text(pilot).splitlines()[-1]


# Jumping.


@pytest.mark.parametrize("count", [0, 1, 26, 27, 51, 52, 300, 676])
def test_no_code_is_the_begin_of_another(count: int) -> None:
    found = codes(count)

    assert len(set(found)) == count
    assert not any(a != b and b.startswith(a) for a in found for b in found)
    assert all(set(code) <= set(LETTERS) for code in found)


async def test_letters_lead_to_panes_rows_nodes_and_places(job: Path, open_app: OpenApp, until: Until) -> None:
    app = open_app(job)
    async with app.run_test(size=(120, 40)) as pilot:
        dag = await drawn(pilot, until)

        async def jump(x: int, y: int) -> None:
            await pilot.press("apostrophe")
            await until(pilot, lambda: isinstance(app.screen, Jump))
            assert isinstance(app.screen, Jump)
            code = next(code for code, target in app.screen._codes.items() if tuple(target.place) == (x, y))
            await pilot.press(*code)
            await until(pilot, lambda: not isinstance(app.screen, Jump))

        assert dag.drawing is not None
        rect = dag.drawing.rects["double"]
        corner = dag.region.offset - dag.scroll_offset
        await jump(corner.x + rect.x, corner.y + rect.y)
        await until(pilot, lambda: dag.has_focus and dag.cursor == "double")

        tree = app.screen.query_one(ProjectTree)
        await jump(tree.region.x, tree.region.y + 2)
        await until(pilot, lambda: tree.has_focus and tree.cursor_line == 2)

        tab = next(widget for widget in app.screen.query("PlaceTab") if "Runs" in str(widget.render()))
        await jump(tab.region.x, tab.region.y)
        await until(pilot, lambda: app.current_mode == "runs")


async def test_a_letter_that_leads_nowhere_ends_it(job: Path, open_app: OpenApp, until: Until) -> None:
    app = open_app(job)
    async with app.run_test(size=(60, 16)) as pilot:
        await drawn(pilot, until)
        await pilot.press("apostrophe")
        await until(pilot, lambda: isinstance(app.screen, Jump))
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, Jump))


# The tour.


async def test_the_tour_follows_what_is_done_and_leaves_no_trace(
    tmp_path: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    (tmp_path / "empty").mkdir()
    app = open_app(tmp_path / "empty")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, Welcome))
        await pilot.press("T")
        await drawn(pilot, until)
        assert app.session is not None
        assert app.session.root == practice_project()
        keys = ["down", "tab", "r", "2", "3", "4", "1", "question_mark"]
        for number, key in enumerate(keys, 1):
            await until(pilot, lambda number=number: f"{number}/{len(STEPS)}" in screen_text(pilot))
            await until(pilot, lambda key=key: key != "r" or (app.session and app.session.can_run))
            await pilot.press(key)
        await until(pilot, lambda: isinstance(app.screen, Help))
        await pilot.press("escape")
        await until(pilot, lambda: not app.screen.query(TourCard))
        assert not any(screen.query(".-pointed") for screen in app.screen_stack)
        await until(pilot, lambda: app.session and app.session.runs and all(run.is_over for run in app.session.runs))


async def test_a_tour_that_is_offered_is_declined_by_a_key(
    job: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    for first in (True, False):
        app = open_app(job)
        app.offers_tour = True
        async with app.run_test(size=(80, 24)) as pilot:
            await drawn(pilot, until)
            if first:
                await until(pilot, lambda: "New here?" in screen_text(pilot))
                await pilot.press("f7")
                await until(pilot, lambda: "New here?" not in screen_text(pilot))
            else:
                assert not app.screen.query(TourCard), "once is enough"


# Commands.


def fp_tui(line: str) -> str:
    """What a copied line prints."""
    words = shlex.split(line)
    assert words[0] == "fp-tui"
    answer = subprocess.run(
        [sys.executable, "-m", "flowerpower_tui", *words[1:]], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_the_copied_line_runs_with_the_same_overrides(job: Path) -> None:
    line = run_line(job, "job", {"run": {"inputs": {"number": 21}, "final_vars": ["total"]}})

    fp_tui(line)
    told = fp_tui(f"fp-tui runs -C {shlex.quote(str(job))} --json")

    assert '"succeeded"' in told
    assert "--set run.inputs.number=21" in line


def test_a_secret_is_not_in_the_copied_line(tmp_path: Path) -> None:
    assert "hunter2" not in run_line(tmp_path, "job", {"run": {"inputs": {"password": "hunter2"}}})


@pytest.mark.parametrize(
    "value",
    [
        math.inf,
        date(2024, 2, 29),
        datetime(2024, 2, 29, 12, tzinfo=UTC),
        b"\0\xff",
        {1: "one", None: [2**70]},
        "2024-02-29",
    ],
)
def test_the_copied_line_has_the_very_values(tmp_path: Path, value: object) -> None:
    words = shlex.split(run_line(tmp_path, "job", {"params": {"value": value}}))

    assert assignments("--set", [words[words.index("--set") + 1]]) == {"params.value": value}


def test_the_copied_line_prints_the_same_part_of_the_dag(job: Path) -> None:
    whole = fp_tui(dag_line(job, "job", Excerpt(), level="chips"))
    assert "total" in whole

    found = inspect(job, "job").graph
    assert found is not None
    part = fp_tui(dag_line(job, "job", Excerpt(found, centre="number", hops=1), level="boxes", charset="ascii"))

    assert "double" in part
    assert "total" not in part
    assert part.isascii()


def test_a_part_of_a_run_is_printed_by_the_nearest_command(tmp_path: Path) -> None:
    assert part_line(tmp_path, "abc", "job", "log", is_over=False) == "fp-tui logs abc -f"
    assert part_line(tmp_path, "abc", "job", "failure", is_over=True) == "fp-tui logs abc"
    assert part_line(tmp_path, "abc", "job", "dag", is_over=True).startswith("fp-tui dag job -C ")


async def test_every_place_has_a_command_that_works(job: Path, open_app: OpenApp, until: Until) -> None:
    app = open_app(job)
    async with app.run_test(size=(80, 24)) as pilot:
        await drawn(pilot, until)
        for kind in PLACES:
            await pilot.press(kind.key)
            await until(pilot, lambda kind=kind: app.current_mode == kind.name and isinstance(app.screen, Place))
            await pilot.press("Y")
            await until(pilot, lambda: app.clipboard.startswith("fp-tui "))
            if kind.name == "dag":
                assert app.clipboard.startswith("fp-tui dag job --view ")
            app._clipboard = ""


# Crashes.


def test_a_report_has_no_secrets_and_few_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_TOKEN", "abcdef-123")
    for number in range(KEPT + 3):
        try:
            hidden = "local value"
            raise LookupError(f"{number}: abcdef-123 at ftp://me:hunter2@host/, {len(hidden)}")
        except LookupError as error:
            path = write_report(error, screen="Editor", size=(80, 24), actions=["go('dag')"], state=tmp_path)

    text = path.read_text()
    assert f"LookupError: {KEPT + 2}: " in text
    assert "last actions: go('dag')" in text
    assert "abcdef-123" not in text
    assert "hunter2" not in text
    assert len(list(path.parent.iterdir())) == KEPT


def test_a_short_value_is_no_secret() -> None:
    assert without_secrets("a b c", {"TOKEN": "b"}) == "a b c"


def test_the_working_directory_is_no_secret() -> None:
    environ = {"PWD": "/home/me/work", "DB_PWD": "abcdef-123"}
    assert without_secrets("/home/me/work/x.py: abcdef-123", environ) == f"/home/me/work/x.py: {MASK}"
