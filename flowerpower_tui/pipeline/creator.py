"""Making and deleting pipelines from Python."""

from __future__ import annotations

from flowerpower_tui.pipeline.home import ProjectHome
from flowerpower_tui.project import removal, scaffold


class PipelineCreator:
    """Makes and deletes the pipelines of a project.

    Args:
        home: the project.
    """

    def __init__(self, home: ProjectHome) -> None:
        self._home = home

    def create_pipeline(self, name: str, overwrite: bool = False) -> None:
        """Make the pipeline `name`: a module and a YAML file that run at once.

        Args:
            name: what it is called.
            overwrite: first delete the pipeline of that name.

        Raises:
            AlreadyThereError: there is one; a ValueError.
            InvalidNameError: no pipeline can have that name.
            ProjectError: its files cannot be made.
        """
        scaffold.new_pipeline(self._home.root, name, overwrite=overwrite, environ=self._home.environ)

    def new(self, name: str, overwrite: bool = False) -> None:
        """Make the pipeline `name`; see `create_pipeline`."""
        self.create_pipeline(name, overwrite)

    def delete_pipeline(self, name: str, cfg: bool = True, module: bool = False) -> None:
        """Delete the pipeline `name`.

        Args:
            name: the pipeline.
            cfg: delete its YAML.
            module: delete its module.

        Raises:
            PipelineNotFoundError: there is no such pipeline.
            ProjectError: a file cannot be deleted.
        """
        removal.delete_pipeline(self._home.layout, name, config=cfg, module=module)

    def delete(self, name: str, cfg: bool = True, module: bool = False) -> None:
        """Delete the pipeline `name`; see `delete_pipeline`."""
        self.delete_pipeline(name, cfg, module)
