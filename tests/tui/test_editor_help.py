"""The editor's help, with real keys in real projects: problems, completion, meaning, what holds, the form, nodes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.events import Key
from textual.keys import _character_to_key as character_to_key
from textual.pilot import Pilot
from textual.widgets import OptionList

from flowerpower_tui.assist.diagnose import diagnose
from flowerpower_tui.tui.app import FlowerPowerApp
from flowerpower_tui.tui.assistant import Diagnosed, Subject
from flowerpower_tui.tui.screens.dag import DagPlace
from flowerpower_tui.tui.screens.editor import Editor
from flowerpower_tui.tui.screens.pick import Pick
from flowerpower_tui.tui.widgets.code_area import CodeArea
from flowerpower_tui.tui.widgets.completion_popup import CompletionPopup
from flowerpower_tui.tui.widgets.dag_view import DagView
from flowerpower_tui.tui.widgets.effective_view import EffectiveView
from flowerpower_tui.tui.widgets.form_view import FormView
from flowerpower_tui.tui.widgets.help_note import HelpNote
from flowerpower_tui.tui.widgets.page import Page
from flowerpower_tui.tui.widgets.problem_list import ProblemList
from flowerpower_tui.tui.widgets.side_panel import SidePanel

OpenApp = Callable[[Path], FlowerPowerApp]
Until = Callable[..., Awaitable[None]]
ScreenText = Callable[[Pilot[Any]], str]
Project = Callable[..., Path]

SOURCE = """\
def orders() -> int:
    return 1


def report(orders: int) -> int:
    return orders + 1
"""
CONFIG = """\
name: job

run:
  final_vars: [report]
  # said for a reason
  retry:
    max_retries: 0   # none
  log_level: INFO
"""
GRAPHLESS = CONFIG.replace("[report]", "[]")


@pytest.fixture
def root(project: Project) -> Path:
    folder = project(SOURCE)
    (folder / "conf" / "pipelines" / "job.yml").write_text(CONFIG)
    return folder


@pytest.fixture
def editing(root: Path, open_app: OpenApp, until: Until) -> Any:
    """Opens the editor on a file of the project."""

    @asynccontextmanager
    async def begin(
        file: str = "conf/pipelines/job.yml", size: tuple[int, int] = (130, 36), *, graph: bool = False
    ) -> AsyncIterator[Pilot[Any]]:
        app = open_app(root)
        async with app.run_test(size=size) as pilot:
            assert app.session is not None
            app.session.edit(root / file)
            await until(pilot, lambda: isinstance(app.screen, Editor) and app.screen.page is not None)
            await until(pilot, lambda: isinstance(app.screen.focused, CodeArea) and page_of(pilot).role.kind)
            if graph:
                await until(pilot, lambda: "job" in app.session.graphs)
            yield pilot

    return begin


def editor(pilot: Pilot[Any]) -> Editor:
    return next(screen for screen in pilot.app.screen_stack if isinstance(screen, Editor))


def page_of(pilot: Pilot[Any]) -> Page:
    page = editor(pilot).page
    assert page is not None
    return page


def popup(pilot: Pilot[Any]) -> CompletionPopup:
    return page_of(pilot).query_one(CompletionPopup)


def offered(pilot: Pilot[Any]) -> str:
    chosen = popup(pilot).chosen
    return chosen.label if chosen is not None else ""


def codes(pilot: Pilot[Any]) -> list[str]:
    return [one.code for one in page_of(pilot).diagnostics]


def said(pilot: Pilot[Any]) -> str:
    return " ".join(notification.message for notification in pilot.app._notifications)


def test_before_it_is_mounted_and_after_the_list_has_nothing_under_its_cursor() -> None:
    # The footer asks a page for its keys as long as there is one.
    assert CompletionPopup().chosen is None


async def test_what_is_typed_wrong_is_marked_told_and_mended(
    editing: Any, until: Until, screen_text: ScreenText
) -> None:
    async with editing() as pilot:
        page = page_of(pilot)
        page.area.go_to(8, 12)
        await pilot.press(*"ls", "escape", "enter")
        await until(pilot, lambda: "unknown-key" in codes(pilot))
        shown = screen_text(pilot).split("\n")
        assert "8! " in shown[9]
        assert "log_levells" in shown[-2]
        assert "1 warning" in shown[-2]
        assert "^r writes log_level" in shown[-2]
        # The mark stays on its line while lines come and go.
        page.area.insert("\n\n", (1, 0))
        assert [*page.area.marks] == [9]
        page.area.delete((0, 0), (3, 0))
        assert [*page.area.marks] == [6]
        await pilot.press("ctrl+z", "ctrl+z")
        page.area.go_to(8, 12)
        await until(pilot, lambda: page.diagnostic is not None and page.is_diagnosed)
        await pilot.press("ctrl+r")
        assert page.area.text == CONFIG
        await until(pilot, lambda: codes(pilot) == [])
        # Undo works outside the text, too.
        await pilot.press("escape", "ctrl+z")
        assert "log_levells" in page.area.text
        await pilot.press("ctrl+y")
        assert page.area.text == CONFIG
        await until(pilot, lambda: codes(pilot) == [])
        # What is told of an older text is dropped.
        other = Subject(page.path, page.role, "name: [")
        editor(pilot).bench.post_message(Diagnosed(other, diagnose(other.text, "pipeline")))
        await pilot.pause()
        assert codes(pilot) == []
        # Broken text is told, and what held before stays beside it.
        await pilot.press("ctrl+l", "escape")
        view = editor(pilot).query_one(EffectiveView)
        await until(pilot, view.line_count)
        count = view.line_count()
        await pilot.press("ctrl+home", "end", "enter", "[")
        await until(pilot, lambda: codes(pilot) == ["syntax"] and "no YAML now" in screen_text(pilot))
        assert page.diagnostics[0].severity == "error"
        assert view.line_count() == count
        await pilot.press("backspace")
        await until(pilot, lambda: codes(pilot) == [] and "no YAML now" not in screen_text(pilot))


async def test_keys_go_from_problem_to_problem_and_a_list_goes_to_each(
    editing: Any, root: Path, until: Until, rows: Callable[..., list[str]]
) -> None:
    text = CONFIG.replace("max_retries: 0", "max_retries: x").replace("name: job", "nmae: job")
    (root / "conf" / "pipelines" / "job.yml").write_text(text)
    async with editing() as pilot:
        await until(pilot, lambda: len(codes(pilot)) == 2)
        await pilot.press("ctrl+t")
        assert page_of(pilot).cursor == (7, 18)
        await pilot.press("ctrl+t")
        assert page_of(pilot).cursor == (1, 1)
        await pilot.press("f12")
        problems = editor(pilot).query_one(ProblemList)
        await until(pilot, lambda: problems.has_focus)
        listed = rows(problems)
        assert "unknown key nmae" in listed[0]
        assert "must be a whole number" in listed[1]
        await pilot.press("down", "enter")
        assert page_of(pilot).cursor == (7, 18)
        assert page_of(pilot).area.has_focus
        await pilot.press("f12")
        assert not problems.display


async def test_a_key_is_completed_while_it_is_typed_and_then_its_value(
    editing: Any, until: Until, screen_text: ScreenText
) -> None:
    async with editing() as pilot:
        area = page_of(pilot).area
        area.go_to(8, 18)
        await pilot.press("enter", *"rel")
        await until(pilot, lambda: offered(pilot) == "reload")
        assert "true or false, default false" in screen_text(pilot)
        await pilot.press("tab")
        await until(pilot, lambda: offered(pilot) == "true")
        assert area.document.get_line(8) == "  reload: "
        await pilot.press("down")
        assert offered(pilot) == "false"
        await pilot.press("enter")
        assert area.document.get_line(8) == "  reload: false"
        assert not popup(pilot).is_open
        # A click takes one, too.
        area.go_to(8, 14)
        await pilot.press("ctrl+n")
        await until(pilot, lambda: popup(pilot).is_open)
        area.action_delete_to_end_of_line()
        await until(pilot, lambda: offered(pilot) == "TRACE")
        await pilot.pause()
        await pilot.click(CompletionPopup, offset=(3, 1))
        await until(pilot, lambda: area.document.get_line(7) == "  log_level: DEBUG")
        assert area.has_focus
        # Hidden ones take no keys.
        area.go_to(9, 16)
        await pilot.press("enter", *"cac")
        await until(pilot, lambda: offered(pilot) == "cache")
        await pilot.press("escape")
        assert not popup(pilot).is_open
        assert area.has_focus
        row = area.cursor_location[0]
        await pilot.press("up")
        assert area.cursor_location[0] == row - 1
        await pilot.press("down", "end", "enter", "tab")
        assert area.document.get_line(row) == "  cac"
        assert area.document.get_line(row + 1) == "    "


async def test_nodes_and_variables_are_offered_and_filtered(
    editing: Any, until: Until, monkeypatch: pytest.MonkeyPatch, screen_text: ScreenText
) -> None:
    monkeypatch.setenv("DATA_HOME", "s3cret-value")
    async with editing(graph=True) as pilot:
        area = page_of(pilot).area
        area.go_to(4, 16)
        await pilot.press("ctrl+n")
        await until(pilot, lambda: offered(pilot) == "orders")
        # What is written in full does not hold up a new line.
        await pilot.press(*"orders")
        await until(pilot, lambda: not popup(pilot).is_open or offered(pilot) == "orders")
        await pilot.press("enter")
        assert area.document.get_line(3) == "  final_vars: [orders"
        area.go_to(1, 10)
        await pilot.press(*"${DATA_H")
        await until(pilot, lambda: offered(pilot) == "DATA_HOME")
        assert "s3cret-value" not in screen_text(pilot)
        await pilot.press("enter")
        assert area.document.get_line(0) == "name: job${DATA_HOME}"


async def test_what_holds_stands_beside_the_text_and_leads_to_its_origin(
    editing: Any,
    root: Path,
    until: Until,
    screen_text: ScreenText,
    rows: Callable[..., list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FP_LOG_LEVEL", "DEBUG")
    (root / "conf" / "project.yml").write_text("# ours\nname: work\n")
    (root / "conf" / "pipelines" / "job.yml").write_text(f"{CONFIG}params:\n  api_key: hunter2\n")
    async with editing() as pilot:
        # One word of it, over the text.
        page_of(pilot).area.go_to(8, 5)
        await pilot.press("f2")
        note = page_of(pilot).query_one(HelpNote)
        await until(pilot, lambda: note.is_open)
        shown_note = screen_text(pilot)
        assert "run.log_level" in shown_note
        assert "default INFO" in shown_note
        assert "now DEBUG  $FP_LOG_LEVEL" in shown_note
        await pilot.press("right")
        assert not note.is_open
        # All of it, beside the text.
        await pilot.press("ctrl+l")
        view = editor(pilot).query_one(EffectiveView)
        await until(pilot, lambda: view.has_focus and view.line_count())
        shown = [view.line_text(index).split() for index in range(view.line_count())]
        assert ["max_retries", "0", ":7"] in shown
        assert ["▲", "log_level", "DEBUG", "$FP_LOG_LEVEL"] in shown
        assert ["retry_delay", "1.0", "default"] in shown

        def go_to(name: str) -> None:
            view.go_to(next(i for i in range(view.line_count()) if name in view.line_text(i)))

        go_to("log_level")
        await pilot.press("enter")
        await until(pilot, lambda: "FP_LOG_LEVEL in the environment" in said(pilot))
        go_to("max_retries")
        await pilot.press("enter")
        await until(pilot, lambda: page_of(pilot).area.has_focus)
        assert page_of(pilot).cursor[0] == 7
        # What is typed holds at once.
        await pilot.press("home", "end", *["left"] * 9, "backspace", "4")
        await until(pilot, lambda: any("max_retries" in row and " 4 " in row for row in rows(view)))
        # Secrets are masked, in the form too, to which a click turns.
        form = editor(pilot).query_one(FormView)
        texts = [v.line_text(i) for v in (view, form) for i in range(v.line_count())]
        assert any("api_key" in text for text in texts)
        assert not any("hunter2" in text for text in texts)
        await pilot.click("#tab-form")
        await until(pilot, lambda: form.display)
        await pilot.click("#tab-effective")
        await pilot.press("ctrl+l")
        await until(pilot, lambda: view.has_focus)
        # An origin in another file is gone to.
        go_to("project.yml:2")
        await pilot.press("enter")
        await until(pilot, lambda: page_of(pilot).path.name == "project.yml" and page_of(pilot).cursor[0] == 2)


async def on_form(pilot: Pilot[Any], until: Until, key: str) -> FormView:
    """Go to a key in the form."""
    form = editor(pilot).query_one(FormView)
    if not form.has_focus:
        await pilot.press("ctrl+l", "v")
        await until(pilot, lambda: form.has_focus and form.line_count())

    def find() -> int | None:
        return next((i for i, field in enumerate(form._shown) if field.key == key), None)

    await until(pilot, lambda: find() is not None)
    form.go_to(find() or 0)
    await pilot.pause()
    return form


async def test_the_form_changes_one_value_by_its_type(editing: Any, until: Until, screen_text: ScreenText) -> None:
    async with editing() as pilot:
        area = page_of(pilot).area
        await on_form(pilot, until, "run.retry.max_retries")
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.focused is not None and pilot.app.focused.id == "value")
        await pilot.press(*"many", "enter")
        assert "must be a whole number" in screen_text(pilot)
        assert "⏎ Keep" in screen_text(pilot)
        assert area.text == CONFIG
        await pilot.press("ctrl+u", "5", "enter")
        await until(pilot, lambda: area.text == CONFIG.replace("max_retries: 0", "max_retries: 5"))
        form = await on_form(pilot, until, "run.log_level")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Pick))
        choices = pilot.app.screen.query_one(OptionList)
        assert choices.highlighted_option is not None
        assert str(choices.highlighted_option.prompt) == "INFO"
        await pilot.press(*"debug", "enter")
        await until(pilot, lambda: "log_level: DEBUG" in area.text)
        await until(pilot, lambda: form.field is not None and form.field.value == "DEBUG")
        await on_form(pilot, until, "run.reload")
        await pilot.press("space")
        await until(pilot, lambda: "reload: true" in area.text)
        await until(pilot, lambda: form.field is not None and form.field.value == "true")
        await pilot.press("delete")
        await until(pilot, lambda: "reload" not in area.text)
        assert area.text == CONFIG.replace("max_retries: 0", "max_retries: 5").replace("INFO", "DEBUG")
        # Each is one step of undoing, with the keys still in the form.
        await pilot.press(*["ctrl+z"] * 4)
        assert area.text == CONFIG
        # A list is changed as YAML, and a missing section is made.
        await on_form(pilot, until, "run.final_vars")
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.focused is not None and pilot.app.focused.id == "value")
        await pilot.press("ctrl+u", *"[report, orders]", "enter")
        await until(pilot, lambda: "final_vars: [report, orders]" in area.text)
        await on_form(pilot, until, "run.executor")
        await pilot.press("enter")
        await on_form(pilot, until, "run.executor.max_workers")
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.focused is not None and pilot.app.focused.id == "value")
        await pilot.press("8", "enter")
        await until(pilot, lambda: "  executor:\n    max_workers: 8\n" in area.text)
        assert "# said for a reason" in area.text
        # An edit of broken text is refused, with the reason.
        await on_form(pilot, until, "run.reload")
        area.insert("[", (0, 0))
        before = area.text
        await pilot.press("enter")
        await until(pilot, lambda: said(pilot))
        assert area.text == before


async def test_where_there_is_no_room_the_panel_takes_the_texts_place(editing: Any, until: Until) -> None:
    async with editing(size=(80, 24)) as pilot:
        panel = editor(pilot).query_one(SidePanel)
        await pilot.press("ctrl+l")
        await until(pilot, lambda: panel.has_focus_within)
        assert panel.size.width == 80
        assert not editor(pilot).query_one("#text").display
        await pilot.press("escape")
        await until(pilot, lambda: page_of(pilot).area.has_focus)
        assert editor(pilot).query_one("#text").size.width == 80


async def test_a_modules_line_tells_its_node_and_leads_to_the_dag(
    editing: Any, until: Until, screen_text: ScreenText
) -> None:
    async with editing("pipelines/job.py", graph=True) as pilot:
        area = page_of(pilot).area
        area.go_to(2, 13)
        await pilot.press("end", *" +")
        await until(pilot, lambda: codes(pilot) == ["syntax"])
        assert "2✗ " in screen_text(pilot)
        assert "SyntaxError" in screen_text(pilot).split("\n")[-2]
        await pilot.press("backspace", "backspace")
        await until(pilot, lambda: codes(pilot) == [])
        area.go_to(6)
        await until(pilot, lambda: "6:1  report: int" in screen_text(pilot))
        await pilot.press("ctrl+right_square_bracket")
        await until(pilot, lambda: isinstance(pilot.app.screen, DagPlace))
        await until(pilot, lambda: pilot.app.screen.query_one(DagView).cursor == "report")
        assert pilot.app.session.wanted_nodes.newest is None
        # Once more, to a place that is there already.
        await pilot.press("4")
        await until(pilot, lambda: isinstance(pilot.app.screen, Editor))
        await pilot.press("enter")
        area.go_to(1)
        await until(pilot, lambda: "1:1  orders: int" in screen_text(pilot))
        await pilot.press("ctrl+right_square_bracket")
        await until(pilot, lambda: isinstance(pilot.app.screen, DagPlace))
        await until(pilot, lambda: pilot.app.screen.query_one(DagView).cursor == "orders")


async def test_letters_sent_at_once_behind_the_key_that_asks_are_the_answer(editing: Any) -> None:
    async with editing() as pilot:
        for word, name in (("project", "project.yml"), ("job.py", "job.py"), ("projectyml", "project.yml")):
            await pilot.press("escape")
            # As they come over a slow line: all of them before the first is acted upon.
            for letter in f"o{word}":
                pilot.app.post_message(Key(character_to_key(letter), letter))
            pilot.app.post_message(Key("enter", "\r"))
            # Not the pilot's own pause: it waits long for a question that goes as fast as it came.
            async with asyncio.timeout(45):
                while page_of(pilot).path.name != name or not page_of(pilot).area.has_focus:
                    await asyncio.sleep(0.05)
        assert len(editor(pilot).bench.pages) == 3


async def test_an_answer_that_is_sent_at_once_behind_a_question_of_the_text_is_no_text(editing: Any) -> None:
    async with editing() as pilot:
        for key in ("ctrl+g", "5", "enter"):
            pilot.app.post_message(Key(key, {"enter": "\r"}.get(key, key if len(key) == 1 else None)))
        async with asyncio.timeout(45):
            while page_of(pilot).cursor[0] != 5:
                await asyncio.sleep(0.05)
        assert page_of(pilot).area.text == CONFIG


async def test_the_texts_own_keys_can_be_changed(editing: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "settings"
    folder.mkdir()
    (folder / "keymap.yml").write_text("text.delete-line: ctrl+d\n")
    monkeypatch.setenv("FP_TUI_CONFIG_DIR", str(folder))
    async with editing() as pilot:
        await pilot.press("ctrl+d")
        assert page_of(pilot).area.text == CONFIG.partition("\n")[2]


async def test_an_open_file_does_not_hold_its_pipeline(editing: Any, root: Path, until: Until) -> None:
    (root / "conf" / "pipelines" / "other.yml").write_text("name: other\n")
    async with editing() as pilot:
        session = pilot.app.session
        assert session.pipeline == "job"
        session.choose("other")
        session.reread()
        await pilot.pause(0.5)
        assert session.pipeline == "other"


async def test_what_stands_beside_the_text_opens_on_the_key_of_the_cursor(
    editing: Any, until: Until, screen_text: ScreenText
) -> None:
    async with editing() as pilot:
        area = page_of(pilot).area
        area.go_to(7, 3)
        await pilot.press("ctrl+l")
        view, form = editor(pilot).query_one(EffectiveView), editor(pilot).query_one(FormView)
        await until(pilot, lambda: view.has_focus and view.row and view.row.path[-1] == "max_retries")
        # What it is stands below, with all of its value and where that is from.
        await until(pilot, lambda: "now 0  conf/pipelines/job.yml:7" in screen_text(pilot))
        await pilot.press("v")
        await until(pilot, lambda: form.has_focus and form.field and form.field.key == "run.retry.max_retries")
        await pilot.press("down", "v")
        await until(pilot, lambda: view.has_focus and view.row and view.row.path[-1] == "retry_delay")
        # Nobody has set it: enter leads to where that can be done.
        await pilot.press("enter")
        await until(pilot, lambda: form.has_focus and form.field and form.field.key == "run.retry.retry_delay")
        # Of another place, once more.
        await pilot.press("escape")
        await until(pilot, lambda: area.has_focus)
        area.go_to(8, 3)
        await pilot.press("ctrl+l")
        await until(pilot, lambda: form.has_focus and form.field and form.field.key == "run.log_level")


async def test_where_there_is_no_room_for_both_a_problem_brings_the_text_back(
    editing: Any, root: Path, until: Until
) -> None:
    (root / "conf" / "pipelines" / "job.yml").write_text(CONFIG.replace("max_retries: 0", "max_retries: x"))
    async with editing(size=(80, 24)) as pilot:
        page = page_of(pilot)
        await until(pilot, lambda: len(codes(pilot)) == 1)
        await pilot.press("ctrl+l")
        panel = editor(pilot).query_one(SidePanel)
        await until(pilot, lambda: panel.has_focus_within)
        await pilot.press("ctrl+t")
        await until(pilot, lambda: page.area.has_focus and not panel.is_shown)
        assert page.cursor == (7, 18)


async def test_what_is_too_long_for_a_line_is_told_whole(
    editing: Any, root: Path, until: Until, screen_text: ScreenText
) -> None:
    (root / "conf" / "pipelines" / "job.yml").write_text("name: job\n  run: {}\n")
    async with editing(size=(80, 24)) as pilot:
        await until(pilot, lambda: codes(pilot) == ["syntax"])
        page_of(pilot).area.go_to(2, 6)
        await until(pilot, lambda: "f2 tells more" in screen_text(pilot))
        assert "deeper than the line above" not in screen_text(pilot)
        await pilot.press("f2")
        note = page_of(pilot).query_one(HelpNote)
        await until(pilot, lambda: note.is_open)
        told = " ".join(screen_text(pilot).replace("\n", " ").split())
        assert "stands deeper than the line above" in told


async def test_a_value_that_needs_quotes_gets_them(editing: Any, until: Until) -> None:
    async with editing() as pilot:
        area = page_of(pilot).area
        area.go_to(2, 1)
        await pilot.press(*"type: sales: by month")
        await until(pilot, lambda: codes(pilot)[:1] == ["syntax"] and page_of(pilot).is_diagnosed)
        # What was found of another text is no edit of this one.
        page_of(pilot).area.insert("# more\n", (0, 0))
        assert not page_of(pilot).mend()
        await pilot.press("ctrl+z")
        area.go_to(2, 10)
        await until(pilot, lambda: codes(pilot)[:1] == ["syntax"] and page_of(pilot).is_diagnosed)
        await pilot.press("ctrl+r")
        await until(pilot, lambda: area.document.get_line(1) == "type: 'sales: by month'")
        await until(pilot, lambda: "syntax" not in codes(pilot))


async def test_of_a_file_of_another_kind_nothing_is_shown_beside_it(
    editing: Any, root: Path, until: Until, screen_text: ScreenText
) -> None:
    (root / "README.md").write_text("# Work\n")
    async with editing() as pilot:
        await pilot.press("ctrl+l")
        view = editor(pilot).query_one(EffectiveView)
        await until(pilot, lambda: view.has_focus and view.line_count())
        pilot.app.session.edit(root / "README.md")
        await until(pilot, lambda: page_of(pilot).path.name == "README.md")
        await until(pilot, lambda: "There is nothing to say of a file of this kind" in screen_text(pilot))
