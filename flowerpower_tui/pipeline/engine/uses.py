"""What code uses, read from its byte code and its text: nothing of it is called."""

from __future__ import annotations

import ast
import dis
import functools
import types
from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

Path = tuple[str, ...]
"""A module-level name and the attributes that are taken of it: `helpers.clean` is `("helpers", "clean")`."""

_ATTRIBUTE = frozenset({"LOAD_ATTR", "LOAD_METHOD"})


class Uses(NamedTuple):
    """What a code object uses, and the functions, classes and comprehensions in it.

    Attributes:
        paths: the module-level names, each as far as attributes are taken of it.
        imports: the modules that it imports when it runs.
        names: every name that stands in it: global names, attributes.
        texts: the texts that stand in it.
    """

    paths: tuple[Path, ...]
    imports: tuple[str, ...]
    names: frozenset[str]
    texts: frozenset[str]


@functools.lru_cache(maxsize=4096)
def uses_of(code: types.CodeType) -> Uses:
    """Return what a code object uses."""
    paths: dict[Path, None] = {}
    imports: dict[str, None] = {}
    path: Path = ()
    before: list[Any] = [0, None]  # an import is preceded by its level and what is taken from it
    for instruction in dis.get_instructions(code):
        if path and instruction.opname in _ATTRIBUTE:
            path = (*path, instruction.argval)
            continue
        if path:
            paths[path] = None
            path = ()
        match instruction.opname:
            case "LOAD_GLOBAL" | "LOAD_NAME":
                path = (instruction.argval,)
            case "LOAD_CONST" | "LOAD_SMALL_INT":
                before = [before[-1], instruction.argval]
            case "IMPORT_NAME":
                imports |= dict.fromkeys(_modules(before[0], instruction.argval, before[1] or ()))
    names, texts = set(code.co_names), set(_texts(code.co_consts))
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            inner = uses_of(constant)
            paths |= dict.fromkeys(inner.paths)
            imports |= dict.fromkeys(inner.imports)
            names |= inner.names
            texts |= inner.texts
    return Uses(tuple(paths), tuple(imports), frozenset(names), frozenset(texts))


@functools.lru_cache(maxsize=512)
def imports_of(text: bytes) -> tuple[str, ...]:
    """Return the modules that a module imports; names that it takes from them may be modules too.

    Raises:
        SyntaxError: it is no module.
    """
    return tuple(dict.fromkeys(_imports(ast.parse(text))))


@functools.lru_cache(maxsize=512)
def deeds_of(text: bytes, file: str) -> tuple[str, types.CodeType] | None:
    """Return what a module does when it is imported, beside giving names to values: as text, and compiled.

    None for a module that does nothing. What it does (`numpy.random.seed(1)`, `settings["x"] = 2`) can change what any
    node gives, although no node names it.

    Raises:
        SyntaxError: it is no module.
    """
    body = ast.parse(text).body
    own = frozenset(name for statement in body for name in _names_of_data(statement))
    deeds = [statement for statement in body if _does_something(statement, own)]
    if not deeds:
        return None
    module = ast.Module(deeds, type_ignores=[])
    return ast.unparse(module), compile(module, file, "exec", dont_inherit=True)


def _does_something(statement: ast.stmt, own: Collection[str]) -> bool:
    """Whether a statement changes more than what a name means, or what is in data of the module's `own`."""
    match statement:
        case ast.Expr(ast.Call(ast.Name("print"))) | ast.Expr(ast.Constant()):
            return False
        case ast.Expr(ast.Call(ast.Attribute(value))):
            return _root(value) not in own
        case ast.Expr() | ast.Assert() | ast.Raise():
            return True
        case ast.Assign(targets) | ast.Delete(targets):
            return any(_is_part_of_another(target, own) for target in targets)
        case ast.AugAssign(target) | ast.AnnAssign(target):
            return _is_part_of_another(target, own)
        case ast.If(test) if _is_never_so(test):
            return any(_does_something(inner, own) for inner in statement.orelse)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return False
    return any(_does_something(inner, own) for inner in _inner(statement))


def _is_part_of_another(target: ast.expr, own: Collection[str]) -> bool:
    return isinstance(target, ast.Attribute | ast.Subscript) and _root(target) not in own


def _root(expression: ast.expr) -> str:
    while isinstance(expression, ast.Attribute | ast.Subscript):
        expression = expression.value
    return expression.id if isinstance(expression, ast.Name) else ""


def _names_of_data(statement: ast.stmt) -> list[str]:
    """The names that a statement gives to data, functions and classes, which whoever uses them is known to use."""
    match statement:
        case ast.FunctionDef(name) | ast.ClassDef(name):
            return [name]
        case ast.Assign(targets, ast.List() | ast.Dict() | ast.Set()):
            return [target.id for target in targets if isinstance(target, ast.Name)]
        case ast.AnnAssign(ast.Name(name), value=ast.List() | ast.Dict() | ast.Set()):
            return [name]
    return []


def _inner(statement: ast.stmt) -> Iterator[ast.stmt]:
    """The statements in a compound one, at whatever branch."""
    for field in ("body", "orelse", "finalbody"):
        yield from getattr(statement, field, ())
    for branch in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        yield from branch.body


def _is_never_so(test: ast.expr) -> bool:
    """Whether a condition does not hold where a module is imported."""
    match test:
        case ast.Name("TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return True
        case ast.Compare(ast.Name("__name__"), [ast.Eq()], [ast.Constant("__main__")]):
            return True
    return False


def _texts(constants: Iterable[Any]) -> Iterator[str]:
    for constant in constants:
        if isinstance(constant, str):
            yield constant
        elif isinstance(constant, tuple | frozenset):
            yield from _texts(constant)


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module, names, level):
                yield from _modules(level or 0, module or "", [alias.name for alias in names])


def _modules(level: int, module: str, names: Iterable[str]) -> Iterator[str]:
    """The module that `from … import …` names, and those that the names may be."""
    start = "." * level + module
    yield start
    yield from (f"{start}.{name}" if module else f"{start}{name}" for name in names)
