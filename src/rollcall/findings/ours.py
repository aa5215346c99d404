"""RC8xx: was it us?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rollcall.findings.base import Evidence, Finding, Strength, check
from rollcall.model.observation import Selected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollcall.findings.base import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class FilteredByUs(Finding):
    """
    Our own options left agents out.

    ## What was seen
    The roster has more agents than were called, because of `--agent` or `--team`. Where an agent that was named is
    of another team, or no agent is of the team, the options contradict one another or the tenant (then PROVEN);
    else it is a NOTE.
    ## Why agents go missing
    They were never asked for.
    ## Fix
    Drop the option, or correct it.
    ## Not this when
    The agent is on no page of the roster (RC402).
    ## Try it
        rollcall check --demo --team Nowhere
    """

    code = "RC801"
    name = "filtered-by-us"
    message = "our own {options} left out {left_out} of the {roster} agents on the roster{conflict}"
    fix = "drop or correct {options}; the teams of this roster: {teams}"

    options: str
    left_out: int
    roster: int
    conflict: str
    teams: str


@check(needs=(Selected,), finds=(FilteredByUs,))
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
        roster=selected.roster,
        conflict=conflict,
        teams=", ".join(selected.teams_seen[:12]) or "none named",
        strength=Strength.PROVEN if conflict else Strength.NOTE,
        evidence=(
            Evidence(
                claim=f"{selected.roster} agents on the roster, {selected.kept} called",
                exchange=selected.exchange,
                pointer="/entities",
                seen=", ".join(selected.dropped[:3]) or f"{left_out} left out",
            ),
        ),
        explains=selected.dropped,
    )
