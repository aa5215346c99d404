"""The closer look at a few agents, with a scripted API. What is requested, and what the responses show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from tests.findings.build import PUBLISHED, STATES, TENANT, called, states_of
from tests.probes.scripted import Asked, failure

from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.observations.base import Observation, Observations, Selected
from cxone_rollcall.model.observations.probes import LookedCloser, Sign
from cxone_rollcall.model.roll import Roll
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.probes.probe import BudgetSpent
from cxone_rollcall.why.closer_look import LONGEST_SEEN, MOST_ASKED, closer_look

Rows = Callable[[Sequence[str]], Any]
COMMA, ENCODED = ",", "%2C"


@dataclass
class Api(Asked):
    """Answers states with the rows of `present`, other resources as `Asked` does."""

    present: Mapping[str, str] = field(default_factory=dict)
    lists_states: bool = False
    complaint: str = ""
    refuses: bool = False
    separator: str = COMMA
    requested: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.contract = SimpleNamespace(
            lists_states=self.lists_states, separators=(COMMA, ENCODED), largest_batch=100, api_versions=()
        )

    @property
    def v2(self) -> Any:
        """The calls of `v2`."""
        return self

    async def states(self, ids: Sequence[str]) -> Any:
        """Answer with the rows of the present agents among these."""
        if not self.left:
            raise BudgetSpent
        self.requested.append((self.separator, tuple(ids)))
        self.sent.append("states")
        if self.refuses:
            raise RequestFailed(failure(FailureKind.SERVER_TROUBLE, exchange=len(self.sent)))
        rows = tuple(AgentState(one, self.present[one]) for one in ids if one in self.present)
        return SimpleNamespace(value=SimpleNamespace(rows=rows, complaint=self.complaint), exchange=len(self.sent))


async def looked(
    api: Api,
    roll: Roll,
    *facts: Observation,
    others: Mapping[str, Agent] | None = None,
    canary: str | None = "z",
    with_row: frozenset[str] | None = None,
) -> tuple[Sign, ...]:
    """Return the signs about the agents of a roll."""
    probe = closer_look(others or {}, canary=canary, with_row=with_row)
    tenant = PUBLISHED if api.lists_states else TENANT
    found = await probe.ask(api, Observations((tenant, states_of(roll), *facts)), roll)  # type: ignore[arg-type]
    assert isinstance(found, LookedCloser)
    assert len(api.sent) <= probe.cost
    return found.signs


def said(signs: Sequence[Sign]) -> dict[str, str]:
    """Return what each request showed, by how it was asked."""
    return {one.evidence.claim: one.evidence.seen for one in signs}


async def test_an_agent_is_requested_in_every_other_way() -> None:
    """An agent without a row is requested in other ways.

    They are its other names and the other separator, beside a present agent.
    """
    api = Api(present={"z": "Available"})
    signs = await looked(api, called(absent="a", a={"user_id": "u-1", "user_name": "ann", "email": "a"}))
    assert api.requested == [(COMMA, ("z", "u-1", "ann")), (ENCODED, ("z", "a"))]
    assert api.separator == COMMA
    nothing = "no row for it, and one for z"
    assert said(signs) == {"asked as u-1, ann beside z": nothing, "asked beside z, joined with %2C": nothing}
    assert [one.evidence.pointer for one in signs] == ["/entities", "/entities"]
    assert not any(one.against or one.or_else for one in signs)


async def test_several_agents_are_requested_alone_too() -> None:
    """An agent requested with others is also requested alone. Without a present agent it is only that."""
    api = Api()
    signs = await looked(api, called(absent="ab"), canary=None)
    assert api.requested == [(COMMA, ("a",)), (COMMA, ("b",))]
    assert [(one.agent_id, one.evidence.claim, one.evidence.seen) for one in signs] == [
        ("a", "asked alone", "no row for it"),
        ("b", "asked alone", "no row for it"),
    ]


async def test_a_row_speaks_against_an_absence() -> None:
    """A row from another way of requesting contradicts the absence. One that says logged out does not."""
    roll = called(absent="a", a={"user_name": "Ann"})
    for state, against in (("Busy", "a row of ANN: Busy, asked as Ann beside z"), ("LoggedOut", "")):

        class Named(Api):
            """Answers a name with a row in other letters."""

            async def states(self, ids: Sequence[str]) -> Any:
                answered = await super().states(ids)
                answered.value.rows = (AgentState("ANN", state),) if "Ann" in ids else ()  # noqa: B023
                return answered

        first, *_ = await looked(Named(), roll)
        assert first.against == against


async def test_responses_that_say_nothing() -> None:
    """A failure or complaint shows nothing about the agent, and is named. It shows nothing about its team."""
    (failed,) = await looked(Api(refuses=True), called(absent="a", a={"team": "T"}), others=team("bcd"))
    assert failed.evidence.seen.startswith("no usable response: ")
    assert failed.evidence.pointer == "status"
    complaining = Api(complaint="2 rows cannot be read", present={"z": "Busy"})
    (vague,) = await looked(complaining, called(absent="a", a={"team": "T"}), others=team("bcd"))
    assert vague.evidence.seen == "no usable response: 2 rows cannot be read"
    assert (failed.against, vague.against) == ("", "")
    (long,) = await looked(Api(complaint="x" * 100_000), called(absent="a"))
    assert len(long.evidence.seen) == LONGEST_SEEN


async def test_only_agents_with_an_open_question_are_requested() -> None:
    """Only agents with an open question are requested, at most five.

    Agents who are present, inactive or not on the roster have none.
    """
    selected = Selected(roster=9, kept=9, exchange=2, unknown=("s",))
    roll = called("p", absent="isabcdefg", i={"active": False})
    api = Api()
    signs = await looked(api, roll, selected, canary=None)
    assert [one.agent_id for one in signs] == list("abcdefg")[:MOST_ASKED]
    probe = closer_look({}, canary=None, with_row=None)
    assert probe.reason_to_skip(Observations((states_of(roll), selected)), called("p", absent="s"), deep=True)
    assert probe.reason_to_skip(Observations((states_of(roll), selected)), roll, deep=True) == ""
    assert probe.reason_to_skip(Observations((selected,)), roll, deep=True)
    assert probe.reason_to_skip(Observations((states_of(roll), selected)), roll, deep=False)


async def test_the_budget_is_enough_for_all() -> None:
    """Five agents of silent teams can be requested in each way. That takes the whole budget."""
    named: Any = {one: {"team": "T", "user_name": f"user {one}"} for one in "abcde"}
    api = Api(present={"z": "Available"})
    await looked(api, called(absent="abcde", **named), others={**team("fgh"), "z": Agent("z", team="U")})
    assert len(api.sent) == closer_look({}, canary=None, with_row=None).cost


async def test_the_budget_ends_the_look() -> None:
    """If no requests are left, what was found so far is kept."""
    signs = await looked(Api(most=1), called(absent="ab"), canary=None)
    assert [one.agent_id for one in signs] == ["a"]


async def test_an_agent_that_is_logged_out_by_its_row() -> None:
    """A row by id that says logged out is not requested again."""
    api = Api(present={"z": "Available"})
    assert await looked(api, called(logged_out="a")) == ()
    assert api.requested == []


def team(letters: str, **said: Any) -> dict[str, Agent]:
    """Other agents of the roster, in team T by default."""
    return {one: Agent(one, team="T", **said) for one in letters}


LATE, EARLY = "2026-03-02T10:00:00Z", "2026-03-01T10:00:00Z"
A_SHIFT_EARLIER = "2026-03-01T22:00:00Z"


@pytest.mark.parametrize(
    ("last_login", "canarys", "hidden"),
    [
        (LATE, LATE, True),
        (EARLY, LATE, False),
        (A_SHIFT_EARLIER, LATE, False),
        (EARLY, EARLY, True),
        (None, LATE, True),
        (EARLY, None, True),
    ],
)
async def test_a_silent_team(last_login: str | None, canarys: str | None, hidden: bool) -> None:
    """A team without rows may be hidden. It is not if its last logins are those of an earlier shift."""
    others = {**team("bcd", last_login=last_login), "z": Agent("z", team="U", last_login=canarys)}
    api = Api(present={"z": "Available"})
    signs = await looked(api, called(absent="a", a={"team": "T", "last_login": last_login}), others=others)
    assert api.requested[-1] == (COMMA, ("z", "b", "c", "d"))
    assert said(signs)["3 colleagues in team T"] == "no row for any of them, and rows for agents in other teams"
    assert signs[-1].or_else == ("no agent in team T has a row: this account may not see the team" if hidden else "")


@pytest.mark.parametrize(
    ("others", "present", "seen"),
    [
        (team("bcd"), {"z": "Busy", "c": "Busy"}, "1 have a row"),
        (team("bc"), {"z": "Busy"}, None),
        ({**team("bc"), **team("d", active=False)}, {"z": "Busy"}, None),
        (team("bcz"), {"z": "Busy"}, "one of them, z, has a row"),
        (team("bcd"), {}, None),
    ],
)
async def test_a_team_that_is_not_silent(others: dict[str, Agent], present: dict[str, str], seen: str | None) -> None:
    """A team with a row or few active colleagues is not hidden.

    Few are less than three; without a witness it is not hidden either.
    """
    api = Api(present=present)
    signs = await looked(api, called(absent="a", a={"team": "T"}), others=others)
    told = [one.evidence for one in signs if "colleagues" in one.evidence.claim]
    assert [one.seen for one in told] == ([] if seen is None else [seen])
    assert all(
        (one.exchange, one.pointer) == ((0, "") if "z" in others else (len(api.sent), "/entities")) for one in told
    )
    assert not any(one.or_else for one in signs)


async def test_a_team_is_requested_in_one_batch() -> None:
    """A team larger than a batch is requested in part. Agents without a team have no colleagues."""
    others = {str(one): Agent(str(one), team="T") for one in range(150)}
    api = Api(present={"z": "Busy"})
    await looked(api, called(absent="a", a={"team": "T"}), others=others)
    assert len(api.requested[-1][1]) == api.contract.largest_batch
    signs = await looked(Api(present={"z": "Busy"}), called(absent="a"), others={one: Agent(one) for one in "bcd"})
    assert list(said(signs)) == ["asked beside z, joined with %2C"]


HISTORY = {
    "agentStateHistory": [
        {"agentStateName": "Available", "startDate": "2026-03-02T08:00:00Z"},
        {"agentStateName": "LoggedOut", "startDate": "2026-03-02T09:00:00Z"},
        {"agentStateName": "Unavailable", "startDate": "2026-03-02T07:00:00Z"},
        {"agentStateName": "", "startDate": "2026-03-02T09:30:00Z"},
    ]
}


async def test_the_last_state_of_a_history() -> None:
    """The state that began last is found anywhere in the history.

    It is returned with its place; without states it is None. A state without a start is only named.
    """
    api = Api(lists_states=True, details={"agents/a/state-history": HISTORY})
    (last,) = await looked(api, called(absent="a"))
    assert last.evidence.seen == "the last is LoggedOut, since 2026-03-02T09:00:00Z"
    assert (last.evidence.pointer, last.evidence.exchange) == ("/agentStateHistory/1", 1)
    for history, seen, pointer in (
        ({}, "none", ""),
        ({"states": [{"agentStateName": "Busy"}]}, "the last is Busy", "/states/0"),
    ):
        undated = Api(lists_states=True, details={"agents/a/state-history": history})
        (sign,) = await looked(undated, called(absent="a"))
        assert sign.evidence == Evidence("its states of the last day", 1, pointer, seen)


async def test_traces_of_an_agent_that_is_called_logged_out() -> None:
    """A day's traces are requested of an agent that is logged out.

    Only an open contact speaks against the list.
    """
    details = {
        "contacts/active": {"contacts": [{"agentId": "a", "contactId": 7, "endDate": None}]},
        "agents/a/login-history": {"logins": [{"agentId": "a", "loginDate": EARLY, "logoutDate": None}]},
        "agents/a/state-history": HISTORY,
    }
    contact, login, history = await looked(Api(lists_states=True, details=details), called(logged_out="a"))
    assert (contact.against, login.against, history.against) == ("an open contact", "", "")
    assert (contact.evidence.pointer, login.evidence.pointer) == ("/contacts/0", "/logins/0")
    assert EARLY in login.evidence.seen
    assert "7" in contact.evidence.seen
    quiet: dict[str, object] = {"contacts/active": {}, "agents/a/login-history": {}, "agents/a/state-history": {}}
    api = Api(lists_states=True, details=quiet)
    signs = await looked(api, called(logged_out="a"))
    assert [one.evidence for one in signs] == [
        Evidence("its open contacts", 1, "", "none"),
        Evidence("its logins of the last day", 2, "", "none with an empty logout"),
        Evidence("its states of the last day", 3, "", "none"),
    ]
    day = "startDate=2026-03-01T10:30:00.000Z&endDate=2026-03-02T10:30:00.000Z"
    assert api.sent == [
        "contacts/active?agentId=a",
        f"agents/a/login-history?{day}",
        f"agents/a/state-history?{day}&orderBy=startDate%20desc&top=1000",
    ]
    api = Api(lists_states=True)
    refused = await looked(api, called(logged_out="/"))
    assert [one.evidence.pointer for one in refused] == ["status"] * 3
    assert [path.partition("?")[0] for path in api.sent[1:]] == ["agents/%2F/login-history", "agents/%2F/state-history"]


async def test_a_list_that_was_refused() -> None:
    """A list without any row says nothing of the team."""
    api = Api(lists_states=True, details={"agents/a/state-history": {}})
    entries = called(unknown="a", a={"team": "T"})
    signs = await looked(api, entries, others=team("bcd"), canary=None, with_row=frozenset())
    assert not any("colleagues" in one.evidence.claim for one in signs)


async def test_the_team_in_the_list_of_states() -> None:
    """The state list shows whether the team has rows, without a request."""
    for with_row, seen in ((frozenset("z"), "no row for any of them"), (frozenset("zb"), "1 have a row")):
        api = Api(lists_states=True, details={"agents/a/state-history": {}})
        signs = await looked(
            api, called(absent="a", a={"team": "T"}), others=team("bcd"), canary=None, with_row=with_row
        )
        (told,) = [one for one in signs if "colleagues" in one.evidence.claim]
        assert told.evidence.seen.startswith(seen)
        assert (told.evidence.exchange, bool(told.or_else)) == (STATES, with_row == frozenset("z"))
        assert api.sent == ["agents/a/state-history" + api.sent[0].removeprefix("agents/a/state-history")]
