"""Watching: what is told is what files hold, once it has settled, in one piece."""

from __future__ import annotations

import os
import queue
import shutil
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import pytest

from flowerpower_tui.runs import watching
from flowerpower_tui.runs.surroundings import Changes, Held, ProjectFiles, difference
from flowerpower_tui.runs.watching import Mode, Watcher, mode_of

Told = Callable[[], Changes]


@pytest.fixture
def files(project: Path) -> ProjectFiles:
    (project / "hooks/etl").mkdir(parents=True)
    return ProjectFiles(project)


@pytest.fixture
def watch(project: Path, files: ProjectFiles) -> Iterator[Callable[..., Told]]:
    """Watches the project; returns what gives the next change that is told."""
    watchers: list[Watcher] = []

    def begin(mode: Mode = "events") -> Told:
        told: queue.SimpleQueue[Changes] = queue.SimpleQueue()
        watcher = Watcher(project, files, told.put, mode)
        watchers.append(watcher)
        watcher.start()
        return lambda: told.get(timeout=30)

    yield begin
    for watcher in watchers:
        watcher.close()


@pytest.fixture
def told(watch: Callable[..., Told]) -> Told:
    return watch()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("pipelines/etl.py", "modules"),
        ("pipelines/deep/er/new.py", "modules"),
        ("pipelines/query.sql", "modules"),
        ("at_the_root.py", "modules"),
        ("conf/pipelines/etl.yml", "pipelines"),
        ("conf/project.yml", "project"),
        ("hooks/etl/hook.py", "hooks"),
        (".env", "dotenv"),
    ],
)
def test_a_change_is_of_a_kind(project: Path, files: ProjectFiles, path: str, kind: str) -> None:
    before, file = files.look(), project / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("# Something else.\n")

    assert difference(before, files.look()) == Changes(**{kind: (str(file),)})
    file.unlink()
    assert getattr(difference(before, files.look()), kind) in ((), (str(file),))


@pytest.mark.parametrize(
    "path",
    ["data/orders.csv", "pipelines/out.parquet", "pipelines/.etl.py.swp", "pipelines/__pycache__/x.py", ".venv/x.py"],
)
def test_data_and_what_tools_leave_is_not_looked_at(project: Path, files: ProjectFiles, path: str) -> None:
    before, file = files.look(), project / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("x = 1\n")
    assert not difference(before, files.look())


@pytest.mark.parametrize("key", ["dotenv", "hooks_dir"])
def test_what_no_file_can_be_called_keeps_nothing_else_from_being_looked_at(
    project: Path, files: ProjectFiles, key: str
) -> None:
    (project / "conf/project.yml").write_text(f'name: shop\n{key}: "a\\0b"\n')

    assert str(project / "conf/project.yml") in files.look()


def test_variables_and_the_file_for_them_are_looked_at(
    project: Path, files: ProjectFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "conf/project.yml").write_text("name: shop\ndotenv: secrets.txt\n")
    (project / "secrets.txt").write_text("A=1\n")
    before = files.look()
    (project / "secrets.txt").write_text("A=2\n")
    monkeypatch.setenv("FP_LOG_LEVEL", "DEBUG")
    assert difference(before, files.look()) == Changes(dotenv=(str(project / "secrets.txt"),), environment=("FP_*",))


def test_a_write_of_the_same_size_in_the_same_moment_is_seen(project: Path, files: ProjectFiles) -> None:
    module = project / "pipelines/etl.py"
    for number in range(100, 150):
        before = files.look()
        module.write_text(f"x = {number}\n")
        os.utime(module, (1_700_000_000, 1_700_000_000))
        assert difference(
            before,
            files.look(),
        ).modules == (str(module),)


def test_modules_elsewhere_are_looked_at_once_a_pipeline_imports_them(
    project: Path, files: ProjectFiles, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "lib/shared.py"
    elsewhere.parent.mkdir()
    elsewhere.write_text("x = 1\n")
    files.follow([str(elsewhere)])
    before = files.look()
    elsewhere.write_text("x = 2\n")

    assert str(elsewhere.parent) in files.folders()
    assert difference(before, files.look()).modules == (str(elsewhere),)


def test_a_touch_is_no_change_and_an_atomic_rename_is_one(project: Path, told: Told) -> None:
    module = project / "pipelines/etl.py"
    module.touch()
    new = project / "pipelines/.etl.py.new"
    new.write_text("def total() -> int: return 1\n")
    new.rename(module)

    assert told() == Changes(modules=(str(module),))


def test_a_second_rename_over_the_same_file_is_seen_too(project: Path, told: Told) -> None:
    module = project / "pipelines/etl.py"
    for number in range(3):
        (project / "pipelines/new").write_text(f"x = {number}\n")
        (project / "pipelines/new").rename(module)
        assert told() == Changes(modules=(str(module),))


def test_a_checkout_of_a_hundred_files_is_told_at_once(project: Path, told: Told) -> None:
    files = [project / f"pipelines/part_{number:03}.py" for number in range(100)]
    for file in files:
        file.write_text("x = 1\n")

    assert told().modules == tuple(map(str, files))


def test_nothing_is_told_while_git_is_at_work(project: Path, told: Told) -> None:
    lock = project / ".git/index.lock"
    lock.parent.mkdir()
    lock.touch()
    first, second = project / "pipelines/first.py", project / "pipelines/second.py"
    first.write_text("x = 1\n")
    watching.threading.Event().wait(0.3)
    second.write_text("x = 1\n")
    lock.unlink()

    assert told().modules == (str(first), str(second))


def test_folders_that_come_later_are_watched_too(project: Path, told: Told) -> None:
    inner = project / "pipelines/new_one"
    inner.mkdir()
    (inner / "a.py").write_text("x = 1\n")
    assert told().modules == (str(inner / "a.py"),)
    (inner / "b.py").write_text("x = 1\n")
    assert told().modules == (str(inner / "b.py"),)
    shutil.rmtree(inner)
    assert told().modules == (str(inner / "a.py"), str(inner / "b.py"))


def test_where_there_are_no_events_it_is_looked_again_and_again(
    project: Path, watch: Callable[..., Told], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "INTERVAL", 0.02)
    told = watch("poll")
    (project / "pipelines/etl.py").write_text("x = 1\n")
    assert told().modules == (str(project / "pipelines/etl.py"),)


def test_a_source_without_folders_is_looked_at_again_and_again(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "INTERVAL", 0.02)

    class Bucket:
        etag = "1"

        def look(self, touched: object = ()) -> Held:
            return {"pipelines/etl.py": ("module", self.etag)}

        def folders(self) -> frozenset[str]:
            return frozenset()

        def follow(self, files: object) -> None:
            """A bucket has no other modules."""

    bucket, told = Bucket(), queue.SimpleQueue[Changes]()
    with Watcher(project, bucket, told.put, "events"):
        bucket.etag = "2"
        assert told.get(timeout=30) == Changes(modules=("pipelines/etl.py",))


def test_how_it_is_watched_can_be_chosen(project: Path) -> None:
    assert mode_of(project, "auto") in ("events", "poll")
    assert mode_of(project, "poll") == "poll"


def test_what_was_saved_here_is_told_without_waiting_and_only_once(project: Path) -> None:
    told = queue.SimpleQueue[Changes]()
    watcher = Watcher(project, ProjectFiles(project), told.put, "off")
    module = project / "pipelines/etl.py"
    module.write_text("x = 1\n")
    watcher.look_now([str(module)])
    assert told.get_nowait().modules == (str(module),)
    watcher.look_now([str(module)])
    assert told.empty()


def test_that_a_module_elsewhere_is_watched_too_is_no_change(project: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "shared.py"
    elsewhere.write_text("x = 1\n")
    told = queue.SimpleQueue[Changes]()
    watcher = Watcher(project, ProjectFiles(project), told.put, "off")
    watcher.follow([str(elsewhere)])
    watcher.look_now()
    assert told.empty()
    elsewhere.write_text("x = 2\n")
    watcher.look_now()
    assert told.get_nowait().modules == (str(elsewhere),)


def test_what_changes_is_foreseen_before_it_is_told_and_taken_back_if_it_is_something_else(
    project: Path, files: ProjectFiles, tmp_path: Path
) -> None:
    words: queue.SimpleQueue[tuple[str, tuple[str, ...]]] = queue.SimpleQueue()
    with Watcher(
        project,
        files,
        lambda changes: words.put(("told", changes.paths)),
        "events",
        foresee=lambda changes: words.put(("foreseen", changes.paths)),
    ) as watcher:
        module = project / "pipelines/etl.py"
        at_once(module, "def other() -> int: return 1\n")
        assert until_told(words)[-1] == ("foreseen", (str(module),))

        (tmp_path / "new").mkdir()
        for number in range(watching.MANY + 1):
            (tmp_path / f"new/{number}.py").touch()
        (tmp_path / "new").rename(project / "pipelines/new")
        assert until_told(words)[-1] == ("foreseen", ())

        at_once(module, "def another() -> int: return 1\n")
        # It is seen by one or the other.
        watcher.look_now([str(module)])
        assert until_told(words)[-1] in (("foreseen", (str(module),)), ("foreseen", ()))


def at_once(path: Path, text: str) -> None:
    new = path.with_name(f".{path.name}.new")
    new.write_text(text)
    new.rename(path)


def until_told(words: queue.SimpleQueue[tuple[str, tuple[str, ...]]]) -> list[tuple[str, tuple[str, ...]]]:
    """What was foreseen until something was told."""
    foreseen = []
    while (word := words.get(timeout=30))[0] != "told":
        foreseen.append(word)
    return foreseen


def test_what_was_put_back_before_it_settled_is_taken_back(project: Path) -> None:
    module = str(project / "pipelines/etl.py")
    states = iter([{module: "old"}, {module: "half"}, {module: "old"}])

    class Told(ProjectFiles):
        def look(self, touched: Collection[str] = ()) -> Held:
            del touched
            return {path: ("module", holds) for path, holds in next(states).items()}

    words: list[tuple[str, ...]] = []
    told: list[Changes] = []
    watcher = Watcher(project, Told(project), told.append, "off", foresee=lambda changes: words.append(changes.paths))
    assert not watcher._settled(frozenset())
    assert words == [(module,), ()]
    assert not told
