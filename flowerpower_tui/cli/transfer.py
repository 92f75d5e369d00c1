"""`fp-tui import`, `export` and `delete`: pipelines as files that come and go."""

from __future__ import annotations

import argparse
from functools import partial
from typing import TYPE_CHECKING

from flowerpower_tui.cli import console, place
from flowerpower_tui.cli.parser import CommandLine, add_json, add_pipeline

if TYPE_CHECKING:
    from flowerpower_tui.pipeline.transfer import Transfer

_ABOUT = """\
A pipeline is its YAML, its module, and the modules of the project that it imports; its data stays where it is. Files
that are the same on both sides are left alone; a file that is another one stays, unless --overwrite is given."""
_IMPORT_EXAMPLES = {
    "fp-tui import ../shop": "all pipelines of the project there",
    "fp-tui import ../shop sales": "one of them",
}
_EXPORT_EXAMPLES = {
    "fp-tui export ../copy": "all pipelines of this project",
    "fp-tui export s3://bucket/copy sales": "one of them, into a bucket",
}
_KEPT = {2: "a mistake in what was given, or a file was not overwritten"}
_DELETE = "The files are listed, and you are asked. What it has written, and its runs, stay."
_DELETE_EXAMPLES = {
    "fp-tui delete sales": "after asking",
    "fp-tui delete sales --keep-module --yes": "only the YAML, and at once",
}


def add_commands(line: CommandLine) -> None:
    """Add `import`, `export` and `delete`."""
    fetch = line.add(
        "import",
        import_pipelines,
        "copy pipelines from another project into this one",
        about=_ABOUT,
        examples=_IMPORT_EXAMPLES,
        exits=_KEPT,
    )
    fetch.add_argument("source", metavar="FROM", help="the other project")
    send = line.add(
        "export",
        export_pipelines,
        "copy pipelines into another project",
        about=_ABOUT,
        examples=_EXPORT_EXAMPLES,
        exits=_KEPT,
    )
    send.add_argument("target", metavar="TO", help="the other project; made if it is not there")
    for parser in (fetch, send):
        parser.add_argument("pipelines", metavar="PIPELINE", nargs="*", help="default: all of them")
        parser.add_argument("--overwrite", action="store_true", help="write over files that are other ones here")
        add_json(parser)
    delete = line.add(
        "delete",
        delete_pipeline,
        "delete a pipeline: its YAML and its module",
        about=_DELETE,
        examples=_DELETE_EXAMPLES,
        exits={130: "you said no"},
    )
    add_pipeline(delete)
    delete.add_argument("--keep-module", action="store_true", help="delete only the YAML")
    delete.add_argument("-y", "--yes", action="store_true", help="do not ask")


def import_pipelines(arguments: argparse.Namespace) -> int:
    """Copy pipelines from another project."""
    from flowerpower_tui.pipeline.transfer import PipelineIOManager

    manager, names = PipelineIOManager(place.home(arguments)), arguments.pipelines
    copy = partial(manager.import_many, names) if names else manager.import_all
    options = place.storage_options(arguments)
    transfer = copy(arguments.source, src_storage_options=options, overwrite=arguments.overwrite)
    return _tell(transfer, as_json=arguments.json)


def export_pipelines(arguments: argparse.Namespace) -> int:
    """Copy pipelines into another project."""
    from flowerpower_tui.pipeline.transfer import PipelineIOManager

    manager, names = PipelineIOManager(place.home(arguments)), arguments.pipelines
    copy = partial(manager.export_many, names) if names else manager.export_all
    options = place.storage_options(arguments)
    transfer = copy(arguments.target, dest_storage_options=options, overwrite=arguments.overwrite)
    return _tell(transfer, as_json=arguments.json)


def delete_pipeline(arguments: argparse.Namespace) -> int:
    """Delete a pipeline, if that is really meant."""
    from flowerpower_tui.project import removal

    home = place.home(arguments)
    project = home.layout
    files = removal.files_of(project, arguments.pipeline, module=not arguments.keep_module)
    if not files:
        console.say("Nothing to delete: this pipeline has no YAML.")
        return console.Exit.DONE
    if not arguments.yes:
        for path in files:
            console.say(str(path))
        if not console.confirmed(f"Delete {'this file' if len(files) == 1 else f'these {len(files)} files'}?"):
            console.say("Nothing was deleted.")
            return console.Exit.CANCELLED
    with home.changing():
        deleted = removal.delete_pipeline(project, arguments.pipeline, module=not arguments.keep_module)
    for path in deleted:
        console.say(f"deleted {home.shown(path)}")
    return console.Exit.DONE


def _tell(transfer: Transfer, *, as_json: bool) -> int:
    if as_json:
        console.json_document({"copied": transfer.copied, "kept": transfer.kept})
    else:
        for path in transfer.copied:
            console.say(f"copied to {path}")
        for path in transfer.kept:
            console.say(f"{path} is another one, and stays; --overwrite replaces it", "warning")
        if not (transfer.copied or transfer.kept):
            console.say("Everything is there already.")
    return console.Exit.MISTAKE if transfer.kept else console.Exit.DONE
