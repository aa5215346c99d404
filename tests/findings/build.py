"""Builders of situations, and examples for each finding.

An example holds a finding against its nearest look-alike. An agent is one letter, which is its id: `called("ab",
absent="c")` is a roll of three.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any

from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.check import Outcome
from cxone_rollcall.findings.finding import Finding, Strength
from cxone_rollcall.findings.judge import judge
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.failure import Failure, FailureKind, Stage
from cxone_rollcall.model.observations.access import (
    AnswersDated,
    CompressionUndone,
    RolesTried,
    Throttling,
    TokenGranted,
    TokenRenewals,
)
from cxone_rollcall.model.observations.base import Failures, Observation, Selected, TenantAsked
from cxone_rollcall.model.observations.probes import OtherContractAsked
from cxone_rollcall.model.observations.roster import RosterRead, RowsFound
from cxone_rollcall.model.observations.states import StatesAsked, StatesSeen
from cxone_rollcall.model.roll import Roll, RollEntry, Standing
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import replace

SCOPES = ("agent:read", "presence:read")
TENANT = TenantAsked(
    instance="api-us-01.nice-incontact.com",
    contract="v2",
    grant_type="client_credentials",
    roster_scope="agent:read",
    states_scope="presence:read",
)
PUBLISHED = replace(
    TENANT,
    contract="incontact",
    grant_type="password",
    roster_scope="",
    states_scope="",
    roster_rows="/agents",
    states_rows="/agentStates",
    known_states=("Available", "Unavailable", "InboundContact", "LoggedIn"),
)
"""The same tenant, asked by the contract that NICE publishes."""
OWN = TokenGranted(exchange=1, scopes=None, agent_id="a", has_user=True)
"""A token of that contract, of agent a."""
TOKEN, ROSTER, STATES, AGAIN = 1, 2, 3, 4
"""Exchanges of a healthy run, and of one further request."""


@dataclass(frozen=True)
class Situation:
    """A roll and all observations, from which a case is made."""

    roll: Roll
    seen: tuple[Observation, ...]

    def case(self) -> Case:
        """Return a fresh case; judging one changes it."""
        return Case(self.roll, self.seen)

    def findings(self) -> tuple[Finding, ...]:
        """Return what all checks find."""
        return judge(self.case())[0]

    def outcomes(self) -> dict[str, Outcome]:
        """Return how each check ended, by its name."""
        return {outcome.check: outcome for outcome in judge(self.case())[1]}

    def codes(self) -> set[str]:
        """Return the codes of all that is found."""
        return {finding.code for finding in self.findings()}

    def only(self, code: str) -> Finding:
        """Return the one finding of this code."""
        (found,) = (finding for finding in self.findings() if finding.code == code)
        return found


@dataclass(frozen=True)
class Example:
    """A finding's code, a situation with it, and its nearest look-alike.

    `explains` are the letters of the agents that it explains, `all` says that it explains everything. `instead` is the
    code that the look-alike has, None if it has none.
    """

    code: str
    _: KW_ONLY
    seen: Situation
    strength: Strength = Strength.PROVEN
    explains: str = ""
    all: bool = False
    unlike: Situation
    instead: str | None

    def holds(self) -> None:
        """Assert that the finding is named here, and not there. It is as strong and explains as many as expected."""
        found = self.seen.only(self.code)
        assert found.strength is self.strength
        assert (sorted(found.explains), found.explains_all) == (sorted(self.explains), self.all)
        codes = self.unlike.codes()
        assert self.code not in codes
        assert self.instead is None or self.instead in codes


def called(
    present: str = "",
    *,
    absent: str = "",
    logged_out: str = "",
    unknown: str = "",
    complete: bool = True,
    states: Mapping[str, str | None] | None = None,
    **agents: Mapping[str, Any],
) -> Roll:
    """Return a roll. `states` names the states of present agents, `c={"active": False}` describes agent c."""
    standings = {
        Standing.PRESENT: present,
        Standing.ABSENT: absent,
        Standing.LOGGED_OUT: logged_out,
        Standing.UNKNOWN: unknown,
    }
    said = {**dict.fromkeys(present, "Available"), **dict.fromkeys(logged_out, "LoggedOut"), **(states or {})}
    entries = [
        RollEntry(
            Agent(letter, **{key: value for key, value in agents.get(letter, {}).items() if key != "typed"}),
            standing,
            AgentState(letter, said[letter]) if letter in said else None,
            agents.get(letter, {}).get("typed"),
        )
        for standing, letters in standings.items()
        for letter in letters
    ]
    return Roll(entries, roster_complete=complete)


def situation(roll: Roll | None = None, *seen: Observation, without: Iterable[type[Observation]] = ()) -> Situation:
    """Return a healthy situation, except for these observations. Each replaces the one of its class."""
    roll = called("ab") if roll is None else roll
    quiet: tuple[Observation, ...] = (
        TENANT,
        TokenGranted(exchange=TOKEN, scopes=SCOPES),
        TokenRenewals(healed=()),
        CompressionUndone(),
        RolesTried(),
        Failures(items=(), answered=2),
        RowsFound(),
        Selected(roster=len(roll), kept=len(roll), exchange=ROSTER),
        AnswersDated(ahead=0.2, ahead_exchange=TOKEN, age=0.0, age_exchange=0),
        Throttling(count=0, exchange=0, seconds_waited=0.0, requests_per_second=9.0, retry_after=None),
        roster_of(roll),
        states_of(roll),
        rows_of(roll),
    )
    facts = {type(fact): fact for fact in (*quiet, *seen)}
    return Situation(roll, tuple(fact for kind, fact in facts.items() if kind not in set(without)))


def listed(roll: Roll, *seen: Observation, without: Iterable[type[Observation]] = ()) -> Situation:
    """A situation of `incontact` whose state list has logged-out agents too."""
    return situation(roll, PUBLISHED, OWN, states_of(roll, listed=True), *seen, without=without)


def roster_of(roll: Roll, **said: Any) -> RosterRead:
    """Return a roster read without trouble, except for these fields."""
    quiet = RosterRead(
        exchange=ROSTER, first_exchange=ROSTER, pages=1, agents=len(roll), total=len(roll), page_size=100
    )
    return replace(quiet, **said)


def states_of(roll: Roll, **said: Any) -> StatesAsked:
    """Return states requested without trouble, except for these fields."""
    quiet = StatesAsked(
        exchange=STATES,
        batches=1,
        asked=len(roll),
        rows=len(rows_of(roll).rows),
        absent=dict.fromkeys(roll.ids(Standing.ABSENT), STATES),
    )
    return replace(quiet, **said)


def rows_of(roll: Roll) -> StatesSeen:
    """Return the state rows of a roll."""
    rows = {entry.agent.agent_id: entry.state for entry in roll.entries if entry.state is not None}
    return StatesSeen(rows=rows, logged_out=dict.fromkeys(roll.ids(Standing.LOGGED_OUT), STATES))


def failed(kind: FailureKind, stage: Stage = Stage.STATES, agents: str = "", **said: Any) -> Failure:
    """Return a request that failed on every try, for these agents."""
    exchange = {Stage.TOKEN: TOKEN, Stage.ROSTER: ROSTER}.get(stage, STATES)
    return Failure(
        kind=kind,
        stage=stage,
        purpose=f"{stage} asked",
        agents=tuple(agents),
        **{"exchange": exchange, "tries": 4, **said},
    )


def stopped(kind: FailureKind, stage: Stage = Stage.TOKEN, *seen: Observation, **said: Any) -> Situation:
    """Return a run that ended with a failure at token or roster. No states were requested."""
    not_reached: tuple[type[Observation], ...] = (RosterRead, StatesAsked, StatesSeen)
    if stage is Stage.TOKEN:
        not_reached += (TokenGranted, TokenRenewals)
    failures = Failures(items=(failed(kind, stage, **said),), answered=0)
    return situation(called(complete=False), failures, *seen, without=not_reached)


def struck(kind: FailureKind, roll: Roll, *seen: Observation, **said: Any) -> Situation:
    """Return a run in which the unknown agents' requests failed."""
    unknown = "".join(roll.ids(Standing.UNKNOWN))
    states = states_of(roll, exchange=0) if len(unknown) == len(roll) else states_of(roll)
    return situation(roll, Failures(items=(failed(kind, agents=unknown, **said),), answered=1), states, *seen)


def other_contract(*, answers: bool) -> OtherContractAsked:
    """Return the answer of the other contract's path."""
    status = 401 if answers else 404
    return OtherContractAsked(
        contract="incontact", target="/other", exchange=AGAIN, status=status, answers=answers, repeated=True
    )
