"""What could stand in an expression's or a statement's place by mistake."""

import ast
from collections.abc import Iterator
from copy import copy
from typing import Any

COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
}  # fmt: skip
COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.BitXor: ast.BitAnd,
}  # fmt: skip
SWAPPED = {
    "min": "max", "minimum": "maximum", "argmin": "argmax", "nanmin": "nanmax", "any": "all", "floor": "ceil",
    "lower": "upper", "low": "high", "challenger": "champion", "reference_challenger": "reference_champion",
}  # fmt: skip
SWAPPED |= {there: here for here, there in SWAPPED.items()}
STATUSES = {"pass": "fail", "fail": "pass", "inconclusive": "pass", "error": "pass"}
FINITE = "isfinite"  # a mistake that only the infinite ones see: not NaN


def alternatives(node: ast.AST) -> Iterator[ast.AST]:
    """The mistakes that can be made of one node, none of which changes what is below it."""
    for kind, make in MAKERS.items():
        if isinstance(node, kind):
            yield from make(node)


def _compare(node: ast.Compare) -> Iterator[ast.AST]:
    for place, operator in enumerate(node.ops):
        for other in COMPARED[type(operator)]:
            yield _with(node, ops=[*node.ops[:place], other(), *node.ops[place + 1 :]])


def _computed(node: ast.BinOp | ast.AugAssign) -> Iterator[ast.AST]:
    other = COMPUTED.get(type(node.op))
    if other is not None:
        yield _with(node, op=other())


def _boolean(node: ast.BoolOp) -> Iterator[ast.AST]:
    yield _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())


def _unary(node: ast.UnaryOp) -> Iterator[ast.AST]:
    yield node.operand


def _constant(node: ast.Constant) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
    elif isinstance(value, float):
        yield ast.Constant(value * 2 if value else 1.0)
    elif isinstance(value, str) and value:
        yield ast.Constant(STATUSES.get(value, ""))


def _sentence(_: ast.JoinedStr) -> Iterator[ast.AST]:
    yield ast.Constant("")


def _name(node: ast.Name | ast.Attribute) -> Iterator[ast.AST]:
    key = "id" if isinstance(node, ast.Name) else "attr"
    other = SWAPPED.get(getattr(node, key))
    if other is not None and isinstance(node.ctx, ast.Load):
        yield _with(node, **{key: other})


def _call(node: ast.Call) -> Iterator[ast.AST]:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name) if name == FINITE:
            not_nan = _with(node, func=_with(node.func, **{_key(node.func): "isnan"}))
            yield ast.UnaryOp(ast.Invert() if _is_numpy(node.func) else ast.Not(), not_nan)


def _branch(node: ast.If | ast.IfExp | ast.While) -> Iterator[ast.AST]:
    if not isinstance(node.test, ast.Compare | ast.UnaryOp):  # those are turned round by themselves
        yield _with(node, test=_negated(node.test))


def _comprehension(node: ast.comprehension) -> Iterator[ast.AST]:
    for place in range(len(node.ifs)):
        yield _with(node, ifs=[*node.ifs[:place], *node.ifs[place + 1 :]])


def _return(node: ast.Return) -> Iterator[ast.AST]:
    if node.value is not None:
        yield ast.Return(ast.Constant(None))


def _statement(node: ast.stmt) -> Iterator[ast.AST]:
    yield ast.Pass()


def _loop_end(node: ast.Continue | ast.Break) -> Iterator[ast.AST]:
    yield ast.Break() if isinstance(node, ast.Continue) else ast.Continue()


MAKERS: dict[type[ast.AST] | tuple[type[ast.AST], ...], Any] = {
    ast.Compare: _compare,
    (ast.BinOp, ast.AugAssign): _computed,
    ast.BoolOp: _boolean,
    ast.UnaryOp: _unary,
    ast.Constant: _constant,
    ast.JoinedStr: _sentence,
    (ast.Name, ast.Attribute): _name,
    ast.Call: _call,
    (ast.If, ast.IfExp, ast.While): _branch,
    ast.comprehension: _comprehension,
    ast.Return: _return,
    (ast.Expr, ast.Raise, ast.AugAssign): _statement,
    (ast.Continue, ast.Break): _loop_end,
}


def _negated(condition: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.Not(), condition)


def _is_numpy(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "np"


def _key(function: ast.expr) -> str:
    return "id" if isinstance(function, ast.Name) else "attr"


def _with(node: ast.AST, **fields: Any) -> Any:
    changed = copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed
