"""Where a project is, as text: a path of this machine, or a URL of one of the storages that projects may lie in."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Any

from flowerpower_tui.errors import InvalidNameError, ProjectError

PACKAGES = {
    "memory": "",
    "s3": "s3fs",
    "s3a": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "az": "adlfs",
    "abfs": "adlfs",
    "abfss": "adlfs",
    "sftp": "paramiko",
    "ssh": "paramiko",
}
"""The protocols that projects are opened by, each with the package that speaks it beside fsspec."""

_LOCAL = ("file", "local")
_URL = re.compile(r"(?P<protocol>[A-Za-z][A-Za-z0-9+.-]*)://(?P<rest>.*)", re.DOTALL)
_LONGEST_PART = 255


@dataclass(frozen=True)
class Address:
    """A URL that a project may lie at.

    Attributes:
        protocol: one of `PACKAGES`.
        parts: the bucket, container or host, and the folders.
    """

    protocol: str
    parts: tuple[str, ...]

    @property
    def name(self) -> str:
        """What the project's folder is called."""
        return self.parts[-1]

    def __str__(self) -> str:
        return f"{self.protocol}://{'/'.join(self.parts)}"


def is_url(place: Any) -> bool:
    """Return whether `place`, text or a path, means a storage other than this machine's disks."""
    text = os.fspath(place) if isinstance(place, str | os.PathLike) else ""
    match = _URL.match(text)
    return "::" in text or bool(match and match["protocol"].lower() not in _LOCAL)


def parse(url: str) -> Address:
    """Read the URL of a project.

    Raises:
        InvalidNameError: a part of it cannot be the name of a folder, or leads out of another.
        ProjectError: projects are not opened by its protocol, or it chains several.
    """
    if "::" in url:
        raise ProjectError("A project's URL names one storage; '::' chains several.", hint="As in s3://bucket/project")
    match = _URL.match(url)
    protocol = match["protocol"].lower() if match else ""
    if match is None or protocol not in PACKAGES:
        raise ProjectError(
            f"Projects are not opened by '{protocol}://'.", hint=f"These can be: {', '.join((*PACKAGES, 'file'))}."
        )
    parts = tuple(match["rest"].strip("/").split("/"))
    user, at, _ = parts[0].rpartition("@")
    if at and ":" in user:
        # Not repeated here: URLs are shown, and stored with runs.
        raise ProjectError(
            f"The {protocol}:// URL has a password in it.",
            hint="Give it by --storage-option password=…, or by FP_TUI_STORAGE_OPTIONS.",
        )
    for part in parts:
        if not is_name(part):
            raise InvalidNameError(
                f"'{url}' is no place for a project: '{part}' is no folder's name.", hint="As in s3://bucket/project"
            )
    return Address(protocol, parts)


def is_name(part: str) -> bool:
    """Return whether a file or folder can be called that here, and is in the folder that it seems to be in."""
    # What is no UTF-8 (a lone surrogate) is a name on some disks, and in no storage.
    encoded = part.encode("utf-8", "replace")
    return (
        part not in ("", ".", "..")
        and not any(ord(letter) < 32 or ord(letter) == 127 for letter in part)
        and len(encoded) <= _LONGEST_PART
        and "\\" not in part
    )
