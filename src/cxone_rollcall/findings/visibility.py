"""RC304 to RC306: whom does the API keep from us?"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.contract_facts import lists_logged_out
from cxone_rollcall.findings.failures import MOST_EVIDENCE
from cxone_rollcall.findings.finding import Finding, Strength, counted
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.access import TokenGranted
from cxone_rollcall.model.observations.base import Selected, TenantAsked
from cxone_rollcall.model.observations.probes import SkillsAsked
from cxone_rollcall.model.observations.roster import RosterRead
from cxone_rollcall.model.observations.states import AgentsAskedAlone, Alone, StatesAsked
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.timestamp import parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from cxone_rollcall.findings.case import Case
    from cxone_rollcall.model.roll import RollEntry

FEWEST = 3
"""Agents that a team must have before its silence, or its full answer, says anything of the team."""
_WITH_ROW = (Standing.PRESENT, Standing.LOGGED_OUT)


class HiddenAgents(Finding, frozen=True, kw_only=True):
    """
    The server says that it withholds agents from this caller.

    ## What was seen
    `hiddenAgents` above 0 in the roster. NICE describes this member nowhere; its name is all that is known.
    ## Why agents go missing
    A data restriction in the security profile of the access key's owner hides agents, teams or sites. Those agents
    are on no page, so nobody can be asked about them.
    ## Fix
    Use the access key of a user without data restrictions, or lift them (Admin > Security Profiles).
    ## Not this when
    The server counts more agents than it names and says nothing of hidden ones (RC504), or names the token's own agent
    alone (RC306).
    ## Try it
        rollcall check --demo --contract incontact --fault hidden-agents
    """

    code = "RC304"
    name = "hidden-agents"
    message = "the server counts {hidden}: probably agents whom data restrictions keep from this caller"
    fix = "use the access key of a user without data restrictions, or lift them in the user's security profile"

    hidden: str


class TeamNotVisible(Finding, frozen=True, kw_only=True):
    """
    Whole teams have no state, and every other agent has one.

    ## What was seen
    On the roster, teams of three active agents or more of whom nobody has a row; every active agent outside of them
    has one, a team of three or more among them. And one thing more, because a team may simply be off shift: others
    who are logged out have rows that say so; or an agent of the team, asked for alone, is refused; or three of the
    team and half of it logged in as late as those who are present.
    ## Why agents go missing
    The account may list these teams and not see their states.
    ## Fix
    Give the account the right to see these teams (security profile, views), or use one that has it.
    ## Not this when
    Some of the team have a row, or agents of other teams have none either (RC601, RC902).
    ## Try it
        rollcall check --demo --contract incontact --fault team-hidden
    """

    code = "RC305"
    name = "team-not-visible"
    message = "{agents} without a state are all of {teams}, everybody else has one: probably hidden from this account"
    fix = "give this account the right to see {teams} (security profile, views), or use one that has it"

    teams: str


class OwnUserOnly(Finding, frozen=True, kw_only=True):
    """
    Nobody is shown but the token's own agent.

    ## What was seen
    One agent on the roster, or one row among the states, and it is that of the agent whom the token names. SUSPECTED
    where something shows that there are others: the roster counts hidden agents, a skill counts more agents as logged
    in, another agent asked for alone is refused, or the own row says logged out while nobody else's does. Without
    that it is a NOTE: a tenant of one agent, or one in which nobody else is logged in, looks the same.
    ## Why agents go missing
    The account may see itself and nobody else.
    ## Fix
    Use the access key of a user who may see all agents, such as a supervisor, or widen the rights of this one.
    ## Not this when
    Any other agent has a row, or the token names no agent (RC207).
    ## Try it
        rollcall check --demo --contract incontact --fault own-user-only
    """

    code = "RC306"
    name = "own-user-only"
    message = "the only {what} is {own}, the token's own agent{others}"
    fix = "use the access key of a user who may see all agents, or widen the rights of this one"

    what: str
    own: str
    others: str


@check(needs=(TokenGranted, RosterRead), finds=(HiddenAgents,))
def nobody_hidden(case: Case) -> Iterator[Finding]:
    """Does the server name all agents whom it has?"""
    roster = case[RosterRead]
    if roster.hidden > 0 and not _own_alone(case):  # RC306 counts them then
        yield HiddenAgents(
            hidden=counted(roster.hidden, "hidden agent"),
            strength=Strength.SUSPECTED,
            settle="ask with the access key of a user without data restrictions",
            evidence=(
                Evidence(
                    "the server's own count of hidden agents",
                    roster.hidden_exchange or roster.exchange,
                    "/hiddenAgents",
                    str(roster.hidden),
                ),
            ),
        )


@check(needs=(TenantAsked, Selected, StatesAsked), uses=(AgentsAskedAlone,), finds=(TeamNotVisible,))
def teams_visible(case: Case) -> Iterator[Finding]:
    """Does every team have at least one agent with a state, where all others have one?"""
    selected, states, alone = case[Selected], case[StatesAsked], case.get(AgentsAskedAlone)
    if selected.agents or selected.teams or not case.roll.roster_complete:
        return
    refused = _refused_alone(alone)
    hidden = _silent_teams(case.roll.entries, _unheard(states, alone))
    if not hidden:
        return
    silent = [entry for entries in hidden.values() for entry in entries]
    here = {agent: exchange for agent, exchange in refused.items() if agent in {e.agent.agent_id for e in silent}}
    present = case.roll.of(Standing.PRESENT)
    told = lists_logged_out(case)
    if not (told or here or _are_as_late(hidden.values(), present)):
        return
    evidence = [
        Evidence(
            f"no row for any of {counted(len(entries), 'agent')} of {team}",
            states.absent.get(entries[0].agent.agent_id, states.exchange) or states.exchange,
            case[TenantAsked].states_rows,
            "rows of all others, also of who is logged out" if told else "rows of all others",
        )
        for team, entries in list(hidden.items())[:MOST_EVIDENCE]
    ]
    evidence += [
        Evidence(f"{agent}, asked for alone", exchange, "status", "refused")
        for agent, exchange in list(here.items())[:MOST_EVIDENCE]
    ]
    teams = ", ".join(list(hidden)[:MOST_EVIDENCE])
    more = f" and {len(hidden) - MOST_EVIDENCE} more" if len(hidden) > MOST_EVIDENCE else ""
    yield TeamNotVisible(
        teams=f"the {'team' if len(hidden) == 1 else 'teams'} {teams}{more}",
        strength=Strength.SUSPECTED,
        settle="ask while somebody of the team is known to be logged in, or with an account that may see the team",
        evidence=tuple(evidence),
        explains=tuple(entry.agent.agent_id for entry in silent),
    )


@check(
    needs=(TenantAsked, TokenGranted, Selected, RosterRead),
    uses=(StatesAsked, AgentsAskedAlone, SkillsAsked),
    finds=(OwnUserOnly,),
)
def others_visible(case: Case) -> Iterator[Finding]:
    """Is anybody shown beside the token's own agent?"""
    own, roster, selected = case[TokenGranted].agent_id, case[RosterRead], case[Selected]
    states, tenant = case.get(StatesAsked), case[TenantAsked]
    alone, skills = case.get(AgentsAskedAlone), case.get(SkillsAsked)
    if own is None or selected.agents or selected.teams:
        return
    entries = case.roll.entries
    others = [entry for entry in entries if entry.agent.agent_id != own and not _inactive_and_silent(entry)]
    ours = [entry for entry in entries if entry.agent.agent_id == own]
    refused = _refused_alone(alone)
    evidence: list[Evidence] = []
    if _own_alone(case):
        what = "agent on the roster"
        seen = Evidence("the one agent", roster.exchange, tenant.roster_rows, own)
        if roster.hidden > 0:
            exchange = roster.hidden_exchange or roster.exchange
            count = str(roster.hidden)
            evidence.append(Evidence("hidden agents", exchange, "/hiddenAgents", count))
    elif states is not None and _only_row(states, ours) and _silent(others, _unheard_beside_own(states, alone)):
        what = "agent with a row among the states"
        seen = Evidence("the one row", states.exchange, tenant.states_rows, own)
        if lists_logged_out(case) and any(entry.agent.active for entry in others):
            said = "logged out, which others would be as well"
            evidence.append(Evidence("it says", states.exchange, tenant.states_rows, said))
        evidence += [
            Evidence(f"{agent}, asked for alone", exchange, "status", "refused")
            for agent, exchange in list(refused.items())[:MOST_EVIDENCE]
        ]
    else:
        return
    if skills is not None and skills.logged_in > 1:
        counts = f"{skills.logged_in} agents logged in"
        evidence.append(Evidence("a skill counts", skills.exchange, "agentsLoggedIn", counts))
    certain = bool(evidence)
    yield OwnUserOnly(
        what=what,
        own=own,
        others=", though there are others: probably it may see itself alone" if certain else "; there may be no other",
        strength=Strength.SUSPECTED if certain else Strength.NOTE,
        settle="ask with the access key of a user who may see all agents" if certain else "",
        evidence=(seen, *evidence),
        explains=tuple(entry.agent.agent_id for entry in others) if certain else (),
        explains_all=certain,
    )


def _refused_alone(alone: AgentsAskedAlone | None) -> dict[str, int]:
    """Return the agents who were refused when asked for by themselves, each with its exchange.

    Not found says less: it may be how a server says that somebody is logged out.
    """
    items = alone.items if alone is not None else ()
    return {item.agent_id: item.exchange for item in items if item.said is Alone.FORBIDDEN}


def _unheard(states: StatesAsked, alone: AgentsAskedAlone | None) -> frozenset[str]:
    """Return the unknown agents whom a list that was read to its end has no row for.

    They are unknown because some were turned away when asked for alone, or because nobody vouches for the list. A list
    that was seen to lose rows says nothing of anybody; nor does an answer to ids.
    """
    items = alone.items if alone is not None else ()
    if not states.listed or any(item.said is Alone.ROW for item in items):
        return frozenset(item.agent_id for item in items if item.said is Alone.FORBIDDEN)
    return frozenset(states.unvouched) | {item.agent_id for item in items if item.said is Alone.FORBIDDEN}


def _unheard_beside_own(states: StatesAsked, alone: AgentsAskedAlone | None) -> frozenset[str]:
    """Return the unknown agents for whom the row of the token's own agent does not vouch."""
    return _unheard(states, alone) if states.listed else frozenset(states.unvouched)


def _own_alone(case: Case) -> bool:
    """Tell whether the token's own agent is the only one on the roster."""
    own = [entry.agent.agent_id for entry in case.roll.entries] == [case[TokenGranted].agent_id]
    return own and case[RosterRead].agents == 1


def _inactive_and_silent(entry: RollEntry) -> bool:
    return entry.agent.active is False and entry.standing not in _WITH_ROW


def _only_row(states: StatesAsked, ours: Sequence[RollEntry]) -> bool:
    return states.exchange > 0 and any(entry.standing in _WITH_ROW for entry in ours)


def _silent(entries: Sequence[RollEntry], unheard: Container[str]) -> bool:
    """Tell whether each was asked and has no state. Who is unknown for another reason may have one."""
    return bool(entries) and all(
        entry.standing is Standing.ABSENT or (entry.standing is Standing.UNKNOWN and entry.agent.agent_id in unheard)
        for entry in entries
    )


def _silent_teams(entries: Sequence[RollEntry], unheard: Container[str]) -> dict[str, list[RollEntry]]:
    """Return the active agents of the teams of whom nobody has a row; none where anybody else lacks one too."""
    full: defaultdict[str | None, int] = defaultdict(int)
    hidden: dict[str, list[RollEntry]] = {}
    for entry in entries:
        if entry.agent.active is False:
            continue
        team = entry.agent.team
        if entry.standing in _WITH_ROW:
            full[team] += 1
        elif team:
            hidden.setdefault(team, []).append(entry)
        else:
            return {}
        if team in hidden and team in full:
            return {}  # which most tenants show with the first few agents
    if any(len(members) < FEWEST or not _silent(members, unheard) for members in hidden.values()):
        return {}
    return hidden if any(count >= FEWEST for team, count in full.items() if team) else {}


def _are_as_late(teams: Iterable[Sequence[RollEntry]], present: Sequence[RollEntry]) -> bool:
    """Tell whether of each silent team three, and half, logged in no earlier than half of those who are present."""
    known = [when for entry in present if (when := parse_timestamp(entry.agent.last_login)) is not None]
    if not known or len(known) < len(present):
        return False
    from statistics import median  # only this question has a use for it

    middle = median(known)
    return all(_is_as_late(silent, middle) for silent in teams)


def _is_as_late(silent: Sequence[RollEntry], middle: float) -> bool:
    theirs = [when for entry in silent if (when := parse_timestamp(entry.agent.last_login)) is not None]
    late = sum(when >= middle for when in theirs)
    return late >= FEWEST and 2 * late >= len(silent)
