"""Whether systemd's logind ends everything that somebody has started when they log out, as its files say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

# The first of two files of one name counts: the administrator's before the distribution's.
_FOLDERS = ("etc/systemd", "run/systemd", "usr/local/lib/systemd", "usr/lib/systemd")
_YES = frozenset({"1", "yes", "y", "true", "t", "on"})


def kills_user_processes(user: str, root: Path = Path("/")) -> Path | None:
    """Return the file that has logind end the processes of `user` at the end of their session; None if none does."""
    said: dict[str, tuple[str, Path]] = {"KillUserProcesses": ("no", root), "KillExcludeUsers": ("root", root)}
    for file in _files(root):
        for line in file.read_text("utf-8", "replace").splitlines():
            key, equals, value = map(str.strip, line.partition("="))
            if equals and not line.lstrip().startswith(("#", ";")):
                said[key] = (value, file)
    value, file = said["KillUserProcesses"]
    only, _ = said.get("KillOnlyUsers", ("", root))
    is_meant = user not in said["KillExcludeUsers"][0].split() and (not only or user in only.split())
    return file if value.lower() in _YES and is_meant else None


def _files(root: Path) -> Iterator[Path]:
    """Yield what logind reads, the strongest last: its one file, then the drop-ins by their names."""
    found = (root / folder / "logind.conf" for folder in _FOLDERS)
    yield from [file for file in found if file.is_file()][:1]
    drop_ins: dict[str, Path] = {}
    for folder in _FOLDERS:
        for file in (root / folder / "logind.conf.d").glob("*.conf"):
            drop_ins.setdefault(file.name, file)
    yield from (drop_ins[name] for name in sorted(drop_ins) if drop_ins[name].is_file())
