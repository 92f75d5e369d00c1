"""From a pipeline that is ready to run to what the values of its nodes are made of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flowerpower_tui.graph.model import Node
from flowerpower_tui.pipeline.build import Pipeline
from flowerpower_tui.pipeline.engine.fingerprint import Fingerprinter
from flowerpower_tui.pipeline.ingredients import Code, Ingredients
from flowerpower_tui.project.hooks import HookType, hook_files

_SETTINGS = (
    *("pipeline.params.", "pipeline.run.inputs.", "pipeline.run.config."),
    *("pipeline.io.inputs.", "pipeline.io.outputs."),
)
_BEFORE_RUN = HookType.BEFORE_RUN.function.encode()


def weigh(root: Path, pipeline: Pipeline, inputs: Mapping[str, Any] | None = None) -> Ingredients:
    """Return what a pipeline's values are made of, right after its modules were imported: nodes may change them.

    Args:
        root: the project's folder, as files below it have it.
        pipeline: the pipeline.
        inputs: those of its configuration, before hooks changed them; None if none did.
    """
    prints = Fingerprinter(root, pipeline.sources)
    # As they are written: a run turns values of the configuration into what the nodes take.
    run = pipeline.config.pipeline.run
    given = {**run.config, **(run.inputs if inputs is None else inputs)}
    nodes: dict[str, Code] = {}
    for node in pipeline.graph.nodes:
        if node.role != "input":
            nodes[node.name] = _code(prints, pipeline.dag.graph.nodes[node.name])
        elif node.name in given:
            nodes[node.name] = _given(prints, node, given[node.name])
    return Ingredients(
        nodes,
        {_name(file, root): _short(text) for file, text in pipeline.sources.items()},
        {
            entry.key.removeprefix("pipeline."): _short(json.dumps(entry.value, default=str).encode())
            for entry in pipeline.config.entries
            if entry.key.startswith(_SETTINGS)
        },
        _hooks(root / pipeline.config.project.hooks_dir, pipeline.config.pipeline.name or ""),
    )


def _code(prints: Fingerprinter, node: Any) -> Code:
    try:
        return prints.code(node)
    except Exception:  # noqa: BLE001 - users' values may do anything when they are looked at; then there is no telling
        return Code()


def _given(prints: Fingerprinter, node: Node, value: Any) -> Code:
    try:
        # A value from YAML becomes what the node's type says.
        return Code(_short(f"{node.type} {prints.of_value(value)[0]}".encode()))
    except Exception:  # noqa: BLE001 - the same
        return Code()


def _hooks(folder: Path, pipeline: str) -> str:
    texts = [path.read_bytes() for path in hook_files(folder, pipeline)]
    return _short(b"\0".join(texts)) if any(_BEFORE_RUN in text for text in texts) else ""


def _name(file: str, root: Path) -> str:
    return str(Path(file).relative_to(root)) if Path(file).is_relative_to(root) else file


def _short(text: bytes) -> str:
    return hashlib.blake2b(text, digest_size=8).hexdigest()
