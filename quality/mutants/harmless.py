"""Mutants that no test needs to notice, with reasons. They are kept in `harmless.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import NamedTuple

from quality.mutants.mutant import Mutant

KEPT = Path(__file__).with_name("harmless.toml")


class Harmless(NamedTuple):
    """A mutant without effect. It is found by its file, its operator, and the lines before and after."""

    file: str
    operator: str
    old: str
    new: str
    reason: str


def load(path: Path = KEPT) -> list[Harmless]:
    """Return the harmless mutants of this file. TypeError if an entry lacks a member."""
    return [Harmless(**entry) for entry in tomllib.loads(path.read_text(encoding="utf-8")).get("harmless", [])]


def reason(mutant: Mutant, known: list[Harmless]) -> str:
    """Return why this mutant is harmless, or "" if it may not be."""
    key = (mutant.file, mutant.operator, mutant.old, mutant.new)
    return next((one.reason for one in known if one[:4] == key), "")


def entry(mutant: Mutant) -> str:
    """Return the lines to paste into the file, without a reason."""
    lines = (f"{name} = {_quoted(getattr(mutant, name))}" for name in ("file", "operator", "old", "new"))
    return "\n".join(["[[harmless]]", *lines, 'reason = ""'])


def _quoted(text: str) -> str:
    return f"'{text}'" if not set(text) & set("'\n") else f"'''\n{text}'''"
