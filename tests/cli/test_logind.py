"""What logind would do at a logout, read from files as systemd reads them."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowerpower_tui.cli.logind import kills_user_processes


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "etc/systemd").mkdir(parents=True)
    (tmp_path / "etc/systemd/logind.conf").write_text("[Login]\n#KillUserProcesses=yes\n")
    return tmp_path


def drop_in(root: Path, folder: str, name: str, text: str) -> Path:
    path = root / folder / "logind.conf.d" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"[Login]\n{text}\n")
    return path


def test_nothing_is_ended_unless_a_file_says_so(root: Path, tmp_path: Path) -> None:
    assert kills_user_processes("me", root) is None
    assert kills_user_processes("me", tmp_path / "nothing") is None


def test_the_file_itself_says_so(root: Path) -> None:
    file = root / "etc/systemd/logind.conf"
    file.write_text("[Login]\nKillUserProcesses = yes\n")
    assert kills_user_processes("me", root) == file


def test_a_drop_in_is_stronger_and_the_last_name_wins(root: Path) -> None:
    drop_in(root, "etc/systemd", "10-off.conf", "KillUserProcesses=no")
    later = drop_in(root, "usr/lib/systemd", "20-on.conf", "KillUserProcesses=true")
    assert kills_user_processes("me", root) == later
    drop_in(root, "run/systemd", "30-off.conf", "KillUserProcesses=0")
    assert kills_user_processes("me", root) is None


def test_a_drop_in_of_the_administrator_hides_that_of_the_distribution(root: Path) -> None:
    drop_in(root, "usr/lib/systemd", "kill.conf", "KillUserProcesses=yes")
    drop_in(root, "etc/systemd", "kill.conf", "; KillUserProcesses=yes")
    assert kills_user_processes("me", root) is None


def test_users_may_be_meant_or_left_out(root: Path) -> None:
    drop_in(root, "etc/systemd", "kill.conf", "KillUserProcesses=yes")
    assert kills_user_processes("root", root) is None
    assert kills_user_processes("me", root)
    drop_in(root, "etc/systemd", "who.conf", "KillOnlyUsers=her him\nKillExcludeUsers=")
    assert kills_user_processes("me", root) is None
    assert kills_user_processes("him", root)
    assert kills_user_processes("root", root) is None
