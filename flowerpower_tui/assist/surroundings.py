"""What a configuration file is read among: the variables, the pipeline's graph and modules."""

from __future__ import annotations

from dataclasses import dataclass, field

from flowerpower_tui.config.environment import Environment
from flowerpower_tui.graph.model import Graph


@dataclass(frozen=True)
class Surroundings:
    """What a configuration file is read among; what is not known is not looked at.

    Attributes:
        environment: the variables, as `config.resolve.environment_of` gives them.
        pipeline: what the pipeline is run by; empty if that is not known.
        graph: the pipeline's DAG; None if there is none.
        sources: the texts of the pipeline's modules; empty if they are not at hand.
        modules: names of the project's modules.
    """

    environment: Environment = field(default_factory=lambda: Environment({}))
    pipeline: str = ""
    graph: Graph | None = None
    sources: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
