"""RC8xx: do the options of this command leave agents out?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.contract_facts import is_incontact, row_of
from cxone_rollcall.findings.finding import Finding, Strength
from cxone_rollcall.model.closest_match import closest_match
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.base import Selected, TenantAsked
from cxone_rollcall.model.observations.states import StatesAsked, StatesSeen
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.state import meant_state
from cxone_rollcall.model.wording import counted


class FilteredByUs(Finding, frozen=True, kw_only=True):
    """
    Options of this command left agents out.

    ## What was seen
    The roster has more agents than were requested, because of `--agent` or `--team`. PROVEN if an agent named by
    `--agent` is in another team, or if no agent is in the team; otherwise a NOTE. The `incontact` API has no filter for
    states, so `--state` is an option of rollcall there: a NOTE gives the number of logged-in agents in other states.
    ## Why agents go missing
    Rollcall never requested them; or they are logged in, but in another state than the one in `--state`.
    ## Fix
    Drop the option, or correct it.
    ## Not this when
    The roster does not have the agent (RC402).
    ## Try it
        rollcall check --demo --team Nowhere
    """

    code = "RC801"
    name = "filtered-by-us"
    message = "{options} left out {left_out} of {of}{conflict}"
    fix = "drop or correct {options}; {choices}"

    options: str
    left_out: int
    of: str
    conflict: str
    choices: str


@check(needs=(TenantAsked, Selected), finds=(FilteredByUs,))
def everybody_called(case: Case) -> Iterator[Finding]:
    """Do the command's own options keep every agent of the roster?"""
    selected = case[Selected]
    left_out = selected.roster - selected.kept
    if not selected.roster or left_out <= 0 or not (selected.agents or selected.teams):
        return
    options = " and ".join(
        option for option, given in (("--agent", selected.agents), ("--team", selected.teams)) if given
    )
    conflict = ""
    if selected.dropped:
        conflict = f": {len(selected.dropped)} of the agents named are not in the team"
    elif empty := _empty_teams(case):
        near = closest_match(empty[0], selected.teams_seen)
        meant = f"; did you mean {_quoted(near)}?" if near else ""
        conflict = f": no agent is in team {' or '.join(map(_quoted, empty))}{meant}"
    claim = f"{counted(selected.roster, 'agent')} on the roster, {selected.kept} requested"
    seen = ", ".join(selected.dropped[:3]) or f"{left_out} left out"
    yield FilteredByUs(
        options=options,
        left_out=left_out,
        of=f"the {counted(selected.roster, 'agent')} on the roster",
        conflict=conflict,
        choices=f"the teams of this roster: {', '.join(selected.teams_seen[:12]) or 'none named'}",
        strength=Strength.PROVEN if conflict else Strength.NOTE,
        evidence=(Evidence(claim, selected.exchange, case[TenantAsked].roster_rows, seen),),
        explains=selected.dropped,
    )


@check(needs=(TenantAsked, Selected, StatesSeen, StatesAsked), finds=(FilteredByUs,))
def every_state_shown(case: Case) -> Iterator[Finding]:
    """Is every logged-in agent in the state that rollcall filters by?"""
    tenant, wanted, rows = case[TenantAsked], case[Selected].state, case[StatesSeen].rows
    if not is_incontact(tenant) or not wanted:
        return
    logged_in = {agent: rows[agent].state for agent in case.roll.ids(Standing.PRESENT) if agent in rows}
    others = {agent: state for agent, state in logged_in.items() if not state or state.casefold() != wanted.casefold()}
    if not others:
        return
    meant = meant_state(wanted, logged_in.values()) if len(others) == len(logged_in) else None
    states = Counter(state or "(no name)" for state in others.values()).most_common()
    yield FilteredByUs(
        options=f"--state {wanted}",
        left_out=len(others),
        of=f"the {len(logged_in)} logged-in agents",
        conflict=f": did you mean {meant}?" if meant else "",
        choices=f"the states of the others: {', '.join(f'{state} {count}' for state, count in states[:12])}",
        strength=Strength.NOTE,
        evidence=(row_of(case, next(iter(others))),),
        explains=tuple(others),
    )


def _empty_teams(case: Case) -> list[str]:
    """The selected teams that no agent of the roster is in. None of them is certain before the roster is whole."""
    selected = case[Selected]
    seen = {team.casefold() for team in selected.teams_seen}
    empty = [team for team in selected.teams if team.strip().casefold() not in seen]
    return empty if case.roll.roster_complete or not selected.kept else []


def _quoted(team: str) -> str:
    return f'"{team}"'
