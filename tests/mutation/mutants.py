"""Mutants: copies of a module with one small mistake each, of the kinds that turn a decision round.

A comparison is flipped or loses its boundary, a sum becomes a difference, `and` becomes `or`, a number, a status or a
word is another one, min is max, a lower bound is an upper one, a value is not returned, a statement is left out.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from tests.mutation.alternatives import alternatives

LONGEST = 50  # characters of an expression in a mutant's name


@dataclass(frozen=True)
class Mutant:
    """One mistake: the name it is known by, whatever the line's number, and the module's source with it.

    `function` is the qualified name of the function whose body is changed, the outermost of nested ones; None where it
    is none: a constant, a field, a default.
    """

    name: str
    function: str | None
    source: str


@dataclass(frozen=True)
class Site:
    """A place in a syntax tree: what stands there, in which function or class, and in which line of the source."""

    parent: ast.AST
    field: str
    index: int | None
    node: ast.AST
    scope: str
    function: str | None
    line: str

    def put(self, node: ast.AST) -> None:
        """Has this node stand there."""
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


def mutants(source: str) -> list[Mutant]:
    """Every mutant of a module, in the order of its source. Two mistakes that read the same are one."""
    tree, names = ast.parse(source), dict[str, int]()
    found: dict[str, Mutant | None] = {ast.unparse(tree): None}
    for site in list(_sites(tree, source.splitlines())):
        for mistake in alternatives(site.node):
            site.put(mistake)
            mutated = ast.unparse(ast.fix_missing_locations(tree))
            site.put(site.node)
            if mutated in found:
                continue
            name = f"{site.scope}: {site.line} [{_shown(site.node)} -> {_shown(mistake)}]"
            names[name] = names.get(name, 0) + 1
            found[mutated] = Mutant(name if names[name] == 1 else f"{name} #{names[name]}", site.function, mutated)
    return [one for one in found.values() if one is not None]


def _sites(tree: ast.Module, lines: list[str]) -> Iterator[Site]:
    """All places that decide something: no annotations, decorators, docstrings, imports or names of types."""

    def below(parent: ast.AST, scope: str, function: str | None, line: str | None) -> Iterator[Site]:
        for field, index, node in _children(parent):
            if _only_describes(parent, field, node):
                continue
            inner, changed = scope, None if isinstance(node, ast.arguments) else function
            if isinstance(node, Named):
                inner = f"{scope}.{node.name}".strip(".")
                changed = function if isinstance(node, ast.ClassDef) else function or inner
            shown = line or lines[getattr(node, "lineno", 1) - 1].strip()
            yield Site(parent, field, index, node, inner or "module", changed, shown)
            # positions inside an f-string differ between versions of Python: they are shown by its first line
            yield from below(node, inner, changed, shown if isinstance(node, ast.JoinedStr) else line)

    yield from below(tree, "", None, None)


Named = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
Branch = (ast.If, ast.IfExp, ast.While)


def _children(parent: ast.AST) -> Iterator[tuple[str, int | None, ast.AST]]:
    for field, value in ast.iter_fields(parent):
        if isinstance(value, ast.AST):
            yield field, None, value
        elif isinstance(value, list):
            yield from ((field, index, one) for index, one in enumerate(value) if isinstance(one, ast.AST))


def _only_describes(parent: ast.AST, field: str, node: ast.AST) -> bool:
    match node:
        case ast.Import() | ast.ImportFrom() | ast.expr_context() | ast.operator() | ast.cmpop() | ast.boolop():
            return True
        case ast.Expr(value=ast.Constant(value=str())):
            return True  # a docstring
        case ast.Assign(targets=[ast.Name(id="__all__")]) | ast.Subscript(value=ast.Name(id="Literal")):
            return True
        case ast.keyword(arg="description"):
            return True
        case ast.Constant() if isinstance(parent, ast.JoinedStr):
            return True  # a piece of a sentence: the sentence as a whole is left out instead
    return field in {"annotation", "returns", "decorator_list", "bases", "format_spec", "type_params"}


def _shown(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "the sentence"
    words = " ".join(ast.unparse(node.test if isinstance(node, Branch) else node).split())
    return words if len(words) <= LONGEST else f"{words[:LONGEST]}..."
