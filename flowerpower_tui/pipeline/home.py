"""Where a manager works: one project, and the environment that its configuration is read with."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flowerpower_tui.errors import NoProjectError, ProjectError
from flowerpower_tui.project.layout import ProjectLayout


@dataclass(frozen=True)
class ProjectHome:
    """A project as a manager and its parts see it.

    Attributes:
        root: its folder.
        folders: variables that name its folders, where they are not those of the environment.
    """

    root: Path
    folders: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        base_dir: str | os.PathLike[str] | None = None,
        cfg_dir: str | None = None,
        pipelines_dir: str | None = None,
    ) -> ProjectHome:
        """Return the home of the project at `base_dir`, the working directory without one; it need not exist.

        Raises:
            ProjectError: `base_dir` is not on this machine's disks.
        """
        named = {"FP_CONFIG_DIR": cfg_dir, "FP_PIPELINES_DIR": pipelines_dir}
        return cls(
            local_folder(base_dir), {variable: folder for variable, folder in named.items() if folder is not None}
        )

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment of this process, with the project's own folders."""
        return {**os.environ, **self.folders}

    @property
    def layout(self) -> ProjectLayout:
        """Where the project's files lie now."""
        return ProjectLayout.of(self.root, self.environ)

    def check(self) -> None:
        """Make sure that there is a project.

        Raises:
            NoProjectError: there is none.
        """
        layout = self.layout
        if not layout.exists:
            folders = f"{layout.config_dir or '.'}/ and {layout.pipelines_dir or '.'}/"
            raise NoProjectError(
                f"There is no project at '{self.root}': it would have {folders}.",
                hint="Check the path, or make a project there: fp-tui init PATH",
            )


def local_folder(base_dir: Any) -> Path:
    """Return the absolute path of a folder that is given as text, as a path or as a `file://` URL.

    Raises:
        ProjectError: it is a URL of something else.
    """
    text = os.fspath(base_dir or ".").removeprefix("file://")
    protocol, separator, _ = text.partition("://")
    if separator:
        raise ProjectError(
            f"Projects on '{protocol}' cannot be opened yet.", hint="Copy the project to a local folder."
        )
    return Path(text).expanduser().absolute()
