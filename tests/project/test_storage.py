"""Projects in storages: which URLs and names are taken, how options are read, and what a mirror does, in memory."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowerpower_tui.errors import ConflictError, InstallationError, InvalidNameError, ProjectError, StorageError
from flowerpower_tui.project.address import is_url, parse
from flowerpower_tui.project.mirror import Mirror
from flowerpower_tui.project.mirrors import idle, url_of, with_urls
from flowerpower_tui.project.options import from_arguments, from_environment
from flowerpower_tui.project.storage import ProjectStorage, open_storage


@pytest.fixture
def storage(state: Path) -> Iterator[ProjectStorage]:
    """A project in this process's memory."""
    opened = open_storage(f"memory://{uuid4().hex}/demo")
    for path, text in {"conf/project.yml": "name: demo\n", "pipelines/a.py": "x = 1\n", "data/d.csv": "1\n"}.items():
        opened.fs.pipe_file(f"{opened.base}/{path}", text.encode())
    yield opened
    opened.fs.rm(opened.base, recursive=True)


@pytest.mark.parametrize(
    "url",
    [
        "s3://bucket/a/../b",
        "s3://bucket/./b",
        "s3://bucket//b",
        "s3://",
        "s3://bucket/a\0b",
        "s3://bucket/a\nb",
        "s3://bucket/a\\b",
        f"s3://bucket/{'x' * 256}",
    ],
)
def test_a_url_with_a_part_that_is_no_folder_is_refused(url: str) -> None:
    with pytest.raises(InvalidNameError):
        parse(url)


@pytest.mark.parametrize(
    "url", ["ftp://host/x", "http://host/x", "github://o:r@/x", "zip://a::s3://b/c.zip", "simplecache::s3://b/c", "x"]
)
def test_only_some_protocols_are_taken_and_no_chains_of_them(url: str) -> None:
    with pytest.raises(ProjectError):
        parse(url)


@pytest.mark.parametrize("name", ["my project", "o'neill & söhne", 'say "hi"', "日本語", "100%", "a#b?c"])
def test_a_url_means_what_it_says(name: str) -> None:
    assert parse(f"S3://bucket/{name}/").parts == ("bucket", name)
    assert str(parse(f"s3://bucket/{name}/")) == f"s3://bucket/{name}"


def test_a_password_in_a_url_is_refused_and_not_repeated() -> None:
    with pytest.raises(ProjectError) as caught:
        parse("sftp://me:hunter2@host/project")
    assert "hunter2" not in str(caught.value)
    assert parse("sftp://me@host/project").parts[0] == "me@host"


def test_paths_of_this_machine_are_no_urls() -> None:
    assert not any(map(is_url, ["here", "/a/b", Path("/a"), "file:///a", "FILE:///a", "C:/x", None]))
    assert all(map(is_url, ["s3://a/b", "memory://a", "weird://a", "zip::file:///a.zip"]))


def test_a_protocol_whose_package_is_not_installed_names_it() -> None:
    with pytest.raises(InstallationError, match="gcsfs") as caught:
        open_storage("gs://bucket/project")
    assert caught.value.hint == "pip install gcsfs"


def test_options_are_read_as_they_are_meant() -> None:
    texts = ["anon=true", "port=2222", "secret=12345", "token=", "a=b=c", "client_kwargs.region_name=eu", "zip=0123"]
    assert from_arguments(texts) == {
        "anon": True,
        "port": 2222,
        "secret": "12345",
        "token": "",
        "a": "b=c",
        "client_kwargs": {"region_name": "eu"},
        "zip": "0123",
    }
    assert from_environment({"FP_TUI_STORAGE_OPTIONS": '{"anon": true}'}) == {"anon": True}
    assert from_environment({}) == {}


@pytest.mark.parametrize("text", ["hunter2", "=hunter2", "a..b=hunter2"])
def test_what_is_no_option_is_told_without_repeating_it(text: str) -> None:
    with pytest.raises(ProjectError) as caught:
        from_arguments([text])
    with pytest.raises(ProjectError) as in_environment:
        from_environment({"FP_TUI_STORAGE_OPTIONS": text})
    assert "hunter2" not in f"{caught.value}{in_environment.value}"


def test_options_that_do_not_fit_are_told_without_their_values() -> None:
    with pytest.raises(StorageError) as caught:
        open_storage("s3://bucket/demo", {"key": "me", "username": "hunter2"})
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("path", ["../x", "conf/../../x", "/etc/passwd", "a//b", "a\0b", "", "."])
def test_no_path_leads_out_of_the_project(storage: ProjectStorage, path: str) -> None:
    with pytest.raises((InvalidNameError, StorageError)):
        storage.read(path)
    if path:
        with pytest.raises(InvalidNameError):
            storage.save(path, b"", None)


def test_a_file_is_written_only_over_what_is_known(storage: ProjectStorage) -> None:
    content, version = storage.read("pipelines/a.py")
    assert content == b"x = 1\n"
    second = storage.save("pipelines/a.py", b"x = 2\n", version)
    with pytest.raises(ConflictError):
        storage.save("pipelines/a.py", b"x = 3\n", version)
    with pytest.raises(ConflictError):
        storage.save("pipelines/a.py", b"x = 3\n", None)
    with pytest.raises(ConflictError):
        storage.remove("pipelines/a.py", version)
    assert storage.read("pipelines/a.py") == (b"x = 2\n", second)
    storage.remove("pipelines/a.py", second)
    storage.remove("pipelines/a.py", second)
    with pytest.raises(ConflictError):
        storage.save("pipelines/a.py", b"x = 3\n", second)


def test_a_mirror_is_what_the_storage_is(storage: ProjectStorage) -> None:
    mirror = Mirror(storage)
    assert mirror.sync() == {"conf/project.yml", "pipelines/a.py", "data/d.csv"}
    assert (mirror.root.name, url_of(mirror.root)) == ("demo", storage.url)
    storage.fs.rm(f"{storage.base}/pipelines/a.py")
    assert mirror.sync() == {"pipelines/a.py"}
    assert (mirror.root / "pipelines").is_dir(), "a project has both of its folders"
    config, made = f"{mirror.root}/conf/project.yml", f"{mirror.root}/output/report.csv"
    assert with_urls(f"{config}:3: see {made}") == f"{storage.url}/conf/project.yml:3: see {made}"
    assert with_urls(f"{config}x {mirror.root}") == f"{config}x {mirror.root}"


def test_what_is_changed_in_a_mirror_is_changed_in_the_storage(storage: ProjectStorage) -> None:
    mirror = Mirror(storage)
    with mirror.changing() as root:
        (root / "pipelines/a.py").rename(root / "pipelines/b.py")
        (root / "conf/project.yml").write_text("name: other\n")
    below = storage.list_below("", most=10)
    assert sorted(entry.path for entry in below.entries) == ["conf/project.yml", "data/d.csv", "pipelines/b.py"]
    assert storage.read("conf/project.yml")[0] == b"name: other\n"
    assert mirror.sync() == frozenset()


def test_work_that_fails_changes_nothing(storage: ProjectStorage) -> None:
    mirror = Mirror(storage)

    def work() -> None:
        with mirror.changing() as root:
            (root / "conf/project.yml").write_text("half of")
            (root / "pipelines/new.py").write_text("")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert storage.read("conf/project.yml")[0] == b"name: demo\n"
    assert (mirror.root / "conf/project.yml").read_text() == "name: demo\n"
    assert not (mirror.root / "pipelines/new.py").exists()


@pytest.mark.parametrize("fails", [False, True])
def test_what_a_run_writes_while_a_project_is_changed_is_the_runs(storage: ProjectStorage, fails: bool) -> None:
    mirror = Mirror(storage)

    with suppress(KeyboardInterrupt), mirror.changing() as root:
        (root / "conf/project.yml").write_text("name: other\n")
        (root / "output").mkdir()
        (root / "output/report.csv").write_text("a,b\n")
        (root / "data/d.csv").unlink()
        if fails:
            raise KeyboardInterrupt

    below = storage.list_below("", most=10)
    assert sorted(entry.path for entry in below.entries) == ["conf/project.yml", "data/d.csv", "pipelines/a.py"]
    assert storage.read("conf/project.yml")[0] == (b"name: demo\n" if fails else b"name: other\n")
    assert (mirror.root / "output/report.csv").read_text() == "a,b\n"


def test_a_project_that_is_gone_leaves_no_folders_that_look_like_one(storage: ProjectStorage) -> None:
    mirror = Mirror(storage)
    mirror.sync()
    for path in ("conf/project.yml", "pipelines/a.py"):
        storage.fs.rm(f"{storage.base}/{path}")
    mirror.sync()
    assert not (mirror.root / "conf").exists()
    assert not (mirror.root / "pipelines").exists()


def test_no_link_that_a_run_made_leads_a_mirror_out_of_itself(storage: ProjectStorage, tmp_path: Path) -> None:
    mirror = Mirror(storage)
    mirror.sync()
    outside = tmp_path / "outside"
    (mirror.root / "data").rename(outside)
    (mirror.root / "data").symlink_to(outside)
    storage.fs.rm(f"{storage.base}/data/d.csv")
    mirror.sync()
    assert (outside / "d.csv").exists()
    storage.fs.pipe_file(f"{storage.base}/data/d.csv", b"2\n")
    with pytest.raises(InvalidNameError, match="Leads out of the project"):
        mirror.sync()
    assert (outside / "d.csv").read_bytes() == b"1\n"


@pytest.mark.parametrize("name", ["lock", "trusted", "mirror.json", "new"])
def test_a_project_may_be_called_what_it_likes(state: Path, name: str) -> None:
    storage = open_storage(f"memory://{uuid4().hex}/{name}")
    storage.fs.pipe_file(f"{storage.base}/pipelines/a.py", b"x = 1\n")
    mirror = Mirror(storage)

    assert mirror.sync() == {"pipelines/a.py"}
    assert not mirror.is_trusted
    with pytest.raises(InvalidNameError, match=f"cannot be called '.{name}'"):
        Mirror.open(f"memory://x/.{name}")
    storage.fs.rm(storage.base, recursive=True)


FULL = """
import resource
from flowerpower_tui.errors import ProjectError
from flowerpower_tui.project.mirror import Mirror
from flowerpower_tui.project.storage import open_storage
storage = open_storage("memory://full/demo")
for path, size in {"conf/project.yml": 10, "pipelines/a.py": 10, "data/d.csv": 100_000}.items():
    storage.fs.pipe_file(f"{storage.base}/{path}", b"#" * size)
mirror = Mirror(storage)
# No file may be larger; for a process it is as if the disk were full.
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, -1))
for _ in range(3):
    try:
        mirror.sync()
    except ProjectError as error:
        print(error.message)
print(sum(path.stat().st_size for path in mirror.root.parent.rglob("*") if path.is_file()))
"""


@pytest.mark.usefixtures("state")
def test_what_cannot_be_fetched_takes_no_room_again_and_again() -> None:
    done = subprocess.run([sys.executable, "-P", "-c", FULL], capture_output=True, text=True, check=True)

    *told, taken = done.stdout.splitlines()
    assert told == ["Cannot be written: File too large."] * 3
    assert int(taken) < 60_000


def test_hidden_files_and_those_of_tools_stay_where_they_are(storage: ProjectStorage) -> None:
    for path in (".git/config", ".env", "pipelines/__pycache__/a.pyc", "conf/.hidden.yml", "node_modules/x.js"):
        storage.fs.pipe_file(f"{storage.base}/{path}", b"x")
    mirror = Mirror(storage)
    assert mirror.sync() == {"conf/project.yml", "pipelines/a.py", "data/d.csv", ".env"}


@given(st.text(st.characters(codec="utf-8"), max_size=20))
def test_whatever_a_folder_is_called_its_address_reads_back_or_is_refused(name: str) -> None:
    try:
        address = parse(f"s3://bucket/{name}")
    except ProjectError:
        return
    assert parse(str(address)) == address
    assert not {"..", ".", ""} & set(address.parts)


def test_an_idle_mirror_lets_go_of_what_was_fetched_and_of_nothing_else(storage: ProjectStorage) -> None:
    mirror = Mirror(storage)
    mirror.sync()
    mirror.trust()
    root = mirror.root
    (root / "data" / "made_here.csv").write_text("by a run")
    (root / "pipelines" / "a.py").write_text("x = 2  # somebody's")

    assert list(idle(time.time() - 60, lambda _: False)) == [], "somebody has just worked with it"
    assert list(idle(time.time() + 60, lambda place: place == root)) == [], "a run goes on there"
    (found,) = idle(time.time() + 60, lambda _: False)
    assert (found.url, found.size) == (mirror.url, len("name: demo\nx = 1\n1\n"))
    found.let_go()

    left = sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    assert left == ["data/made_here.csv", "pipelines/a.py"]
    assert not (root / "conf").exists()
    assert list(idle(time.time() + 60, lambda _: False)) == []
    assert url_of(root) == mirror.url
    assert mirror.is_trusted
    mirror.sync()
    assert (root / "conf" / "project.yml").read_text() == "name: demo\n"
    assert (root / "pipelines" / "a.py").read_text() == "x = 1\n", "the storage has the truth"


def test_letting_go_follows_no_link_out_of_the_mirror(storage: ProjectStorage, tmp_path: Path) -> None:
    mirror = Mirror(storage)
    mirror.sync()
    (mirror.root / "data").rename(tmp_path / "elsewhere")
    (mirror.root / "data").symlink_to(tmp_path / "elsewhere")

    for found in idle(time.time() + 60, lambda _: False):
        found.let_go()

    assert (tmp_path / "elsewhere" / "d.csv").read_text() == "1\n"
