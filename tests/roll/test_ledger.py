"""Only the ledger's own methods change standings; other code reads them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.roll import Ledger

SOURCES = Path(__file__).parents[2] / "src" / "cxone_rollcall"
VIEWS = ("agents", "rows", "absent", "unconfirmed")
BEHIND = {f"_{name}" for name in (*VIEWS, "retracted", "contradicted")}


def called(*agent_ids: str) -> Ledger:
    """A ledger with these agents called."""
    ledger = Ledger()
    ledger.call(*map(Agent, agent_ids))
    return ledger


@pytest.mark.parametrize("view", VIEWS)
def test_standings_are_read_only(view: str) -> None:
    """The mappings of standings cannot be changed from outside."""
    mapping: Any = getattr(called("1"), view)
    with pytest.raises(TypeError):
        mapping["1"] = None
    assert not hasattr(mapping, "pop")


def test_only_the_ledger_touches_its_standings() -> None:
    """No other file uses a field with these names. Its own fields, through `self`, are excepted."""
    found = {
        f"{path.relative_to(SOURCES)}:{node.lineno}"
        for path in SOURCES.rglob("*.py")
        if path != SOURCES / "roll" / "ledger.py"
        for node in _reached_into(path)
    }
    assert found == set()


def _reached_into(path: Path) -> Iterator[ast.Attribute]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Attribute) and node.attr in BEHIND and ast.unparse(node.value) not in ("self", "cls"):
            yield node


def test_an_agent_has_one_standing() -> None:
    """The last verb decides, except that no missing row outweighs a row."""
    ledger = called("1")
    ledger.mark_absent(["1"], 1)
    assert dict(ledger.absent) == {"1": 1}
    ledger.mark_unconfirmed(["1"], 2)
    assert (dict(ledger.absent), dict(ledger.unconfirmed)) == ({}, {"1": 2})
    ledger.mark_absent(["1"], 3)
    assert (dict(ledger.absent), dict(ledger.unconfirmed)) == ({"1": 3}, {})
    ledger.mark_present(AgentState("1", "Busy"), exchange=4)
    ledger.mark_absent(["1"], 5)
    ledger.mark_unconfirmed(["1"], 6)
    assert (set(ledger.rows), dict(ledger.absent), dict(ledger.unconfirmed)) == ({"1"}, {}, {})


def test_an_absence_that_is_doubted_keeps_its_exchange() -> None:
    """A doubted absence keeps its exchange. Without an exchange, only absent agents become unconfirmed."""
    ledger = called("1", "2", "3")
    ledger.mark_absent(["1"], 1)
    ledger.mark_absent(["2"], 2)
    ledger.mark_unconfirmed(ledger.agents)
    assert (dict(ledger.absent), dict(ledger.unconfirmed)) == ({}, {"1": 1, "2": 2})


def test_a_retracted_row_leaves_nothing() -> None:
    """A retracted row leaves its agent without standing. That it had a row stays known."""
    ledger = called("1")
    ledger.mark_present(AgentState("1", "Busy"), exchange=1)
    ledger.retract("1")
    ledger.retract("2")
    assert (dict(ledger.rows), dict(ledger.absent), dict(ledger.unconfirmed)) == ({}, {}, {})
    assert ledger.retracted == {"1"}
