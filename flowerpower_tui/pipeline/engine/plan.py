"""What has to run to compute some variables of a graph, before anything runs. It calls no node."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import CO_COROUTINE, isasyncgenfunction, iscoroutinefunction
from types import MappingProxyType
from typing import Any

from hamilton.graph import FunctionGraph
from hamilton.htypes import Collect
from hamilton.node import Node, NodeType

from flowerpower_tui.errors import GraphError

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(slots=True, eq=False)
class Step:
    """A node that has to run.

    Attributes:
        name: the node's.
        node: Hamilton's.
        call: what gives the value, called by keywords.
        takes: the arguments that are there for it; optional ones that nobody gives are left out.
        expands: whether its value is a sequence of items, each of which goes through a block.
        awaits: whether `call` is a coroutine function, or an asynchronous generator of items, or may hide one.
    """

    name: str
    node: Node
    call: Callable[..., Any]
    takes: tuple[str, ...]
    expands: bool
    awaits: bool


@dataclass(slots=True, eq=False)
class Unit:
    """What becomes ready at once: a step, or the block of steps that each item of a Parallelizable goes through.

    Attributes:
        rank: which goes first where several are ready: the place in the topological order.
        steps: the step; the block's in topological order.
        takes: the values from outside that it needs.
        expander: whose items a block is for; empty for a step.
        gathered: the values of a block that are collected behind it.
        collects: whose items a step gathers; empty for others.
        waits: how many units must be done before it.
        feeds: the units that wait for it.
    """

    rank: int
    steps: tuple[Step, ...]
    takes: tuple[str, ...]
    expander: str = ""
    gathered: tuple[str, ...] = ()
    collects: str = ""
    waits: int = 0
    feeds: list[Unit] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Plan:
    """What has to run.

    Attributes:
        final_vars: what is asked for.
        inputs: the values from outside, without those of the configuration.
        overrides: values for nodes, in the place of what their functions give.
        steps: the nodes that have to run, in topological order.
        units: the steps, those of a Parallelizable block as one.
        given: the values that are there already, for whoever needs them.
        outside: every value from outside, needed or not.
        overridden: nodes whose value is given although a function would compute it.
        spared: nodes that only overridden ones need.
        has_blocks: whether there is a Parallelizable.
    """

    final_vars: tuple[str, ...]
    inputs: Mapping[str, Any]
    overrides: Mapping[str, Any]
    steps: Mapping[str, Step]
    units: tuple[Unit, ...]
    given: Mapping[str, Any]
    outside: Mapping[str, Any]
    overridden: tuple[str, ...] = ()
    spared: tuple[str, ...] = ()
    has_blocks: bool = False

    @property
    def awaits(self) -> bool:
        """Whether any of the steps is a coroutine function."""
        return any(step.awaits for step in self.steps.values())


def make_plan(
    graph: FunctionGraph,
    order: Sequence[str],
    final_vars: Sequence[str],
    inputs: Mapping[str, Any] = _NOTHING,
    overrides: Mapping[str, Any] = _NOTHING,
) -> Plan:
    """Plan how to compute `final_vars`.

    Args:
        graph: Hamilton's.
        order: the names of its nodes in topological order.
        final_vars: what is asked for.
        inputs: the values from outside, without those of the graph's configuration.
        overrides: values for nodes, in the place of what their functions give.

    Raises:
        GraphError: something outside a Parallelizable block needs a value that there is one of for each item.
    """
    nodes = graph.nodes
    outside = {**graph.config, **inputs}
    needed, given = _needed(nodes, final_vars, outside, overrides)
    steps = {name: _step(name, nodes[name], needed) for name in order if name in needed and name not in given}
    expanders = {name for name in needed if nodes[name].node_role is NodeType.EXPAND}
    homes = _homes(steps, expanders, final_vars) if expanders else {}
    functions = [name for name in order if nodes[name].node_role is not NodeType.EXTERNAL] if overrides else []
    wanted = _needed(nodes, final_vars, outside, _NOTHING)[0] if overrides else needed
    return Plan(
        tuple(final_vars),
        dict(inputs),
        dict(overrides),
        steps,
        _units(steps, homes),
        given,
        outside,
        overridden=tuple(name for name in functions if name in given),
        spared=tuple(name for name in functions if name in wanted and name not in needed),
        has_blocks=bool(expanders),
    )


def _needed(
    nodes: Mapping[str, Node], final_vars: Iterable[str], inputs: Mapping[str, Any], overrides: Mapping[str, Any]
) -> tuple[set[str], dict[str, Any]]:
    """The nodes that have a value in this run, and those of the values that are there already."""
    found: set[str] = set()
    given: dict[str, Any] = {}
    waiting = [name for name in final_vars if name in nodes]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        node = nodes[name]
        if name in overrides:
            given[name] = overrides[name]
        elif node.node_role is not NodeType.EXTERNAL:
            waiting += node.input_types
        elif name in inputs:
            given[name] = inputs[name]
        else:
            continue  # an optional one: missing others are told before a plan is made
        found.add(name)
    return found, given


def _step(name: str, node: Node, needed: set[str]) -> Step:
    call = node.callable
    takes = node.input_types
    if not needed.issuperset(takes):
        takes = [argument for argument in takes if argument in needed]
    expands = node.node_role is NodeType.EXPAND
    # Hamilton's decorators may put an ordinary function around what the user wrote.
    awaits = _awaits(call) or any(map(_awaits, (node.originating_functions or ())[:1]))
    return Step(name, node, call, tuple(takes), expands, awaits or (expands and isasyncgenfunction(call)))


def _awaits(call: Callable[..., Any]) -> bool:
    code = getattr(call, "__code__", None)  # what most are; asking `inspect` takes ten times as long
    return bool(code.co_flags & CO_COROUTINE) if code else iscoroutinefunction(call)


def _homes(steps: Mapping[str, Step], expanders: set[str], final_vars: Iterable[str]) -> dict[str, str]:
    """For each step that runs once an item the Parallelizable whose items those are."""
    homes: dict[str, str] = {}
    for name, step in steps.items():
        collects = _collected(step)
        inside = {homes.get(source, source) for source in step.takes if source in homes or source in expanders}
        inside -= {homes.get(source, source) for source in collects}
        if not inside:
            continue
        if collects or step.expands or len(inside) > 1:
            raise GraphError(f"'{name}' stands in more than one Parallelizable block: {', '.join(sorted(inside))}.")
        homes[name] = inside.pop()
    for name in final_vars:
        if name in homes:
            raise GraphError(f"'{name}' is computed for each item of '{homes[name]}', and no Collect gathers it.")
    return homes


def _collected(step: Step) -> list[str]:
    if step.node.node_role is not NodeType.COLLECT:
        return []
    types = step.node.input_types
    return [name for name in step.takes if typing.get_origin(types[name][0]) is Collect]


def _units(steps: Mapping[str, Step], homes: Mapping[str, str]) -> tuple[Unit, ...]:
    """Group the steps, which come in topological order, and tell each group who waits for it."""
    makers: dict[str, Unit] = {}
    if not homes:
        for rank, (name, step) in enumerate(steps.items()):
            makers[name] = unit = Unit(rank, (step,), step.takes)
            for source in step.takes:
                if (maker := makers.get(source)) is not None:
                    maker.feeds.append(unit)
                    unit.waits += 1
        return tuple(makers.values())
    blocks: dict[str, dict[str, Step]] = {}
    for name, expander in homes.items():
        blocks.setdefault(expander, {})[name] = steps[name]
    for rank, (name, step) in enumerate(steps.items()):
        if name not in homes:
            collected = _collected(step)
            collects = homes.get(collected[0], collected[0]) if collected else ""
            makers[name] = Unit(rank, (step,), step.takes, collects=collects)
        elif name not in makers:
            block = blocks[homes[name]]
            makers |= dict.fromkeys(block, _block(rank, homes[name], block, steps))
    units = tuple(dict.fromkeys(makers.values()))
    for unit in units:
        # A block makes more than one value, and may need something that comes behind its first step.
        before = {makers[name]: None for name in unit.takes if name in makers}
        unit.waits = len(before)
        for maker in before:
            maker.feeds.append(unit)
    return units


def _block(rank: int, expander: str, block: Mapping[str, Step], steps: Mapping[str, Step]) -> Unit:
    takes = dict.fromkeys(name for step in block.values() for name in step.takes if name not in block)
    gathered = dict.fromkeys(name for step in steps.values() for name in _collected(step) if name in block)
    return Unit(rank, tuple(block.values()), tuple(takes), expander, tuple(gathered))
