"""The kinds of change: those of mutmut, and some of our own.

mutmut changes names, numbers, operators, keywords, arguments and assignments. Its runner is not used: it leaves out
properties and constants, and needs its own copy of the tests' settings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import libcst as cst
from mutmut.mutation.mutators import mutation_operators, operator_if_exp


class Operator(NamedTuple):
    """A kind of change: its name, its nodes, and their replacements. Nodes are of one type."""

    name: str
    applies_to: type[Any]
    change: Callable[[Any], Iterable[cst.CSTNode]]


def _string(node: cst.SimpleString) -> Iterator[cst.CSTNode]:
    """Yield another word. Sentences are left alone: tests do not repeat them."""
    value = node.evaluated_value
    if isinstance(value, bytes):
        yield cst.SimpleString(repr(b"XX" + value + b"XX"))
    elif len(value.split()) < 2:
        yield cst.SimpleString(repr(f"XX{value}XX"))


def _call_removed(node: cst.Expr) -> Iterator[cst.CSTNode]:
    """Yield nothing instead of a call whose result is not used."""
    value = node.value.expression if isinstance(node.value, cst.Await) else node.value
    if isinstance(value, cst.Call):
        yield cst.Pass()


OPERATORS: tuple[Operator, ...] = (
    *(
        Operator(change.__name__.removeprefix("operator_"), applies_to, change)
        for applies_to, change in mutation_operators
        if applies_to is not cst.BaseString
    ),
    Operator("string", cst.SimpleString, _string),
    Operator("condition", cst.If, operator_if_exp),
    Operator("filter", cst.CompIf, operator_if_exp),
    Operator("call_removed", cst.Expr, _call_removed),
)
