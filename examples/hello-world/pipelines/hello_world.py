"""The smallest pipeline there is: two nodes, whose parameters stand in conf/pipelines/hello_world.yml."""

from pathlib import Path

from flowerpower.cfg import Config
from hamilton.function_modifiers import parameterize

PARAMS = Config.load(Path(__file__).parents[1], pipeline_name="hello_world").pipeline.h_params


@parameterize(**PARAMS["greeting"])
def greeting(salutation: str, name: str) -> str:
    """Who is greeted, and how."""
    return f"{salutation}, {name}!"


@parameterize(**PARAMS["banner"])
def banner(greeting: str, width: int) -> str:
    """The greeting, framed; its argument `greeting` is the node above."""
    lines = ["*" * width, f"*{greeting:^{width - 2}}*", "*" * width]
    framed = "\n".join(lines)
    print(framed)
    return framed
