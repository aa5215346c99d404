"""RC303: may this account list everybody?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.findings.base import Evidence, Finding, Strength, check, counted
from cxone_rollcall.model.observation import StatesAsked, StatesSeen, TenantAsked
from cxone_rollcall.model.probed import EverybodyAsked
from cxone_rollcall.model.roll import Standing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cxone_rollcall.findings.base import Case


class CannotListAll(Finding, frozen=True, kw_only=True):
    """
    Asked without ids, the states are empty; asked with ids, they have rows.

    ## What was seen
    `agents/states` without `agentIds`: no row. The same asked with ids, in the same run: rows. It is asked only with
    `--probes deep`, because it explains nobody who is missing here: rollcall asks by id.
    ## Why agents go missing
    They do not here. A script that asks without ids gets an empty list, however many are logged in: probably the
    account lacks the permission "List All Agents".
    ## Fix
    Nothing for rollcall. In a script of yours: ask with ids, or give the account the permission "List All Agents".
    ## Not this when
    Asking with ids gives no row either (RC605), or is refused (RC301).
    ## Try it
        rollcall check --demo --probes deep
    """

    code = "RC303"
    name = "cannot-list-all"
    message = 'asked without ids the states are empty, with ids {present} answer: probably "List All Agents" is missing'
    fix = 'nothing to do here; a script of yours must ask with ids, or its account needs "List All Agents"'

    present: str


@check(needs=(TenantAsked, StatesAsked, StatesSeen, EverybodyAsked), finds=(CannotListAll,))
def everybody_listed(case: Case) -> Iterator[Finding]:
    """Are the states of everybody given without ids too?"""
    everybody, rows = case[EverybodyAsked], case[TenantAsked].states_rows
    present = case.roll.ids(Standing.PRESENT)
    if present and not everybody.rows:
        yield CannotListAll(
            present=counted(len(present), "agent"),
            strength=Strength.NOTE,
            evidence=(
                Evidence(claim="asked without ids", exchange=everybody.exchange, pointer=rows, seen="no row"),
                Evidence(
                    claim="asked with ids",
                    exchange=case[StatesSeen].exchange_of(present[0]) or case[StatesAsked].exchange,
                    pointer=rows,
                    seen=f"a row for {present[0]}",
                ),
            ),
        )
