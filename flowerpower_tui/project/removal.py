"""Taking a pipeline's files away, and nothing else: what it uses may be used by others."""

from __future__ import annotations

from pathlib import Path

from flowerpower_tui.errors import Location, ProjectError
from flowerpower_tui.project.inside import inside
from flowerpower_tui.project.layout import ProjectLayout


def files_of(project: ProjectLayout, name: str, *, config: bool = True, module: bool = True) -> tuple[Path, ...]:
    """Return the files of the pipeline `name`: its module and its YAML, also YAML that a stronger file hides.

    Raises:
        PipelineNotFoundError: there is no such pipeline.
        InvalidNameError: no pipeline can have that name.
    """
    entry = project.find(name)
    files = [entry.module] if module and entry.module is not None else []
    if config:
        files += [path for path in project.pipeline_file_candidates(entry.name) if path.is_file()]
    return tuple(dict.fromkeys(files))


def delete_pipeline(project: ProjectLayout, name: str, *, config: bool = True, module: bool = True) -> tuple[Path, ...]:
    """Delete the files of the pipeline `name`; return which they were.

    Raises:
        PipelineNotFoundError: there is no such pipeline.
        InvalidNameError: no pipeline can have that name.
        ProjectError: a file cannot be deleted; those before it are gone.
    """
    files = files_of(project, name, config=config, module=module)
    for path in files:
        # A link is deleted, and not what it leads to; but its folder has to be the project's.
        inside(project.root, path.parent)
        try:
            path.unlink()
        except OSError as error:
            raise ProjectError(f"Cannot be deleted: {error.strerror}.", location=Location(str(path))) from error
    return files
