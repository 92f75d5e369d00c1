"""The interface on a project in a bucket: opened, looked at, edited, saved, run, and watched, by real requests."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from s3fs import S3FileSystem
from textual.pilot import Pilot
from textual.widgets import Input

from flowerpower_tui.project.mirror import Mirror
from flowerpower_tui.runs.cancel import cancel
from flowerpower_tui.runs.store import RunStore
from flowerpower_tui.tui import mirrored
from flowerpower_tui.tui.app import FlowerPowerApp
from flowerpower_tui.tui.screens.diff import ConflictScreen
from flowerpower_tui.tui.screens.editor import Editor
from flowerpower_tui.tui.screens.fetching import Fetching, Remote
from flowerpower_tui.tui.screens.workspace import Workspace
from flowerpower_tui.tui.session import Session
from flowerpower_tui.tui.widgets.project_tree import Item, ProjectTree

PATIENCE = 60.0
MODULE = "pipelines/adding.py"


@pytest.fixture(autouse=True)
def _no_run_is_left(environment: Path) -> Iterator[None]:
    yield
    for run in RunStore(environment).runs():
        if run.directory.is_locked:
            cancel(run.directory)


def app_on(url: str, *, trusted: bool = True, **options: Any) -> FlowerPowerApp:
    app = FlowerPowerApp(Remote(url, options, trusted))
    app.animation_level = "none"
    return app


def text_of(pilot: Pilot[Any]) -> str:
    return "\n".join(strip.text.rstrip() for strip in pilot.app.screen._compositor.render_strips())


def said(pilot: Pilot[Any]) -> str:
    """What the screen shows, wherever its lines end."""
    return " ".join(text_of(pilot).split())


async def until(pilot: Pilot[Any], condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"it never came; the screen shows\n{text_of(pilot)}"
        await pilot.pause(0.05)
    await pilot.pause(0)


async def open_session(pilot: Pilot[int]) -> Session:
    """Wait until the project is open and its DAG drawn."""
    app = pilot.app
    assert isinstance(app, FlowerPowerApp)
    await until(pilot, lambda: app.session and app.session.graph)
    assert app.session
    return app.session


async def open_editor(pilot: Pilot[int], session: Session) -> Editor:
    """Open the pipeline's module."""
    session.edit(session.root / MODULE)
    await until(pilot, lambda: isinstance(pilot.app.screen, Editor) and pilot.app.screen.page)
    editor = pilot.app.screen
    assert isinstance(editor, Editor)
    return editor


async def test_a_project_is_fetched_and_asked_about_once_before_its_code_runs(project: Any) -> None:
    async with app_on(project.url, trusted=False).run_test(size=(80, 24)) as pilot:
        assert isinstance(pilot.app.screen, Fetching)
        await until(pilot, lambda: "runs here with your rights" in said(pilot))
        assert project.url in text_of(pilot)
        assert not Mirror.open(project.url).is_trusted

        await pilot.press("y")

        session = await open_session(pilot)
        assert session.graph is not None
        assert {node.name for node in session.graph.nodes} == {"numbers", "total"}
        assert Mirror.open(project.url).is_trusted
    async with app_on(project.url, trusted=False).run_test(size=(160, 48)) as pilot:
        await open_session(pilot)
        assert project.url in text_of(pilot).splitlines()[0]


async def test_a_project_that_is_only_looked_at_runs_nothing(project: Any) -> None:
    project.write(MODULE, "from pathlib import Path\nPath(__file__).with_name('it_ran').touch()\n")
    async with app_on(project.url, trusted=False).run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "runs here with your rights" in said(pilot))

        await pilot.press("l")

        await until(pilot, lambda: "you wanted to look at it only" in said(pilot))
        session = pilot.app.session  # type: ignore[attr-defined]
        assert not (session.root / "pipelines" / "it_ran").exists()
        assert not Mirror.open(project.url).is_trusted


async def test_a_save_goes_to_the_bucket_and_is_what_runs_next(project: Any, environment: Path) -> None:
    async with app_on(project.url).run_test(size=(120, 40)) as pilot:
        session = await open_session(pilot)
        editor = await open_editor(pilot, session)
        assert editor.page
        editor.page.area.change_to(editor.page.area.text.replace("sum(numbers)", "sum(numbers) + 100"))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "+ 100" in project.read(MODULE))
        # What lies beside the code is fetched for the run, too.
        project.write("data/numbers.txt", "4\n5\n")

        session.launches.ask()

        await until(pilot, lambda: session.run and session.view.is_over)
    run = RunStore(environment).runs()[0]
    assert run.state == "succeeded"
    record = run.directory.record()
    assert record
    assert record.request.url == project.url
    assert "109" in str(session.view.node("total"))


async def test_a_save_over_what_someone_else_has_written_asks_first(project: Any) -> None:
    async with app_on(project.url).run_test(size=(120, 40)) as pilot:
        session = await open_session(pilot)
        editor = await open_editor(pilot, session)
        assert editor.page
        mine = editor.page.area.text.replace("sum(numbers)", "max(numbers)")
        editor.page.area.change_to(mine)
        theirs = "# theirs\n" + project.read(MODULE)
        project.write(MODULE, theirs)

        await pilot.press("ctrl+s")

        await until(pilot, lambda: isinstance(pilot.app.screen, ConflictScreen))
        assert project.read(MODULE) == theirs
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.screen is editor)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "max(numbers)" in project.read(MODULE))
        assert project.read(MODULE).startswith("# theirs\n")


async def test_a_change_in_the_bucket_is_seen_like_a_save(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirrored, "INTERVAL", 0.2)
    async with app_on(project.url).run_test(size=(120, 40)) as pilot:
        session = await open_session(pilot)
        editor = await open_editor(pilot, session)

        project.write(MODULE, project.read(MODULE) + "\n\ndef twice(total: int) -> int:\n    return 2 * total\n")

        await until(pilot, lambda: session.graph and "twice" in session.graph.by_name)
        await until(pilot, lambda: editor.page and "twice" in editor.page.area.text)
        project.delete("conf/pipelines/adding.yml")
        project.write("conf/pipelines/other.yml", "run: {final_vars: []}\n")
        await until(pilot, lambda: "other" in [entry.name for entry in session.listing.pipelines])  # type: ignore[union-attr]


async def test_folders_are_listed_a_level_at_a_time_and_again_after_a_failure(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        project.write(f"archive/{number}/deep/file.txt", "x")
    async with app_on(project.url).run_test(size=(120, 40)) as pilot:
        session = await open_session(pilot)
        tree = pilot.app.screen.query_one(ProjectTree)
        assert session.mirror
        storage = session.mirror.storage
        archive = session.root / "archive"
        line = next(line for line in tree._lines_below(tree.root) if line.data == Item("folder", "archive", archive))
        address, storage.base = storage.base, "no-such-bucket/at/all"
        line.expand()
        await until(pilot, lambda: [child.data.kind for child in line.children if child.data][-1:] == ["trouble"])
        assert "There is no bucket" in str(line.children[-1].label)

        storage.base = address
        tree.focus()
        tree.move_cursor(line.children[-1])
        await pilot.press("enter")

        await until(pilot, lambda: [str(child.label) for child in line.children] == ["0", "1", "2"])


async def test_what_a_run_has_written_is_shown_beside_what_the_bucket_has(project: Any) -> None:
    project.write(
        MODULE,
        "from pathlib import Path\n\n\n"
        "def total() -> int:\n"
        "    Path(__file__).parents[1].joinpath('data', 'made_here.txt').write_text('3')\n    return 3\n",
    )
    async with app_on(project.url).run_test(size=(120, 40)) as pilot:
        session = await open_session(pilot)
        session.launches.ask()
        await until(pilot, lambda: session.run and session.view.is_over)
        listed = mirrored.list_level(session.mirror, session.root / "data")  # type: ignore[arg-type]
        assert [path.name for path in listed] == ["made_here.txt", "numbers.txt"]


@pytest.mark.parametrize("why", ["no credentials", "no bucket", "no network", "no project"])
async def test_what_keeps_a_project_from_being_opened_is_said_and_can_be_tried_again(
    project: Any, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, options, reason = project.url, {}, ""
    match why:
        case "no credentials":
            monkeypatch.delenv("AWS_ACCESS_KEY_ID")
            monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
            S3FileSystem.clear_instance_cache()
            reason = "There are no credentials"
        case "no bucket":
            url, reason = "s3://no-such-bucket-anywhere/demo", "There is no bucket"
        case "no network":
            with socket.create_server(("127.0.0.1", 0)) as gone:
                options, reason = {"endpoint_url": f"http://127.0.0.1:{gone.getsockname()[1]}"}, "cannot be reached"
        case _:
            url, reason = f"{project.url}-not-there", "There is no project"
    app = app_on(url, **options)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: reason in said(pilot))
        assert "Traceback" not in text_of(pilot)
        await pilot.press("r")
        await until(pilot, lambda: reason in said(pilot))
        await pilot.press("escape")
    assert app.return_code == 2


async def test_a_mirror_that_was_opened_before_is_the_project_in_the_bucket(project: Any) -> None:
    mirror = Mirror.open(project.url)
    mirror.sync()
    mirror.trust()
    app = FlowerPowerApp(mirror.root)
    async with app.run_test(size=(120, 40)) as pilot:
        session = await open_session(pilot)
        assert session.mirror
        assert session.mirror.url == project.url
        assert isinstance(app.screen, Workspace)


async def test_a_url_can_be_typed_where_projects_are_chosen(project: Any, tmp_path: Path) -> None:
    mirror = Mirror.open(project.url)
    mirror.sync()
    mirror.trust()
    (tmp_path / "empty").mkdir()
    app = FlowerPowerApp(tmp_path / "empty")
    async with app.run_test(size=(80, 40)) as pilot:
        await until(pilot, lambda: app.screen.query("#path"))
        app.screen.query_one("#path", Input).value = project.url
        await pilot.click("#open")

        session = await open_session(pilot)
        await app.run_action("projects")
        await until(pilot, lambda: app.screen.query("#path"))
        assert app.screen.query_one("#path", Input).value == project.url
        assert session.root == mirror.root
