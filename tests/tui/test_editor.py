"""The editor with real files: what is typed is saved whole, what others wrote is never overwritten."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from flowerpower_tui.tui.app import FlowerPowerApp
from flowerpower_tui.tui.screens.diff import ConflictScreen, DiffScreen
from flowerpower_tui.tui.screens.editor import Editor
from flowerpower_tui.tui.widgets.code_area import CodeArea
from flowerpower_tui.tui.widgets.file_tabs import FileTabs
from flowerpower_tui.tui.widgets.open_files import names_apart
from flowerpower_tui.tui.widgets.page import Page

OpenApp = Callable[[Path], FlowerPowerApp]
Until = Callable[..., Awaitable[None]]
ScreenText = Callable[[Pilot[Any]], str]
Project = Callable[..., Path]

SOURCE = "def one() -> int:\n    return 1\n"
CONFIG = "name: job\nrun:\n  final_vars: [one]\n  # said for a reason\n  retry:\n    max_retries: 0\n"


@pytest.fixture
def root(project: Project) -> Path:
    folder = project(SOURCE)
    (folder / "conf" / "pipelines" / "job.yml").write_text(CONFIG)
    return folder


@pytest.fixture
def config(root: Path) -> Path:
    return root / "conf" / "pipelines" / "job.yml"


@pytest.fixture
def editing(root: Path, config: Path, open_app: OpenApp, until: Until) -> Any:
    """Opens the editor on the pipeline's YAML."""

    @asynccontextmanager
    async def begin(path: Path = config) -> AsyncIterator[Pilot[Any]]:
        app = open_app(root)
        async with app.run_test(size=(100, 30)) as pilot:
            assert app.session is not None
            app.session.edit(path)
            await until(pilot, lambda: isinstance(app.screen, Editor) and app.screen.page is not None)
            await until(pilot, lambda: isinstance(app.screen.focused, CodeArea))
            yield pilot

    return begin


def said(pilot: Pilot[Any]) -> str:
    return " ".join(notification.message for notification in pilot.app._notifications)


def page_of(pilot: Pilot[Any]) -> Page:
    editor = next(screen for screen in pilot.app.screen_stack if isinstance(screen, Editor))
    page = editor.page
    assert page is not None
    return page


async def test_the_text_has_the_keys_even_where_its_page_takes_a_while(
    editing: Any, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = Page._pre_process

    async def later(page: Page) -> bool:
        await asyncio.sleep(0.3)
        return await at_once(page)

    monkeypatch.setattr(Page, "_pre_process", later)
    # It waits for the focus to be in the text.
    async with editing() as pilot:
        await pilot.press("X")
        await until(pilot, lambda: page_of(pilot).area.text.startswith("X"))


async def test_what_is_typed_is_saved_and_nothing_else_changes(
    editing: Any, config: Path, until: Until, screen_text: ScreenText
) -> None:
    config.chmod(0o640)
    async with editing() as pilot:
        page_of(pilot).area.go_to(6, 19)
        await pilot.press("backspace", "3")
        assert "job.yml ●" in screen_text(pilot)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: not page_of(pilot).is_dirty)
        assert config.read_text() == CONFIG.replace("max_retries: 0", "max_retries: 3")
        assert "job.yml ●" not in screen_text(pilot)
    assert config.stat().st_mode & 0o777 == 0o640


async def test_letters_are_text_in_the_text_and_commands_outside(editing: Any, until: Until) -> None:
    async with editing() as pilot:
        await pilot.press("q", "1", "d", "w")
        assert page_of(pilot).area.text == f"q1dw{CONFIG}"
        await pilot.press("escape", "d")
        await until(pilot, lambda: isinstance(pilot.app.screen, DiffScreen))
        shown = pilot.app.screen
        for _ in range(2):
            shown.dismiss()
        await until(pilot, lambda: isinstance(pilot.app.screen, Editor))
        await pilot.press("u")
        await until(pilot, lambda: page_of(pilot).area.text == CONFIG)
        await pilot.press("enter", "ctrl+z")
        assert page_of(pilot).area.text == f"q1dw{CONFIG}"


async def test_a_file_that_others_changed_elsewhere_in_it_is_merged(editing: Any, config: Path, until: Until) -> None:
    async with editing() as pilot:
        await pilot.press("end", "_", "2")
        theirs = CONFIG.replace("max_retries: 0", "max_retries: 9")
        config.write_text(theirs)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConflictScreen))
        assert config.read_text() == theirs
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Editor))
        both = theirs.replace("name: job", "name: job_2")
        assert page_of(pilot).area.text == both
        assert config.read_text() == theirs
        await pilot.press("ctrl+s")
        await until(pilot, lambda: config.read_text() == both)


@pytest.mark.parametrize(
    ("keys", "saved", "shown"), [(("enter",), "theirs", "theirs"), (("down", "enter"), "mine", "mine")]
)
async def test_of_changes_that_touch_one_is_chosen(
    editing: Any, config: Path, until: Until, keys: tuple[str, ...], saved: str, shown: str
) -> None:
    texts = {
        "theirs": CONFIG.replace("name: job", "name: job_theirs"),
        "mine": CONFIG.replace("name: job", "name: job_m"),
    }
    async with editing() as pilot:
        await pilot.press("end", "_", "m")
        config.write_text(texts["theirs"])
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConflictScreen))
        await pilot.press(*keys)
        await until(pilot, lambda: isinstance(pilot.app.screen, Editor) and not page_of(pilot).is_dirty)
        await until(pilot, lambda: config.read_text() == texts[saved])
        assert page_of(pilot).area.text == texts[shown]
        if saved == "theirs":
            await pilot.press("ctrl+z")
            assert page_of(pilot).area.text == texts["mine"]


async def test_a_clean_file_follows_what_others_write(editing: Any, config: Path, until: Until) -> None:
    async with editing() as pilot:
        config.write_text("name: other\n")
        await pilot.press("escape", "1")
        await until(pilot, lambda: not isinstance(pilot.app.screen, Editor))
        await pilot.press("4")
        await until(pilot, lambda: isinstance(pilot.app.screen, Editor) and page_of(pilot).area.text == "name: other\n")
        assert not page_of(pilot).is_dirty


async def test_unsaved_text_is_offered_again(editing: Any, config: Path, until: Until, screen_text: ScreenText) -> None:
    async with editing() as pilot:
        await pilot.press("x", "y")
    assert config.read_text() == CONFIG
    async with editing() as pilot:
        await until(pilot, lambda: "not saved" in screen_text(pilot))
        assert page_of(pilot).area.text == f"xy{CONFIG}"
        assert page_of(pilot).is_dirty
        # Where no file is open, it is told of.
        await pilot.press("escape", "w")
        await until(pilot, lambda: "Unsaved text is kept" in screen_text(pilot))
        assert "conf/pipelines/job.yml" in screen_text(pilot)
        pilot.app.session.edit(config)
        await until(pilot, lambda: isinstance(pilot.app.screen.focused, CodeArea))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: config.read_text() == f"xy{CONFIG}")
    async with editing() as pilot:
        assert "not saved" not in screen_text(pilot)


async def test_a_read_only_file_is_refused_and_the_text_stays(
    editing: Any, config: Path, until: Until, screen_text: ScreenText
) -> None:
    config.chmod(0o444)
    async with editing() as pilot:
        await pilot.press("x", "ctrl+s")
        await until(pilot, lambda: "read-only" in said(pilot))
        assert page_of(pilot).area.text == f"x{CONFIG}"
        assert page_of(pilot).is_dirty
    assert config.read_text() == CONFIG


async def test_find_and_replace(editing: Any, root: Path, until: Until) -> None:
    module = root / "pipelines" / "job.py"
    module.write_text("def a(x: int) -> int:\n    return x\n\n\ndef b(x: int) -> int:\n    return x\n")
    async with editing(module) as pilot:
        area = page_of(pilot).area
        await pilot.press("ctrl+f", *"int")
        assert area.selection.start == (0, 9)
        await pilot.press("enter")
        assert (area.selection.start, area.selection.end) == ((0, 17), (0, 20))
        await pilot.press("up", "up")
        assert area.selection.start == (4, 17)
        await pilot.press("tab", *"str", "enter")
        assert area.document.get_line(4) == "def b(x: int) -> str:"
        await pilot.press("ctrl+r")
        assert "int" not in area.text
        assert area.text.count("str") == 4
        await pilot.press("escape", "ctrl+z", "ctrl+z")
        assert area.text == module.read_text()
        await pilot.press("ctrl+f", "ctrl+u", *r"/(\w): int/", "tab", *r"\1: float", "ctrl+r", "escape")
        assert area.text.count("x: float") == 2


async def test_keys_for_code(editing: Any, root: Path) -> None:
    async with editing(root / "pipelines" / "job.py") as pilot:
        area = page_of(pilot).area
        await pilot.press("end", "enter", *"x = 1")
        assert area.text == "def one() -> int:\n    x = 1\n    return 1\n"
        await pilot.press("f4")
        assert area.text == "def one() -> int:\n    # x = 1\n    return 1\n"
        await pilot.press("f4", "alt+down")
        assert area.text == "def one() -> int:\n    return 1\n    x = 1\n"
        await pilot.press("up", "shift+down", "shift+end", "tab")
        assert area.text == "def one() -> int:\n        return 1\n        x = 1\n"
        await pilot.press("shift+tab", "shift+tab")
        assert area.text == "def one() -> int:\nreturn 1\nx = 1\n"


async def test_several_files_are_open_and_one_is_closed(
    editing: Any, root: Path, until: Until, screen_text: ScreenText
) -> None:
    async with editing() as pilot:
        await pilot.press("ctrl+o", *"job.py", "enter")
        await until(pilot, lambda: page_of(pilot).path.name == "job.py")
        assert screen_text(pilot).split("\n")[1].split() == ["job.yml", "job.py", "×"]
        await pilot.press("escape", "left")
        await until(pilot, lambda: page_of(pilot).path.name == "job.yml")
        await pilot.press("w")
        await until(pilot, lambda: page_of(pilot).path.name == "job.py")


async def test_a_line_is_gone_to(editing: Any) -> None:
    async with editing() as pilot:
        await pilot.press("ctrl+g", *"5:3", "enter")
        assert page_of(pilot).area.cursor_location == (4, 2)


async def test_what_is_in_sight_stays_where_it_is_when_it_is_gone_to(editing: Any, config: Path) -> None:
    config.write_text("name: job\n" + "# more\n" * 100)
    async with editing() as pilot:
        area = page_of(pilot).area
        area.go_to(60)
        await pilot.pause()
        seen = area.scroll_offset.y
        assert 30 < seen < 60
        area.go_to(62)
        await pilot.pause()
        assert area.scroll_offset.y == seen
        area.go_to(1)
        await pilot.pause()
        assert area.scroll_offset.y == 0


async def test_every_text_of_the_project_can_be_opened(
    editing: Any, root: Path, until: Until, screen_text: ScreenText
) -> None:
    (root / "README.md").write_text("# Work\n")
    (root / "sql").mkdir()
    (root / "sql" / "orders.sql").write_text("select 1\n")
    (root / "data.bin").write_bytes(b"\0\1")
    async with editing() as pilot:
        await pilot.press("ctrl+o")
        await until(pilot, lambda: "sql/orders.sql" in screen_text(pilot))
        assert "README.md" in screen_text(pilot)
        assert "data.bin" not in screen_text(pilot)
        await pilot.press(*"osql", "enter")
        await until(pilot, lambda: page_of(pilot).path.name == "orders.sql")
        # Who types a name at once need not wait until it is found.
        await pilot.press("ctrl+o", *"README", "enter")
        await until(pilot, lambda: page_of(pilot).path.name == "README.md")


async def test_files_of_one_name_are_told_apart(editing: Any, root: Path, until: Until) -> None:
    paths = [root / "README.md", root / "pipelines" / "README.md", root / "conf" / "project.yml"]
    for path in paths[:2]:
        path.write_text("# Work\n")
    async with editing() as pilot:
        for path in paths:
            pilot.app.session.edit(path)
            await until(pilot, lambda path=path: page_of(pilot).path == path)
        tabs = pilot.app.screen.query_one(FileTabs)
        await until(pilot, lambda: len(tabs.children) == 4)
        shown = [str(tab.render()) for tab in tabs.children]
        assert shown == ["job.yml", "work/README.md", "pipelines/README.md", "project.yml ×"]


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["/p/a.py", "/p/b.py"], ["a.py", "b.py"]),
        (["/p/x/a.py", "/p/y/a.py", "/p/b.py"], ["x/a.py", "y/a.py", "b.py"]),
        (["/p/x/s/a.py", "/p/y/s/a.py"], ["x/s/a.py", "y/s/a.py"]),
        (["/a.py", "/p/a.py"], ["//a.py", "p/a.py"]),
    ],
)
def test_as_many_folders_are_named_as_tell_files_apart(paths: list[str], names: list[str]) -> None:
    assert names_apart([Path(path) for path in paths]) == names


async def test_where_there_is_no_terminal_to_give_it_is_said(
    editing: Any, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", "true")
    async with editing() as pilot:
        await pilot.press("escape", "e")
        await until(pilot, lambda: "no terminal here" in said(pilot))
        assert page_of(pilot).area.text == CONFIG


async def test_in_a_conflict_keys_answer_and_reach_all_of_the_difference(
    editing: Any, config: Path, until: Until
) -> None:
    async with editing() as pilot:
        await pilot.press("end", "_", "m")
        config.write_text("name: theirs\n" + "# more\n" * 100)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConflictScreen))
        box = pilot.app.screen.query_one("#lines-box")
        await until(pilot, lambda: box.max_scroll_y > 0)
        # There is nowhere else to be than on the choices.
        await pilot.press("tab", "pagedown")
        assert box.scroll_offset.y > 0
        await pilot.press("pageup", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Editor))
        assert page_of(pilot).area.text.startswith("name: theirs\n")


async def test_what_cannot_be_edited_says_why(editing: Any, root: Path, until: Until, screen_text: ScreenText) -> None:
    strange = root / "pipelines" / "latin.py"
    strange.write_bytes("# café".encode("latin-1"))
    async with editing() as pilot:
        pilot.app.session.edit(strange)
        await until(pilot, lambda: "not UTF-8" in said(pilot))


async def test_control_characters_are_shown_and_never_sent(editing: Any, config: Path, screen_text: ScreenText) -> None:
    config.write_bytes(b"name: job # \x1b]52;c;eA==\x07\xc2\x9b\n")
    async with editing() as pilot:
        shown = screen_text(pilot)
        assert "\x1b" not in shown
        assert "\x9b" not in shown
        assert "␛]52;c;eA==␇" in shown, shown.split("\n")[2]
        assert page_of(pilot).content == config.read_bytes()
