"""Facts about the contract in use. JSON pointers to its fields, and what a missing row means."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.failures import MOST_EVIDENCE
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.access import TokenGranted
from cxone_rollcall.model.observations.base import TenantAsked
from cxone_rollcall.model.observations.states import AgentsAskedAlone, AskedAlone, StatesAsked, StatesSeen
from cxone_rollcall.model.roll import Standing

INCONTACT = "incontact"
"""The contract that NICE publishes. The access key's owner gives the permissions, and tokens name no scope."""


def is_incontact(tenant: TenantAsked) -> bool:
    """Whether the contract is the one that NICE publishes."""
    return tenant.contract == INCONTACT


def state_at(tenant: TenantAsked) -> str:
    """JSON pointer to the state's name in a row."""
    return f"{tenant.states_rows}/*/{'agentStateName' if is_incontact(tenant) else 'state'}"


def total_at(tenant: TenantAsked) -> str:
    """JSON pointer to the server's own count of its agents."""
    return "/totalRecords" if is_incontact(tenant) else "/totalCount"


def row_exchange(case: Case, agent_id: str) -> int:
    """The exchange with an agent's first row. If unknown, that of the last states."""
    return case[StatesSeen].exchange_of(agent_id) or case[StatesAsked].exchange


def row_of(case: Case, agent_id: str, how: str = "") -> Evidence:
    """An agent's row as evidence; `how` says how it was requested."""
    state = case[StatesSeen].rows[agent_id].state
    seen = "a row without a state" if state is None else state
    return Evidence(f"the row of {agent_id}{how}", row_exchange(case, agent_id), state_at(case[TenantAsked]), seen)


def without_user(case: Case) -> bool:
    """Whether the token lacks a user that this contract requires. Its permissions are those of a user."""
    return is_incontact(case[TenantAsked]) and case[TokenGranted].has_user is False


def missing_row_is_suspicious(case: Case) -> bool:
    """Whether logged-out agents should have a row too.

    Judged by the logged-out agents of the roll; if it has none, by those of the whole list.
    """
    states = case[StatesAsked]
    known = bool(case.roll.of(Standing.LOGGED_OUT))
    return states.listed and (lists_logged_out(case) if known else states.lists_logged_out)


def lists_logged_out(case: Case) -> bool:
    """Whether this server has rows for active agents who are logged out. Then a missing row means something else."""
    return asked_alone(case).are_listed(entry.agent for entry in case.roll.of(Standing.LOGGED_OUT))


def unconfirmed(case: Case) -> tuple[str, ...]:
    """Unknown agents without a row in a response that cannot be trusted."""
    unknown = frozenset(case.roll.ids(Standing.UNKNOWN))
    return tuple(one for one in case[StatesAsked].unvouched if one in unknown)


def asked_alone(case: Case) -> AgentsAskedAlone:
    """The agents that were requested alone. None if there was no list of states."""
    return case.get(AgentsAskedAlone) or AgentsAskedAlone()


def alone_as_evidence(items: Iterable[AskedAlone], seen: str = "") -> tuple[Evidence, ...]:
    """The first of these requests for one agent, as evidence. `seen` replaces the answer."""
    return tuple(
        Evidence(f"{item.agent_id}, requested alone", item.exchange, "status", seen or str(item.said))
        for item in islice(items, MOST_EVIDENCE)
    )
