"""Writes the tables of figures. `generate.py` calls it.

A figure is a module's number, or numbers, with a public name in capitals and a docstring.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from itertools import groupby, pairwise
from pathlib import Path

import cxone_rollcall

PACKAGE = Path(cxone_rollcall.__file__).parent
_NAME = re.compile(r"[A-Z][A-Z_]*")


def tables(_: str) -> Iterator[str]:
    """Yield a table for each part of the package."""
    figures = [figure for path in sorted(PACKAGE.rglob("*.py")) for figure in _figures(path)]
    for part, rows in groupby(figures, key=lambda figure: figure[0].partition(".")[0]):
        yield f"## {part}\n\n| figure | value | what it is |\n| --- | --- | --- |"
        yield from (f"| `{name}` | {value} | {about} |" for name, value, about in rows)
        yield ""


def _figures(path: Path) -> Iterator[tuple[str, str, str]]:
    """Yield the name, value and docstring of each figure."""
    module = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
    for statement, following in pairwise(ast.parse(path.read_bytes()).body):
        match statement, following:
            case ast.Assign(targets=[target]), ast.Expr(value=ast.Constant(value=str(about))):
                names = [one.id for one in ast.walk(target) if isinstance(one, ast.Name)]
                if all(map(_NAME.fullmatch, names)):
                    values = [getattr(importlib.import_module(f"cxone_rollcall.{module}"), name) for name in names]
                    if all(map(_is_figure, values)):
                        yield f"{module}.{', '.join(names)}", "; ".join(map(_shown, values)), " ".join(about.split())


def _is_figure(value: object) -> bool:
    """Whether this is a number, or a tuple of numbers."""
    return all(type(one) in (int, float) for one in (value if isinstance(value, tuple) else [value]))


def _shown(value: float | tuple[float, ...]) -> str:
    numbers = value if isinstance(value, tuple) else [value]
    return ", ".join(f"{one:,}".removesuffix(".0") for one in numbers)
