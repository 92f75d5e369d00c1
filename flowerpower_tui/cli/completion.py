"""`fp-tui completion`: what a shell needs to complete commands, options, and the names of pipelines, nodes and runs."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flowerpower_tui.cli import console
from flowerpower_tui.cli.parser import CommandLine

if TYPE_CHECKING:
    from flowerpower_tui.config.section import Section
    from flowerpower_tui.graph.model import Node

_ABOUT = """\
Save it where the shell looks for it, and open a new shell:

  bash  ~/.local/share/bash-completion/completions/fp-tui
  zsh   _fp-tui in a folder of your fpath, such as ~/.zfunc
  fish  ~/.config/fish/completions/fp-tui.fish"""
_EXAMPLES = {
    "fp-tui completion bash": "print what bash needs",
}

_RUNS = 200

ASKED = "_ARGCOMPLETE"
"""Set by a shell that asks for what could come next."""


def add_commands(line: CommandLine) -> None:
    """Add `completion`."""
    parser = line.add(
        "completion",
        completion,
        "print what a shell needs to complete",
        about=_ABOUT,
        examples=_EXAMPLES,
        takes=(),
    )
    parser.add_argument("shell", metavar="SHELL", choices=("bash", "zsh", "fish"), help="bash, zsh or fish")


def completion(arguments: argparse.Namespace) -> int:
    """Print a shell's code."""
    from argcomplete.shell_integration import shellcode

    console.data(shellcode(["fp-tui"], shell=arguments.shell).rstrip("\n"))
    return console.Exit.DONE


def answer(parser: argparse.ArgumentParser) -> None:
    """Answer a shell that asks for what could come next, and end; return if none asks."""
    if ASKED not in os.environ:
        return
    import argcomplete

    for action in _actions(parser):
        for called in (str(action.metavar), *action.option_strings):
            if completer := _COMPLETERS.get(called):
                action.completer = completer  # type: ignore[attr-defined]
    argcomplete.autocomplete(parser, always_complete_options=False)


def _actions(parser: argparse.ArgumentParser) -> Iterable[argparse.Action]:
    for action in parser._actions:  # noqa: SLF001 - argparse tells of its actions in no other way
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - nor of its subparsers
            for below in action.choices.values():
                yield from _actions(below)
        else:
            yield action


def _quietly(names: Callable[[argparse.Namespace], Iterable[str]]) -> Callable[..., list[str]]:
    """A shell that asks must get no message: where there is nothing to tell, nothing is told."""
    from flowerpower_tui.errors import FlowerPowerError

    def complete(prefix: str, parsed_args: argparse.Namespace, **_: Any) -> list[str]:
        try:
            found = list(names(parsed_args))
        except (FlowerPowerError, OSError):
            return []
        # First the keys, and behind a key its values.
        return [name for name in found if bool(name.partition("=")[2]) == ("=" in prefix)]

    return complete


def _pipelines(arguments: argparse.Namespace) -> Iterable[str]:
    from flowerpower_tui.cli.place import project
    from flowerpower_tui.project.tree import read_project

    return [entry.name for entry in read_project(project(arguments).root).pipelines]


def _runs(arguments: argparse.Namespace) -> Iterable[str]:
    from flowerpower_tui.cli.place import project_or_none
    from flowerpower_tui.runs.store import RunStore

    found = project_or_none(arguments)
    runs = RunStore().runs(str(found.root) if found else None, limit=_RUNS)
    return ["latest", *dict.fromkeys(run.pipeline for run in runs), *(run.id for run in runs)]


def _nodes(arguments: argparse.Namespace) -> Iterable[str]:
    return [node.name for node in _known_nodes(arguments)]


def _inputs(arguments: argparse.Namespace) -> Iterable[str]:
    return [f"{node.name}=" for node in _known_nodes(arguments) if node.role == "input"]


def _known_nodes(arguments: argparse.Namespace) -> Iterable[Node]:
    """The nodes that the pipeline had when it was last looked at: nothing is imported for it."""
    from flowerpower_tui.cli.place import project
    from flowerpower_tui.runs.inspect import cached_graph

    pipeline = getattr(arguments, "pipeline", None)
    known = cached_graph(project(arguments).root, pipeline) if pipeline else None
    return known.graph.nodes if known else ()


def _executors(arguments: argparse.Namespace) -> Iterable[str]:
    from flowerpower_tui.cli.place import project_or_none
    from flowerpower_tui.config.known import executors

    project_or_none(arguments)
    return executors()


def _keys(arguments: argparse.Namespace) -> Iterable[str]:
    """The keys that a configuration file can have, each with its values where they are known."""
    from flowerpower_tui.config.models import PipelineConfig, ProjectConfig

    return _keys_of(ProjectConfig if getattr(arguments, "project_config", False) else PipelineConfig)


def _settings(_: argparse.Namespace) -> Iterable[str]:
    from flowerpower_tui.settings import Settings

    return _keys_of(Settings)


def _keys_of(model: type[Section]) -> Iterable[str]:
    from flowerpower_tui.config.keys import keys_at

    sections: list[tuple[str, ...]] = [()]
    for section in sections:
        for key in keys_at(model, section).values():
            name = ".".join(key.path)
            if key.is_section:
                sections.append(key.path)
            else:
                yield f"{name}="
                yield from (f"{name}={value}" for value in key.values)


def _words_of_set(arguments: argparse.Namespace) -> Iterable[str]:
    named = getattr(arguments, "words", None) or getattr(arguments, "project_config", False)
    return _keys(arguments) if named else _pipelines(arguments)


def _words_of_settings(arguments: argparse.Namespace) -> Iterable[str]:
    return _settings(arguments) if getattr(arguments, "what", "") == "set" else ()


def _without_values(keys: Iterable[str]) -> list[str]:
    return [key.rstrip("=") for key in keys if key.endswith("=")]


# By what arguments are called, or by their option.
_COMPLETERS = {
    "PIPELINE": _quietly(_pipelines),
    "RUN": _quietly(_runs),
    "NODE": _quietly(_nodes),
    "TYPE": _quietly(_executors),
    "--set": _quietly(_keys),
    "KEY": _quietly(lambda arguments: _without_values(_keys(arguments))),
    "SETTING": _quietly(lambda arguments: _without_values(_settings(arguments))),
    "SETTING=VALUE": _quietly(_words_of_settings),
    "NAME=VALUE": _quietly(_inputs),
    "PIPELINE KEY=VALUE": _quietly(_words_of_set),
}
