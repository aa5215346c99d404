"""A mutant is a source file with one change. A sample of them is drawn by a seed."""

from __future__ import annotations

import difflib
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from quality.mutants.operators import OPERATORS

KEPT = (cst.Annotation, cst.Decorator, cst.Import, cst.ImportFrom, cst.Assert)
"""Code for type checkers, and code without which nothing starts."""


SMALLEST_CHOICE = 10


@dataclass(frozen=True, slots=True)
class Mutant:
    """A file with one change. It has its path below the root, the operator's name, and the text before and after."""

    file: str
    operator: str
    before: str
    after: str

    @property
    def diff(self) -> str:
        """The change as a unified diff."""
        lines = self.before.splitlines(), self.after.splitlines()
        return "\n".join(difflib.unified_diff(*lines, self.file, self.file, lineterm="", n=2))

    @property
    def lines(self) -> list[int]:
        """The numbers of the lines that the change removes."""
        lines = self.before.splitlines(), self.after.splitlines()
        parts = difflib.SequenceMatcher(None, *lines, autojunk=False).get_opcodes()
        return [line + 1 for kind, first, end, _, _ in parts if kind != "equal" for line in range(first, end)]

    @property
    def old(self) -> str:
        """The lines that the change removes, without indentation."""
        return self._lines("-")

    @property
    def new(self) -> str:
        """The lines that the change adds, without indentation."""
        return self._lines("+")

    def _lines(self, sign: str) -> str:
        return "\n".join(line[1:].strip() for line in self.diff.splitlines()[2:] if line.startswith(sign))


@dataclass(frozen=True, slots=True)
class Change:
    """One node of a file and what an operator replaces it by."""

    file: str
    line: int
    operator: str
    module: cst.Module
    node: cst.CSTNode
    becomes: cst.CSTNode

    def mutant(self) -> Mutant | None:
        """Return the file with the change, or None. None is for invalid Python, or no change."""
        changed = self.module.deep_replace(self.node, self.becomes)
        before, after = self.module.code, changed.code if isinstance(changed, cst.Module) else ""
        try:
            compile(after, self.file, "exec")
        except SyntaxError:
            return None
        return Mutant(self.file, self.operator, before, after) if before != after else None


def changes(root: Path, file: str) -> list[Change]:
    """Return each change of a file, given by its path below `root`."""
    wrapper = MetadataWrapper(cst.parse_module((root / file).read_text(encoding="utf-8")))
    visitor = _Visitor(file, wrapper.module)
    wrapper.visit(visitor)
    return visitor.found


def sample(root: Path, files: Sequence[str], number: int, seed: int) -> Iterator[Mutant]:
    """Yield up to `number` mutants of these files, each of another line.

    Lines are drawn first, so that a line with a long call counts no more than one with a comparison.
    """
    by_line: dict[tuple[str, int], list[Change]] = defaultdict(list)
    for file in files:
        for change in changes(root, file):
            by_line[file, change.line].append(change)
    rng = random.Random(seed)  # noqa: S311
    lines = sorted(by_line)
    rng.shuffle(lines)
    for line in lines:
        if number and (mutant := rng.choice(by_line[line]).mutant()):
            number -= 1
            yield mutant


class _Visitor(cst.CSTVisitor):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, file: str, module: cst.Module) -> None:
        super().__init__()
        self.file, self.module = file, module
        self.of_classes: set[cst.Arg] = set()
        self.choices: set[cst.BaseNumber] = set()
        self.found: list[Change] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, KEPT) or _has_no_effect(node) or node in self.of_classes or node in self.choices:
            return False
        if isinstance(node, cst.Module):
            self.choices.update(_large_constants(node))
        if isinstance(node, cst.ClassDef):
            self.of_classes.update(node.keywords)  # how its values are made: type checkers know
        for operator in OPERATORS:
            if isinstance(node, operator.applies_to):
                line = self.get_metadata(PositionProvider, node).start.line
                self.found += [
                    Change(self.file, line, operator.name, self.module, node, becomes)
                    for becomes in operator.change(node)
                ]
        return True


def _large_constants(module: cst.Module) -> Iterator[cst.BaseNumber]:
    """Yield the numbers from ten on that are a module's constants. One more is as good a choice."""
    for line in module.body:
        for statement in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            value = statement.value if isinstance(statement, cst.Assign | cst.AnnAssign) else None
            if isinstance(value, cst.Integer | cst.Float) and value.evaluated_value >= SMALLEST_CHOICE:
                yield value


def _has_no_effect(node: cst.CSTNode) -> bool:
    """Whether code is only for type checkers, or lists public names."""
    if isinstance(node, cst.If):
        return isinstance(node.test, cst.Name) and node.test.value == "TYPE_CHECKING"
    if isinstance(node, cst.Assign):
        return any(isinstance(one.target, cst.Name) and one.target.value == "__all__" for one in node.targets)
    called = node.func if isinstance(node, cst.Call) else None
    return isinstance(called, cst.Name) and called.value in ("TypeVar", "ParamSpec", "cast")
