"""Only the ledger's own methods change standings; other code reads them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.roll.calling import CREDENTIALS
from tests.roll.servers import tenant

from cxone_rollcall.client import Client
from cxone_rollcall.contracts.v2 import V2
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.observations.roster import Irregular, RosterRead
from cxone_rollcall.model.observations.states import StatesSeen
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import replace
from cxone_rollcall.model.token import Token
from cxone_rollcall.roll import Ledger
from cxone_rollcall.roll.ledger import Deviations, granted

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
    text = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(text)) if any(f".{name}" in text for name in BEHIND) else ():
        if isinstance(node, ast.Attribute) and node.attr in BEHIND and ast.unparse(node.value) not in ("self", "cls"):
            yield node


def test_irregular_responses_are_counted() -> None:
    """Irregular responses are counted by kind and data. The first of each is kept."""
    noted = Deviations()
    for exchange, found_at in enumerate(("/items", "/data", None), 5):
        noted.note("roster", exchange, found_at=found_at, no_content=False)
        noted.note("states", exchange + 10, found_at=None, no_content=exchange > 5)
    assert noted.elsewhere == {"roster": Irregular(5, "/items", 2)}
    assert noted.no_content == {"states": Irregular(16, "", 2)}
    assert noted.places == {5: "/items", 6: "/data"}


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


def test_a_withdrawn_agent_is_not_called() -> None:
    """An agent that is not on the roster after all is withdrawn. One that was never called changes nothing."""
    ledger = called("1", "2")
    ledger.withdraw("2")
    ledger.withdraw("3")
    assert list(ledger.agents) == ["1"]


def test_a_retracted_row_leaves_nothing() -> None:
    """A retracted row leaves its agent without standing. That it had a row stays known."""
    ledger = called("1")
    ledger.mark_present(AgentState("1", "Busy"), exchange=1)
    ledger.retract("1")
    ledger.retract("2")
    assert (dict(ledger.rows), dict(ledger.absent), dict(ledger.unconfirmed)) == ({}, {}, {})
    assert ledger.retracted == {"1"}


def test_each_row_is_of_its_exchange() -> None:
    """Each agent's row is cited by its exchange. Rows that come again, or are retracted, make no difference."""
    ledger, client = called("1", "2", "3", "4"), Client(V2(), tenant(4), CREDENTIALS)
    ledger.report_states(exchange=7, batches=3)
    for exchange, agent_ids in ((5, "12"), (6, "2"), (7, "3"), (7, "4")):
        ledger.mark_present(*(AgentState(one, "Busy") for one in agent_ids), exchange=exchange)
    for retracted, exchanges in (("", [5, 5, 7, 7]), ("1", [None, 5, 7, 7]), ("3", [None, 5, None, 7])):
        ledger.retract(retracted)
        (seen,) = (one for one in ledger.observe(client) if isinstance(one, StatesSeen))
        assert [seen.exchange_of(one) for one in "1234"] == exchanges


@pytest.mark.parametrize(
    ("claims", "agent_id", "has_user", "tenant"),
    [
        ({}, None, None, None),
        ({"sub": "client"}, None, False, None),
        ({"userId": "u-1"}, None, True, None),
        ({"icAgentId": "1001", "tenantId": "t-1"}, "1001", True, "t-1"),
        ({"icAgentId": 1001, "tenant": "t-2"}, "1001", True, "t-2"),
        ({"icAgentId": 0, "userId": ""}, None, False, None),
        ({"icAgentId": True, "tenantId": 7, "tenant": "t-2"}, None, True, None),
        ({"icAgentId": ["1001"]}, None, True, None),
    ],
)
def test_the_claims_of_a_token(
    claims: dict[str, Any], agent_id: str | None, *, has_user: bool | None, tenant: str | None
) -> None:
    """A token's claims name its user, agent and tenant. Claims that are no such texts name nothing."""
    token = Token(access_token=Secret("token"), granted_at=0.0, expires_at=None, claims=claims, exchange=3)
    said = granted(token)
    assert (said.agent_id, said.has_user, said.tenant) == (agent_id, has_user, tenant)
    assert (said.exchange, said.scopes) == (3, None)
    assert granted(replace(token, scopes=frozenset({"b", "a"}))).scopes == ("a", "b")
    beside = granted(replace(token, claims={}, id_claims=claims))
    assert (beside.agent_id, beside.has_user, beside.tenant) == (agent_id, has_user, tenant)


@pytest.mark.parametrize(
    ("claims", "grant_type", "only", "itself"),
    [
        ({"icAgentId": "7"}, "password", "7", True),
        ({"icAgentId": 7}, "client_credentials", "7", True),
        ({"icAgentId": "8"}, "password", "7", False),  # a tenant of one agent who is another one
        ({"icAgentId": "7"}, "password", "", False),
        ({}, "password", "7", True),
        ({}, "client_credentials", "7", False),
        ({"sub": "somebody"}, "client_credentials", "7", False),
    ],
)
def test_a_roster_of_the_account_alone(claims: dict[str, object], grant_type: str, only: str, itself: bool) -> None:
    """A roster of one agent may hold only the caller.

    That is ruled out if the token is another agent's or no user's.
    """
    ledger = Ledger()
    ledger.grant_type = grant_type
    ledger.roster = RosterRead(exchange=1, first_exchange=1, pages=1, agents=1, total=1, page_size=100, only_agent=only)
    assert not ledger.may_see_only_its_owner
    ledger.token = Token(access_token=Secret("t" * 20), granted_at=0.0, expires_at=None, claims=claims)
    assert ledger.may_see_only_its_owner is itself
