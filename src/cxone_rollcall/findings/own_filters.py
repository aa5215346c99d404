"""RC8xx: was it us?"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.contract_facts import is_incontact, state_at
from cxone_rollcall.findings.finding import Finding, Strength
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.base import Selected, TenantAsked
from cxone_rollcall.model.observations.states import StatesAsked, StatesSeen
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.state import meant_state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cxone_rollcall.findings.case import Case


class FilteredByUs(Finding, frozen=True, kw_only=True):
    """
    Our own options left agents out.

    ## What was seen
    The roster has more agents than were called, because of `--agent` or `--team`. Where an agent that was named is
    of another team, or no agent is of the team, the options contradict one another or the tenant (then PROVEN);
    else it is a NOTE. On the published contract, which has no filter for states, `--state` is our own option as well:
    a NOTE tells how many are logged in and in another state.
    ## Why agents go missing
    They were never asked for; or they are logged in and in another state than the one asked for.
    ## Fix
    Drop the option, or correct it.
    ## Not this when
    The agent is on no page of the roster (RC402).
    ## Try it
        rollcall check --demo --team Nowhere
    """

    code = "RC801"
    name = "filtered-by-us"
    message = "our own {options} left out {left_out} of {of}{conflict}"
    fix = "drop or correct {options}; {choices}"

    options: str
    left_out: int
    of: str
    conflict: str
    choices: str


@check(needs=(TenantAsked, Selected), finds=(FilteredByUs,))
def everybody_called(case: Case) -> Iterator[Finding]:
    """Were all agents of the roster called, as far as our own options go?"""
    selected = case[Selected]
    left_out = selected.roster - selected.kept
    if not selected.roster or left_out <= 0 or not (selected.agents or selected.teams):
        return
    options = " and ".join(
        option for option, given in (("--agent", selected.agents), ("--team", selected.teams)) if given
    )
    conflict = ""
    if selected.dropped:
        conflict = f": {len(selected.dropped)} of the agents named are not of the team"
    elif not selected.agents and not selected.kept:
        conflict = f": nobody is of the team {', '.join(selected.teams)}"
    yield FilteredByUs(
        options=options,
        left_out=left_out,
        of=f"the {selected.roster} agents on the roster",
        conflict=conflict,
        choices=f"the teams of this roster: {', '.join(selected.teams_seen[:12]) or 'none named'}",
        strength=Strength.PROVEN if conflict else Strength.NOTE,
        evidence=(
            Evidence(
                f"{selected.roster} agents on the roster, {selected.kept} called",
                selected.exchange,
                case[TenantAsked].roster_rows,
                ", ".join(selected.dropped[:3]) or f"{left_out} left out",
            ),
        ),
        explains=selected.dropped,
    )


@check(needs=(TenantAsked, Selected, StatesSeen, StatesAsked), finds=(FilteredByUs,))
def every_state_shown(case: Case) -> Iterator[Finding]:
    """Is everybody who is logged in of the state asked for, where we choose it and not the server?"""
    tenant, wanted, rows = case[TenantAsked], case[Selected].state, case[StatesSeen].rows
    if not is_incontact(tenant) or not wanted:
        return
    logged_in = {agent: rows[agent].state for agent in case.roll.ids(Standing.PRESENT) if agent in rows}
    others = {agent: state for agent, state in logged_in.items() if (state or "").casefold() != wanted.casefold()}
    if not others:
        return
    meant = meant_state(wanted, logged_in.values()) if len(others) == len(logged_in) else None
    states = Counter(state or "(not named)" for state in others.values()).most_common()
    yield FilteredByUs(
        options=f"--state {wanted}",
        left_out=len(others),
        of=f"the {len(logged_in)} who are logged in",
        conflict=f": did you mean {meant}?" if meant else "",
        choices=f"the states of the others: {', '.join(f'{state} {count}' for state, count in states[:12])}",
        strength=Strength.NOTE,
        evidence=(
            Evidence(
                f"the row of {next(iter(others))}",
                case[StatesAsked].exchange,
                state_at(tenant),
                next(iter(others.values())) or "a row without a state",
            ),
        ),
        explains=tuple(others),
    )
