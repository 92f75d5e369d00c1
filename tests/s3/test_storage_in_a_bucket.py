"""Projects in buckets from Python: what is listed, fetched, noticed and refused, by real requests."""

from __future__ import annotations

import logging
import os
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from flowerpower_tui import FlowerPowerProject, PipelineManager
from flowerpower_tui.errors import ConflictError, NothingThereError, StorageError
from flowerpower_tui.project.mirror import Mirror
from flowerpower_tui.project.s3 import with_limits
from flowerpower_tui.project.storage import PATIENCE, open_storage, storage_of

CHECKS = bool(os.environ.get("FP_TUI_TEST_SEAWEEDFS"))


def test_a_level_is_listed_and_nothing_below_it(project: Any) -> None:
    storage = open_storage(project.url)
    level = storage.list_level()
    assert [(entry.path, entry.is_folder) for entry in level.entries] == [
        ("conf", True),
        ("data", True),
        ("helpers", True),
        ("pipelines", True),
    ]
    assert [entry.path for entry in storage.list_level("conf").entries] == ["conf/pipelines", "conf/project.yml"]
    with pytest.raises(NothingThereError):
        storage.list_level("elsewhere")


def test_of_a_level_with_very_many_entries_some_are_listed(project: Any) -> None:
    for number in range(6):
        project.write(f"data/{number}.csv", "x")
    level = open_storage(project.url).list_level("data", most=3)
    assert (len(level.entries), level.is_whole) == (3, False)


def test_a_large_folder_is_left_where_it_is_and_told(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flowerpower_tui.project.contents.MOST_OTHERS", 4)
    for number in range(5):
        project.write(f"data/{number}.csv", "x")
    mirror = Mirror.open(project.url)
    mirror.sync()
    assert (mirror.root / "pipelines/adding.py").is_file()
    assert not (mirror.root / "data").exists()
    assert mirror.left_off == ("data/, which has more than 4 files",)


def test_only_what_changed_is_fetched(project: Any) -> None:
    mirror = Mirror.open(project.url)
    assert "pipelines/adding.py" in mirror.sync()
    assert mirror.sync() == frozenset()
    project.write("data/numbers.txt", "9\n")
    project.delete("helpers/reading.py")
    project.write("pipelines/new.py", "x = 1\n")
    assert mirror.sync() == {"data/numbers.txt", "helpers/reading.py", "pipelines/new.py"}
    assert (mirror.root / "data/numbers.txt").read_text() == "9\n"
    assert not (mirror.root / "helpers").exists()


def test_changes_are_noticed_without_fetching(project: Any) -> None:
    mirror = Mirror.open(project.url)
    versions, changed = mirror.changed({})
    assert changed == set(project.files)
    project.write("data/numbers.txt", "9\n")
    project.delete("helpers/reading.py")
    versions, changed = mirror.changed(versions)
    assert changed == {"data/numbers.txt", "helpers/reading.py"}
    assert mirror.changed(versions) == (versions, frozenset())
    assert not mirror.root.exists()


def test_what_a_run_changed_in_the_mirror_is_put_right_and_what_it_made_stays(project: Any) -> None:
    mirror = Mirror.open(project.url)
    mirror.sync()
    (mirror.root / "data/numbers.txt").write_text("not from the bucket")
    (mirror.root / "output").mkdir()
    (mirror.root / "output/report.csv").write_text("made by a run")
    (mirror.root / "pipelines/ghost.py").write_text("never in the bucket")
    mirror.sync()
    assert (mirror.root / "data/numbers.txt").read_text() == "1\n2\n3\n"
    assert (mirror.root / "output/report.csv").read_text() == "made by a run"
    assert not (mirror.root / "pipelines/ghost.py").exists()


def test_of_two_writers_the_second_is_told(project: Any) -> None:
    path = "conf/pipelines/adding.yml"
    mirror = Mirror.open(project.url)
    mirror.sync()
    seen = mirror.version(path)
    project.write(path, "params: {theirs: 1}\n")
    with pytest.raises(ConflictError, match="no longer what it was"):
        mirror.save(path, b"params: {ours: 1}\n", seen)
    assert project.read(path) == "params: {theirs: 1}\n"
    mirror.sync()
    mirror.save(path, b"params: {ours: 2}\n", mirror.version(path))
    assert project.read(path) == "params: {ours: 2}\n"
    assert (mirror.root / path).read_text() == "params: {ours: 2}\n"
    assert mirror.sync() == frozenset(), "what was saved is what is there"


def test_what_was_deleted_meanwhile_is_not_brought_back(project: Any) -> None:
    storage = open_storage(project.url)
    _, seen = storage.read("data/numbers.txt")
    project.delete("data/numbers.txt")
    with pytest.raises(ConflictError):
        storage.save("data/numbers.txt", b"4\n", seen)
    assert "data/numbers.txt" not in project.files


def test_of_many_who_make_one_file_one_does(bucket: Any) -> None:
    storage = open_storage(bucket.url)

    def make(number: int) -> int | None:
        with suppress(ConflictError):
            storage.save("conf/new.yml", str(number).encode(), None)
            return number
        return None

    with ThreadPoolExecutor(8) as pool:
        made = [number for number in pool.map(make, range(8)) if number is not None]
    assert made == [int(bucket.read("conf/new.yml"))]


def test_a_conflict_while_a_command_works_leaves_the_mirror_as_the_bucket_is(project: Any) -> None:
    mirror = Mirror.open(project.url)

    def work() -> None:
        with mirror.changing() as root:
            (root / "conf/project.yml").write_text("name: ours\n")
            (root / "pipelines/more.py").write_text("x = 1\n")
            project.write("pipelines/more.py", "theirs = 1\n")
            project.write("conf/project.yml", "name: theirs\n")

    with pytest.raises(ConflictError):
        work()
    assert (mirror.root / "conf/project.yml").read_text() == "name: theirs\n" == project.read("conf/project.yml")
    assert (mirror.root / "pipelines/more.py").read_text() == "theirs = 1\n" == project.read("pipelines/more.py")


@pytest.mark.skipif(CHECKS, reason="SeaweedFS refuses such keys itself")
def test_names_that_lead_elsewhere_never_reach_the_disk(project: Any, tmp_path: Path) -> None:
    for key in ("../../../../escaped.py", "pipelines/../../escaped.py", "pipelines//twice.py", "pipelines/a\\b.py"):
        project.write(key, "x = 1\n")
    project.write("data/numbers.txt/inner.txt", "a file cannot be a folder")
    mirror = Mirror.open(project.url)
    mirror.sync()
    names = [path.relative_to(mirror.root).as_posix() for path in mirror.root.rglob("*.py")]
    assert sorted(names) == ["helpers/reading.py", "pipelines/adding.py"]
    assert not list(tmp_path.rglob("escaped.py"))
    assert any("no name for a file" in left for left in mirror.left_off)
    assert "data/numbers.txt/inner.txt, which lies in a file" in mirror.left_off


def test_flowerpowers_api_takes_urls_options_and_file_systems(
    project: Any,
    endpoint: str,
    credentials: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    import fsspec

    monkeypatch.delenv("AWS_ENDPOINT_URL")
    options = {"endpoint_url": endpoint, **credentials}
    with caplog.at_level(logging.WARNING):
        opened = FlowerPowerProject.load(project.url, storage_options=options)
        assert opened is not None
        assert opened.run("adding") == {"total": 6}
        assert opened.run("adding") == {"total": 6}
    assert caplog.text.count(f"Code from {project.url} will run") == 1
    fs = fsspec.filesystem("s3", **options)
    assert PipelineManager(project.path, fs=fs).list_pipelines() == ["adding"]
    folder = fsspec.filesystem("dir", path=project.path, fs=fs)
    manager = PipelineManager(fs=folder)
    manager.creator.new("second")
    assert "pipelines/second.py" in project.files
    assert manager.pipelines == ["adding", "second"]
    assert storage_of(fsspec.filesystem("file")) is None


async def test_the_event_loop_goes_on_while_a_bucket_is_asked(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    manager = PipelineManager(project.url)
    threads: list[threading.Thread] = []
    monkeypatch.setattr(Mirror, "sync", lambda _: threads.append(threading.current_thread()))
    assert await manager.run_async("adding") == {"total": 6}
    assert threads
    assert threading.main_thread() not in threads


def test_a_configuration_in_a_bucket_is_loaded_and_saved(project: Any) -> None:
    from flowerpower_tui.pipeline.compat import Config

    config = Config.load(project.url, pipeline_name="adding")
    assert config.pipeline.run.final_vars == ["total"]
    assert config.fs.exists("conf/project.yml")
    config.pipeline.run.final_vars = ["numbers"]
    config.save()
    written = project.read("conf/pipelines/adding.yml")
    assert yaml.safe_load(written)["run"]["final_vars"] == ["numbers"]
    assert written.endswith("  retry: {max_retries: 0}\n"), "the rest as it was"


@pytest.mark.parametrize("host", ["http://127.0.0.1:9", "http://no-such-host.invalid"])
def test_an_endpoint_that_is_not_there_is_told_without_naming_it(environment: Path, host: str) -> None:
    # A machine that looks names up slowly says the other.
    with pytest.raises(StorageError, match=r"cannot be reached|does not answer") as caught:
        Mirror.open("s3://bucket/demo", {"endpoint_url": host}).sync()
    assert host.partition("//")[2] not in str(caught.value)


def test_a_server_that_never_answers_is_given_up(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flowerpower_tui.project.storage.PATIENCE", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        # botocore alone would wait for minutes.
        with pytest.raises(StorageError, match="does not answer"):
            Mirror.open("s3://bucket/demo", {"endpoint_url": url}).sync()


def test_two_of_the_five_seconds_for_an_answer_are_left_to_the_start() -> None:
    assert PATIENCE <= 3
    limits = with_limits({})["config_kwargs"]
    assert limits["connect_timeout"] <= 2
    assert limits["retries"] == {"max_attempts": 1}


def test_what_was_opened_is_found_again_after_it_was_used(project: Any) -> None:
    opened = open_storage(project.url)
    opened.list_level()
    assert open_storage(project.url).fs is opened.fs


def test_missing_credentials_are_named(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(StorageError, match="no credentials") as caught:
        Mirror.open(project.url, {"client_kwargs": {"region_name": "eu-west-1"}}).sync()
    assert "AWS_PROFILE" in caught.value.hint


@pytest.mark.skipif(not CHECKS, reason="moto's server checks no signatures")
@pytest.mark.parametrize(("name", "value"), [("key", "AKIA-of-nobody"), ("secret", "another-secret")])
def test_wrong_credentials_are_told_without_repeating_them(
    project: Any, credentials: dict[str, str], name: str, value: str
) -> None:
    with pytest.raises(StorageError, match="not open to these credentials") as caught:
        Mirror.open(project.url, {**credentials, name: value}).sync()
    assert value not in str(caught.value)


def test_the_same_url_at_another_endpoint_is_another_project(project: Any, endpoint: str) -> None:
    other = Mirror.open(project.url, {"endpoint_url": endpoint.replace("127.0.0.1", "localhost")})
    assert Mirror.open(project.url).root != other.root
    assert Mirror.open(project.url).root == Mirror.open(project.url, {"endpoint_url": endpoint}).root
