"""How the contract that was asked says things: where its rows stand, and what its silence means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.model.observations.access import TokenGranted
from cxone_rollcall.model.observations.base import TenantAsked
from cxone_rollcall.model.observations.states import AgentsAskedAlone, Alone, StatesAsked
from cxone_rollcall.model.roll import Standing

if TYPE_CHECKING:
    from cxone_rollcall.findings.case import Case

PUBLISHED = "incontact"
"""The contract that NICE publishes: rights are those of the access key's owner, and tokens name no scope."""


def is_incontact(tenant: TenantAsked) -> bool:
    """Tell whether NICE's published contract was asked."""
    return tenant.contract == PUBLISHED


def state_at(tenant: TenantAsked) -> str:
    """Return the pointer of the state's name in a row."""
    return f"{tenant.states_rows}/*/{'agentStateName' if is_incontact(tenant) else 'state'}"


def total_at(tenant: TenantAsked) -> str:
    """Return the pointer of the server's own count of its agents."""
    return "/totalRecords" if is_incontact(tenant) else "/totalCount"


def without_user(case: Case) -> bool:
    """Tell whether the token names no user, on a contract that answers by the rights of one."""
    return is_incontact(case[TenantAsked]) and case[TokenGranted].has_user is False


def missing_row_is_suspicious(case: Case) -> bool:
    """Tell whether an agent without a row in the list of states should have one, logged in or not.

    Where the roll holds nobody who is logged out, others of the list may who were not called.
    """
    states = case[StatesAsked]
    called = bool(case.roll.of(Standing.LOGGED_OUT))
    return states.listed and (lists_logged_out(case) if called else states.lists_logged_out)


def lists_logged_out(case: Case) -> bool:
    """Tell whether this server has rows for active agents who are logged out: then silence is no way to say so.

    Rows of inactive agents alone do not show it: a server may have those and none for who is off shift. Nor does the
    row of one agent asked for alone.
    """
    alone = case.get(AgentsAskedAlone)
    found = {item.agent_id for item in alone.items if item.said is Alone.ROW} if alone is not None else set()
    return any(
        entry.agent.active is True and entry.agent.agent_id not in found for entry in case.roll.of(Standing.LOGGED_OUT)
    )
