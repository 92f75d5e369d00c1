"""Files are saved whole, keep what they are, and are never written over what somebody else wrote."""

from __future__ import annotations

import errno
import os
import random
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowerpower_tui.errors import ChangedOnDiskError, OutputError
from flowerpower_tui.project import saving
from flowerpower_tui.project.saving import fingerprint, save


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a file.yml"
    path.write_bytes(b"old\n")
    return path


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KB."""
    place = tmp_path / "disk"
    place.mkdir()
    options = ["-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", str(place)]
    if os.geteuid() or not shutil.which("mount") or subprocess.run(["mount", *options], capture_output=True).returncode:
        pytest.skip("only who may mount can make a small file system")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def only(path: Path) -> bool:
    return [found.name for found in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("expected", [b"old\n", fingerprint(b"old\n")])
def test_a_file_is_replaced(file: Path, expected: bytes | str) -> None:
    save(file, b"new\n", expected)
    assert file.read_bytes() == b"new\n"
    assert only(file)


def test_its_mode_stays(file: Path) -> None:
    file.chmod(0o751)
    save(file, b"new\n", b"old\n")
    assert stat.S_IMODE(file.stat().st_mode) == 0o751


def test_a_new_file_has_the_mode_of_new_files(tmp_path: Path) -> None:
    save(tmp_path / "new", b"new\n", None)
    (tmp_path / "other").touch()
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_link_leads_where_it_led(file: Path, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    link = tmp_path / "folder/link.yml"
    link.symlink_to("../a file.yml")
    save(link, b"new\n", b"old\n")
    assert link.readlink() == Path("../a file.yml")
    assert file.read_bytes() == b"new\n"


def test_what_somebody_else_wrote_stays_and_is_told(file: Path) -> None:
    with pytest.raises(ChangedOnDiskError, match="changed by another program") as caught:
        save(file, b"new\n", b"older\n")
    assert caught.value.current == b"old\n"
    assert file.read_bytes() == b"old\n"
    assert only(file)


def test_a_file_that_is_gone_is_told(file: Path) -> None:
    file.unlink()
    with pytest.raises(ChangedOnDiskError, match="was deleted") as caught:
        save(file, b"new\n", b"old\n")
    assert caught.value.current is None
    assert not file.exists()


def test_a_file_that_came_meanwhile_is_not_written_over(file: Path) -> None:
    with pytest.raises(ChangedOnDiskError) as caught:
        save(file, b"new\n", None)
    assert caught.value.current == b"old\n"


@pytest.mark.parametrize("exchanges", [True, False])
def test_what_is_written_between_the_look_and_the_exchange_is_not_lost(
    file: Path, monkeypatch: pytest.MonkeyPatch, exchanges: bool
) -> None:
    real = saving._exchange()

    def late(one: Path, other: Path) -> None:
        file.write_bytes(b"theirs\n")
        monkeypatch.setattr(saving, "_exchange", lambda: real)
        if real is None or not exchanges:
            raise OSError(errno.EINVAL, "no exchange here")
        real(one, other)

    monkeypatch.setattr(saving, "_exchange", lambda: late)
    with pytest.raises(ChangedOnDiskError) as caught:
        save(file, b"new\n", b"old\n")
    assert caught.value.current == b"theirs\n"
    assert file.read_bytes() == b"theirs\n"
    assert only(file)


def test_without_an_exchange_a_file_is_replaced_all_the_same(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "_exchange", lambda: None)
    save(file, b"new\n", b"old\n")
    assert file.read_bytes() == b"new\n"


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP])
def test_where_the_file_system_knows_no_exchange_a_file_is_replaced_all_the_same(
    file: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(_: Path, __: Path) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(saving, "_exchange", lambda: refuse)
    with pytest.raises(ChangedOnDiskError):
        save(file, b"new\n", b"another\n")
    save(file, b"new\n", b"old\n")
    assert file.read_bytes() == b"new\n"
    assert only(file)


def test_a_read_only_file_stays(file: Path) -> None:
    file.chmod(0o444)
    with pytest.raises(OutputError, match="the file is read-only"):
        save(file, b"new\n", b"old\n")
    assert file.read_bytes() == b"old\n"


def test_a_link_in_a_circle_is_told(tmp_path: Path) -> None:
    (tmp_path / "circle").symlink_to("circle")
    with pytest.raises(OutputError, match="symbolic links"):
        save(tmp_path / "circle", b"new\n", None)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no ordinary file"):
        save(tmp_path, b"new\n", None)


def test_a_full_disk_keeps_the_old_file_whole(small_disk: Path) -> None:
    file = small_disk / "file"
    file.write_bytes(b"old\n")
    with pytest.raises(OutputError, match="No space left on device"):
        save(file, b"x" * 100_000, b"old\n")
    assert file.read_bytes() == b"old\n"
    assert only(file)


# Writes without a look, as git does, and then watches: what comes after its text must be made of its text.
_OTHER = """
import os, sys, time
path, rounds = sys.argv[1], int(sys.argv[2])

def content():
    with open(path) as file:
        return file.read()

for number in range(rounds):
    mine = f"theirs {number};"
    with open(path + ".other", "w") as file:
        file.write(mine)
    os.replace(path + ".other", path)
    deadline = time.monotonic() + 20
    while not (found := content()).startswith(mine) or found == mine:
        if time.monotonic() > deadline:
            sys.exit(f"{mine} is lost: {found}")
print("nothing is lost")
"""


def test_of_two_writers_no_text_is_lost_silently(file: Path) -> None:
    ours = conflicts = 0
    file.write_bytes(b"")
    command = [sys.executable, "-I", "-S", "-c", _OTHER, str(file), "200"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as other:
        while other.poll() is None:
            seen = file.read_bytes()
            if seen.startswith(b"theirs") and b"ours" not in seen:
                # So that the other one is often faster.
                time.sleep(random.random() / 500)
                mine = seen + f"ours {ours}".encode()
            else:
                mine = seen.partition(b"ours")[0] + f"ours again {ours}".encode()
            try:
                save(file, mine, seen)
                ours += 1
            except ChangedOnDiskError:
                conflicts += 1
        out, err = other.communicate()
    assert (out, err) == ("nothing is lost\n", "")
    assert ours >= 200
    assert conflicts > 0
