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
        with self._home.changing() as home:
            scaffold.new_pipeline(home.root, name, overwrite=overwrite, environ=home.environ)

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
        with self._home.changing() as home:
            removal.delete_pipeline(home.layout, name, config=cfg, module=module)

    def delete(self, name: str, cfg: bool = True, module: bool = False) -> None:
        """Delete the pipeline `name`; see `delete_pipeline`."""
        self.delete_pipeline(name, cfg, module)
