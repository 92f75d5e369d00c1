"""What a node's value is made of, as data: code and given values, by their fingerprints. It imports no Hamilton."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

Kind = Literal["code", "helper", "class", "constant", "module", "statements", "library", "variable"]
"""A part of code: the node's own function; a function, class or value of a module that it uses; a module as a whole;
what a module does when it is imported; a library, by its version; a variable of the environment."""


class Part(msgspec.Struct, frozen=True, array_like=True):
    """A part of the code of a node.

    Attributes:
        kind: what it is.
        module: the dotted name of the module that it stands in; empty where that says nothing.
        name: its name there.
        print: its fingerprint, without the parts that it uses itself.
    """

    kind: Kind
    module: str
    name: str
    print: str


class Code(msgspec.Struct, frozen=True, omit_defaults=True):
    """The code of a node, or the value that is given in its place.

    Attributes:
        print: the fingerprint of all that can change what it gives; empty if there is no telling.
        parts: what it consists of: they say why two prints differ, and differ no more often than those.
        looks_outside: whether it names what reads or writes files, networks, clocks or chance: the same code may give
            another result.
    """

    print: str = ""
    parts: tuple[Part, ...] = ()
    looks_outside: bool = False


class Ingredients(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the values of a graph are made of.

    Attributes:
        nodes: the code of each function, and each input that is given.
        files: fingerprints of the project's modules, by their paths relative to the project.
        settings: fingerprints of parameters, inputs and configuration, by their dotted paths.
        hooks: a fingerprint of the hooks that may change the inputs; empty if there are none.
    """

    nodes: Mapping[str, Code] = {}
    files: Mapping[str, str] = {}
    settings: Mapping[str, str] = {}
    hooks: str = ""
