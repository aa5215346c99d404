"""RC304 to RC306: does the API hide agents from this account?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence

from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.contract_facts import alone_as_evidence, asked_alone, lists_logged_out, row_exchange
from cxone_rollcall.findings.failures import MOST_EVIDENCE
from cxone_rollcall.findings.finding import Finding, Strength
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.access import TokenGranted
from cxone_rollcall.model.observations.base import Selected, TenantAsked
from cxone_rollcall.model.observations.probes import SkillsAsked
from cxone_rollcall.model.observations.roster import RosterRead
from cxone_rollcall.model.observations.states import AgentsAskedAlone, Alone, StatesAsked, StatesSeen
from cxone_rollcall.model.roll import RollEntry, Standing
from cxone_rollcall.model.timestamp import parse_timestamp
from cxone_rollcall.model.wording import counted

WHOSE = ", the token's own agent"
FEWEST = 3
"""Fewest agents of a team from which we judge the team."""
_WITH_ROW = (Standing.PRESENT, Standing.LOGGED_OUT)


class HiddenAgents(Finding, frozen=True, kw_only=True):
    """
    The server says that it hides agents from this caller.

    ## What was seen
    `hiddenAgents` above 0 in the roster. NICE does not document this field; only its name is known.
    ## Why agents go missing
    A data restriction in the security profile of the access key's owner hides agents, teams or sites. Those agents
    are on no page, so rollcall cannot request their states.
    ## Fix
    Use the access key of a user without data restrictions, or lift them (Admin > Security Profiles).
    ## Not this when
    The server counts more agents than it names, but no hidden ones (RC504), or names only the token's own agent
    (RC306).
    ## Try it
        rollcall check --demo --contract incontact --fault hidden-agents
    """

    code = "RC304"
    name = "hidden-agents"
    message = "the server counts {hidden}: data restrictions probably hide them from this caller"
    fix = "lift the data restrictions in the security profile of the access key's user"

    hidden: str


class TeamNotVisible(Finding, frozen=True, kw_only=True):
    """
    Whole teams have no state, and every other agent has one.

    ## What was seen
    Teams of three or more active agents in which no agent has a row, while every other active agent has one, among
    them a team of three or more. A team may simply be off shift, so there is one more sign: logged-out agents of other
    teams have rows that say so; or the request for an agent of the team alone is refused; or at least three agents and
    half of the team logged in as recently as the agents who are present.
    ## Why agents go missing
    The account may list these teams, but not see their states.
    ## Fix
    Give the account the permission to see these teams (security profile, views), or use one that has it.
    ## Not this when
    Some agents of the team have a row, or agents of other teams have none either (RC601, RC902).
    ## Try it
        rollcall check --demo --contract incontact --fault team-hidden
    """

    code = "RC305"
    name = "team-not-visible"
    message = "{agents} without a state, all in {teams}; all other agents have one: probably hidden from this account"
    fix = "give this account the permission to see {teams} (security profile, views), or use one that has it"

    teams: str


class OwnUserOnly(Finding, frozen=True, kw_only=True):
    """
    The only visible agent is the token's own.

    ## What was seen
    One agent on the roster, or one row among the states, and it is the agent that the token names. SUSPECTED if
    something shows that there are others: the roster counts hidden agents, a skill counts more agents as logged in, the
    request for another agent alone is refused, or the own row says logged out, so others should have such a row too.
    Without such a sign, a roster of one agent is SUSPECTED too, also if the token does not say whose it is: a tenant of
    one agent looks the same, so rollcall cannot tell whether this is the whole roster. One row among the states is then
    a NOTE: no other agent may be logged in.
    ## Why agents go missing
    The account may see only itself.
    ## Fix
    Use the access key of a user who may see all agents, such as a supervisor, or give this one more permissions.
    ## Not this when
    Any other agent has a row, or the token has no user (RC207).
    ## Try it
        rollcall check --demo --contract incontact --fault own-user-only
    """

    code = "RC306"
    name = "own-user-only"
    message = "the only {what} is {own}{whose}{others}"
    fix = "give the user of this access key the permission to see the other agents"

    what: str
    own: str
    whose: str
    others: str


@check(needs=(TokenGranted, RosterRead), finds=(HiddenAgents,))
def nobody_hidden(case: Case) -> Iterator[Finding]:
    """Does the server name all agents that it has?"""
    roster = case[RosterRead]
    if roster.hidden > 0 and not _own_alone(case):  # then RC306 counts them
        yield HiddenAgents(
            hidden=counted(roster.hidden, "hidden agent"),
            strength=Strength.SUSPECTED,
            settle="run the check with the access key of a user without data restrictions",
            evidence=(_hidden("the server's own count of hidden agents", roster),),
        )


@check(needs=(TenantAsked, Selected, StatesAsked), uses=(AgentsAskedAlone,), finds=(TeamNotVisible,))
def teams_visible(case: Case) -> Iterator[Finding]:
    """Does every team have at least one agent with a state?"""
    selected, states, alone = case[Selected], case[StatesAsked], asked_alone(case)
    if selected.agents or selected.teams or not case.roll.roster_complete:
        return
    hidden = _teams_without_rows(case.roll.entries, _missing_from_list(states, alone))
    if not hidden:
        return
    without_row = [entry for entries in hidden.values() for entry in entries]
    ids = {entry.agent.agent_id for entry in without_row}
    refused = [item for item in alone.of(Alone.FORBIDDEN) if item.agent_id in ids]
    present = case.roll.of(Standing.PRESENT)
    logged_out_listed = lists_logged_out(case)
    if not (logged_out_listed or refused or _logged_in_as_recently(hidden.values(), present)):
        return
    evidence = [
        Evidence(
            f"no row for any of {counted(len(entries), 'agent')} in {team}",
            states.absent.get(entries[0].agent.agent_id, states.exchange) or states.exchange,
            case[TenantAsked].states_rows,
            "rows of all other agents, also logged-out ones" if logged_out_listed else "rows of all other agents",
        )
        for team, entries in list(hidden.items())[:MOST_EVIDENCE]
    ]
    evidence += alone_as_evidence(refused, "refused")
    teams = ", ".join(list(hidden)[:MOST_EVIDENCE])
    more = f" and {len(hidden) - MOST_EVIDENCE} more" if len(hidden) > MOST_EVIDENCE else ""
    yield TeamNotVisible(
        teams=f"{'team' if len(hidden) == 1 else 'teams'} {teams}{more}",
        strength=Strength.SUSPECTED,
        settle="run the check while one of the team is known to be logged in, or with an account that may see the team",
        evidence=tuple(evidence),
        explains=tuple(entry.agent.agent_id for entry in without_row),
    )


@check(
    needs=(TenantAsked, TokenGranted, Selected, RosterRead),
    uses=(StatesAsked, StatesSeen, AgentsAskedAlone, SkillsAsked),
    finds=(OwnUserOnly,),
)
def others_visible(case: Case) -> Iterator[Finding]:
    """Is any agent visible besides the token's own?"""
    own, roster, selected = case[TokenGranted].agent_id, case[RosterRead], case[Selected]
    states, tenant = case.get(StatesAsked), case[TenantAsked]
    alone, skills = asked_alone(case), case.get(SkillsAsked)
    if selected.agents or selected.teams:
        return
    if own is None:
        if roster.only_agent and case[TokenGranted].has_user is not False and tenant.grant_type != "client_credentials":
            yield _perhaps_own(roster, tenant, roster.only_agent, "; the token does not say whose it is")
        return
    entries = case.roll.entries
    others = [entry for entry in entries if entry.agent.agent_id != own and not _inactive_without_row(entry)]
    ours = [entry for entry in entries if entry.agent.agent_id == own]
    evidence: list[Evidence] = []
    if _own_alone(case):
        what = "agent on the roster"
        seen = Evidence("the one agent", roster.first_exchange, tenant.roster_rows, own)
        if roster.hidden > 0:
            evidence.append(_hidden("hidden agents", roster))
    elif states is not None and _only_row(states, ours) and _have_no_row(others, _missing_beside_own(states, alone)):
        what = "agent with a row among the states"
        exchange = row_exchange(case, own)
        seen = Evidence("the one row", exchange, tenant.states_rows, own)
        if lists_logged_out(case) and any(entry.agent.active for entry in others):
            state = "logged out, so other logged-out agents should have rows too"
            evidence.append(Evidence("its state", exchange, tenant.states_rows, state))
        evidence += alone_as_evidence(alone.of(Alone.FORBIDDEN), "refused")
    else:
        return
    if skills is not None and skills.logged_in > 1:
        counts = f"{counted(skills.logged_in, 'agent')} logged in"
        evidence.append(Evidence("a skill counts", skills.exchange, "agentsLoggedIn", counts))
    certain = bool(evidence)
    if not certain and _own_alone(case):
        yield _perhaps_own(roster, tenant, own, WHOSE)
        return
    yield OwnUserOnly(
        what=what,
        own=own,
        whose=WHOSE,
        others=", though there are others: it probably may see only itself" if certain else "; there may be no other",
        strength=Strength.SUSPECTED if certain else Strength.NOTE,
        settle="run the check with the access key of a user who may see all agents" if certain else "",
        evidence=(seen, *evidence),
        explains=tuple(entry.agent.agent_id for entry in others) if certain else (),
        explains_all=certain,
    )


def _hidden(claim: str, roster: RosterRead) -> Evidence:
    return Evidence(claim, roster.hidden_exchange or roster.exchange, "/hiddenAgents", str(roster.hidden))


def _perhaps_own(roster: RosterRead, tenant: TenantAsked, agent_id: str, whose: str) -> Finding:
    """A roster of one agent: perhaps all that its owner may see."""
    return OwnUserOnly(
        what="agent on the roster",
        own=agent_id,
        whose=whose,
        others=": perhaps this account may see only itself",
        strength=Strength.SUSPECTED,
        settle="run the check with the access key of a user who may see all agents",
        evidence=(Evidence("the one agent", roster.first_exchange, tenant.roster_rows, agent_id),),
    )


def _missing_from_list(states: StatesAsked, alone: AgentsAskedAlone) -> frozenset[str]:
    """Unknown agents without a row in a complete list of states.

    They are unknown because requests for single agents were refused, or because the list could not be confirmed. A list
    that is known to lose rows proves nothing, nor does a response to ids.
    """
    # A 404 does not count: it may be how a server says that an agent is logged out.
    refused = frozenset(item.agent_id for item in alone.of(Alone.FORBIDDEN))
    return refused if not states.listed or alone.of(Alone.ROW) else refused.union(states.unvouched)


def _missing_beside_own(states: StatesAsked, alone: AgentsAskedAlone) -> frozenset[str]:
    """Unknown agents without a row beside that of the token's own agent."""
    return _missing_from_list(states, alone) if states.listed else frozenset(states.unvouched)


def _own_alone(case: Case) -> bool:
    """Whether the token's own agent is the only one on the roster."""
    own = [entry.agent.agent_id for entry in case.roll.entries] == [case[TokenGranted].agent_id]
    return own and case[RosterRead].agents == 1


def _inactive_without_row(entry: RollEntry) -> bool:
    return entry.agent.active is False and entry.standing not in _WITH_ROW


def _only_row(states: StatesAsked, ours: Sequence[RollEntry]) -> bool:
    return states.exchange > 0 and any(entry.standing in _WITH_ROW for entry in ours)


def _have_no_row(entries: Sequence[RollEntry], missing: Container[str]) -> bool:
    """Whether each agent is absent or `missing`. An agent that is unknown for another reason may have a row."""
    return bool(entries) and all(
        entry.standing is Standing.ABSENT or (entry.standing is Standing.UNKNOWN and entry.agent.agent_id in missing)
        for entry in entries
    )


def _teams_without_rows(entries: Sequence[RollEntry], missing: Container[str]) -> dict[str, list[RollEntry]]:
    """Active agents of teams without any row, by team. Empty if any other agent has no row either."""
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
            return {}  # in most tenants the first few agents show this
    if any(len(members) < FEWEST or not _have_no_row(members, missing) for members in hidden.values()):
        return {}
    return hidden if any(count >= FEWEST for team, count in full.items() if team) else {}


def _logged_in_as_recently(teams: Iterable[Sequence[RollEntry]], present: Sequence[RollEntry]) -> bool:
    """Whether the teams logged in as recently as the agents present.

    In each team, three agents and half of it logged in no earlier than the median of those present.
    """
    known = [when for entry in present if (when := parse_timestamp(entry.agent.last_login)) is not None]
    if not known or len(known) < len(present):
        return False
    from statistics import median  # imported here: rarely needed, and slow to import

    middle = median(known)
    return all(_team_as_recently(team, middle) for team in teams)


def _team_as_recently(team: Sequence[RollEntry], middle: float) -> bool:
    theirs = [when for entry in team if (when := parse_timestamp(entry.agent.last_login)) is not None]
    late = sum(when >= middle for when in theirs)
    return late >= FEWEST and 2 * late >= len(team)
