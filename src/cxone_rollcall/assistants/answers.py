"""Turns an account into an answer. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from cxone_rollcall.assistants.documents import (
    AgentAnswer,
    AgentData,
    CheckAnswer,
    EvidenceData,
    FindingAnswer,
    FindingData,
    LoggedInAnswer,
    StateCount,
    StateData,
    WhyAnswer,
    WhyData,
)
from cxone_rollcall.assistants.problem import Candidate, NotAnswered
from cxone_rollcall.assistants.texts import MOST_OF_A_NAME, TenantTexts, plain_id
from cxone_rollcall.findings.account import BENIGN, Account
from cxone_rollcall.findings.contradiction import Contradicted
from cxone_rollcall.findings.finding import Finding, Strength
from cxone_rollcall.findings.freshness import AnswerStale
from cxone_rollcall.findings.identifiers import UnknownAgent
from cxone_rollcall.findings.page import page_of
from cxone_rollcall.findings.response import RowsContradict
from cxone_rollcall.live.groups import Groups
from cxone_rollcall.model.agent import Agent, fold_name
from cxone_rollcall.model.closest_match import closest_match
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.groups import GROUPS, Group
from cxone_rollcall.model.roll import RollEntry, Standing
from cxone_rollcall.model.struct import Value
from cxone_rollcall.model.timestamp import format_timestamp, parse_timestamp
from cxone_rollcall.model.wording import counted
from cxone_rollcall.views.json import CountsDocument
from cxone_rollcall.views.text import brief
from cxone_rollcall.why.answer import answers, called

MOST_AGENTS = 100
"""Agents listed in an answer. They are some 8,000 tokens, a third of what assistants read of one answer."""
MOST_IDS = 20
"""Ids listed of the agents that a finding explains."""
MOST_STATES = 50
MOST_EVIDENCE = 6
MOST_CANDIDATES = 12

_ORDER = (Standing.UNKNOWN, Standing.ABSENT, Standing.LOGGED_OUT, Standing.PRESENT)


class Asked(Value, frozen=True, kw_only=True):
    """An account with what is needed to answer from it. `tenant` is what people call the tenant."""

    account: Account
    tenant: str
    groups: Groups
    texts: TenantTexts


def check_answer(asked: Asked, age: float) -> CheckAnswer:
    """The whole roll call. `age` is in seconds."""
    account = asked.account
    entries, doubts = account.roll.entries, _doubts(account, account.roll.entries)
    if not doubts and account.exit_code not in (0, 1):
        doubts = [f"the verdict of the roll call is {account.verdict}"]
    counts = CountsDocument(**account.counts_of(entries))
    who = counted(counts.roster, "agent")
    said = [*_logged_in(counts, who, _known(account, doubts)), *_problems(account)]
    unexplained = set(account.unexplained)
    listed = [entry for standing in _ORDER for entry in account.roll.of(standing)]
    listed.sort(key=lambda entry: (_ORDER.index(entry.standing), entry.agent.agent_id not in unexplained))
    return CheckAnswer(
        **_dated(asked, age, said, doubts),
        counts=counts,
        states=[
            StateCount(agents=number, data=StateData(state=asked.texts.thing(state)))
            for state, number in list(account.roll.states().items())[:MOST_STATES]
        ],
        findings=[_finding(asked, one) for one in account.findings],
        agents=[_agent(asked, entry) for entry in listed[:MOST_AGENTS]],
        agents_omitted=max(0, len(listed) - MOST_AGENTS),
    )


def logged_in_answer(asked: Asked, age: float, team: str | None, group: str | None) -> LoggedInAnswer:
    """Who is logged in, of a team and in a group. Raises `NotAnswered` for a team that nobody is in."""
    account = asked.account
    entries = account.roll.entries if team is None else _in_team(asked, team)
    doubts, counts = _doubts(account, entries), CountsDocument(**account.counts_of(entries))
    present = [(entry, _group(asked, entry)) for entry in entries if entry.standing is Standing.PRESENT]
    number = Counter(of for _, of in present if of is not None)
    matching = [entry for entry, of in present if group in (None, of)]
    unknown = [entry for entry in entries if entry.standing is Standing.UNKNOWN]
    who = counted(counts.roster, "agent") + (" of this team" if team else "")
    said = [*_logged_in(counts, who, _known(account, doubts)), *_problems(account)]
    if group is not None and counts.roster:
        said.insert(1, f"Of these in the group {group}: {len(matching)}.")
    return LoggedInAnswer(
        **_dated(asked, age, said, doubts),
        counts=counts,
        groups={one: number[one] for one in GROUPS},
        matching=len(matching),
        agents=[_agent(asked, entry) for entry in matching[:MOST_AGENTS]],
        agents_omitted=max(0, len(matching) - MOST_AGENTS),
        unknown_agents=[_agent(asked, entry) for entry in unknown[:MOST_AGENTS]],
        unknown_omitted=max(0, len(unknown) - MOST_AGENTS),
        findings=[_finding(asked, one) for one in account.findings if one.code not in BENIGN],
    )


def why_answer(asked: Asked, age: float) -> WhyAnswer:
    """Why one agent has no state."""
    account = asked.account
    (answer, *_), entries = answers(account), account.roll.entries
    doubts, counts = _doubts(account, entries), CountsDocument(**account.counts_of(entries))
    entry = next((one for one in entries if one.agent == answer.agent), None)
    sentence = answer.sentence if asked.texts.names else _nameless(answer.sentence, answer.agent)
    causes = _named(answer.findings, proven="The cause", suspected="Perhaps the cause, which is not proven")
    return WhyAnswer(
        **_dated(asked, age, [_standing(account, entry, answer.findings), *causes], doubts),
        counts=counts,
        agents=[] if entry is None else [_agent(asked, entry)],
        findings=[_finding(asked, one, proof=True) for one in answer.findings],
        data=WhyData(
            sentence=asked.texts.message(sentence),
            evidence=[_evidence(asked, one) for one in answer.proof[:MOST_EVIDENCE]],
        ),
    )


def candidates(agents: Iterable[Agent], texts: TenantTexts) -> list[Candidate]:
    """Agents that may be meant. Without names each has only its id and its team."""
    return [candidate(one.agent_id, one.team, one.name, texts) for one in list(agents)[:MOST_CANDIDATES]]


def candidate(agent_id: str, team: str | None, name: str | None, texts: TenantTexts) -> Candidate:
    """One agent that may be meant."""
    named = {"name": texts.name(name)} if texts.names else {}
    return Candidate(agent_id=plain_id(agent_id), data={"team": texts.thing(team), **named})


def _dated(asked: Asked, age: float, said: Iterable[str], doubts: list[str]) -> dict[str, Any]:
    """What each answer begins with."""
    ending = f"This is not complete: {'; '.join(doubts)}." if doubts else "This is complete."
    return {
        "summary": " ".join((*said, ending)),
        "complete": not doubts,
        "incomplete_because": doubts,
        "as_of": format_timestamp(asked.account.started_at.timestamp()),
        "age": round(age, 1),
        "tenant": asked.tenant,
    }


def _known(account: Account, doubts: Sequence[str]) -> str:
    """What the number of those who are logged in is."""
    if _is_stale(account):
        return "Logged in at an earlier time"
    return "Known to be logged in" if doubts else "Logged in"


def _logged_in(counts: CountsDocument, who: str, known: str) -> list[str]:
    """Sentences with the counts. The first is on those who are logged in."""
    if not counts.roster:
        return ["Nothing is known of any agent: say that it is unknown who is logged in."]
    said = [f"{known}: {counts.logged_in} of {who}."]
    if counts.logged_out:
        said.append(f"Logged out, as the API says: {counts.logged_out}.")
    if counts.absent:
        said.append(
            f"Absent, which is without a state in answers that did include others: {counts.absent}. Findings explain"
            f" {counts.explained} of them."
        )
    if counts.unknown:
        said.append(
            f"Unknown: {counts.unknown}. Nobody knows whether they are logged in: say that it is unknown, and do not"
            " count them as absent or logged out."
        )
    return said


def _problems(account: Account) -> list[str]:
    """Sentences on what needs fixing."""
    found = [one for one in account.findings if one.code not in BENIGN]
    return _named(found, proven="Needs fixing", suspected="May need fixing, which is not proven")


def _standing(account: Account, entry: RollEntry | None, findings: Sequence[Finding]) -> str:
    """Sentences on one agent's standing."""
    was = "was, at an earlier time," if _is_stale(account) else "is"
    standing = Standing.UNKNOWN if entry is None else entry.standing
    said = {
        Standing.PRESENT: f"The agent {was} logged in.",
        Standing.LOGGED_OUT: f"The agent {was} logged out, as the API says.",
        Standing.ABSENT: "The agent has no state, in an answer that did include others.",
        Standing.UNKNOWN: "It is unknown whether the agent is logged in. Say that it is unknown, not absent.",
    }
    if not any(isinstance(one, UnknownAgent) for one in findings):
        return said[standing]
    if standing is Standing.ABSENT:
        return "Nothing is known of such an agent: the list of agents does not have it."
    return f"{said[standing]} The list of agents does not have the agent."


def _named(findings: Iterable[Finding], *, proven: str, suspected: str) -> list[str]:
    """A sentence with the findings of each strength. Only what is proven is stated as a fact."""
    findings, said = list(findings), []
    for start, strength in ((proven, Strength.PROVEN), (suspected, Strength.SUSPECTED)):
        if named := [f"{one.code} {one.name}" for one in findings if one.strength is strength]:
            said.append(f"{start}: {', '.join(named)}.")
    return said


def _doubts(account: Account, entries: Sequence[RollEntry]) -> list[str]:
    """What nobody knows about these agents. [] if everything is known."""
    counts, doubts = CountsDocument(**account.counts_of(entries)), []
    if counts.unknown:
        unknown = [one.agent.agent_id for one in entries if one.standing is Standing.UNKNOWN]
        codes = {code for one in unknown for code in account.codes_by_agent.get(one, ())}
        codes |= {one.code for one in account.findings if one.explains_all}
        why = f" ({', '.join(sorted(codes - BENIGN))})" if codes - BENIGN else ""
        doubts.append(f"{counted(counts.unknown, 'agent')} unknown{why}")
    if counts.unexplained:
        doubts.append(f"nothing explains {counted(counts.unexplained, 'absent agent')}")
    if not account.roll.roster_complete:
        doubts.append("the list of agents could not be read to its end, so there may be more of them")
    elif not entries:
        doubts.append("the list of agents is empty")
    if account.ended_early:
        doubts.append("the roll call ended early")
    if _is_stale(account):
        doubts.append("the states are old ones, so who is logged in now is unknown (RC702 says how old)")
    ids = {entry.agent.agent_id for entry in entries}
    if any(isinstance(one, UnknownAgent) for one in account.findings):
        doubts.append("the list of agents lacks this one, who may be hidden from this account (RC402)")
    elif doubted := len(ids & account.doubted.difference(account.unexplained)):
        doubts.append(f"{counted(doubted, 'absent agent')} may be logged in all the same")
    if account.hiding:
        doubts.append(f"this account may not see all agents ({', '.join(account.hiding)})")
    of_these = [one for one in account.findings if not one.explains or not ids.isdisjoint(one.explains)]
    if any(isinstance(one, Contradicted | RowsContradict) for one in of_these):
        doubts.append("what the API says of some agents contradicts itself")
    return doubts


def _is_stale(account: Account) -> bool:
    """Whether the states are those of an earlier time."""
    return any(isinstance(one, AnswerStale) for one in account.findings)


def _in_team(asked: Asked, team: str) -> list[RollEntry]:
    wanted = fold_name(team)
    entries = asked.account.roll.entries
    found = [entry for entry in entries if (one := entry.agent.team) and fold_name(one) == wanted]
    if found:
        return found
    teams = {fold_name(one): one for entry in entries if (one := entry.agent.team)}
    shown = brief(team, MOST_OF_A_NAME)
    if not asked.account.lists_all or asked.account.hiding:
        raise NotAnswered(
            f"No agent who is known is in a team {shown!r}. There may be agents who are not known, so it is unknown who"
            " is in that team. check says why",
            candidates=_teams(asked, teams.values()),
        )
    if not teams:
        raise NotAnswered("The list of agents names no teams here: leave team out")
    near = closest_match(wanted, teams)
    ordered = sorted(teams.values(), key=lambda one: (one != (teams[near] if near else None), one))
    raise NotAnswered(
        f"No agent is in a team {shown!r}. Ask with one of the team names under candidates, or leave team out",
        candidates=_teams(asked, ordered),
    )


def _teams(asked: Asked, teams: Iterable[str]) -> list[Candidate]:
    return [Candidate(data={"team": asked.texts.thing(one)}) for one in list(teams)[:MOST_CANDIDATES]]


def _group(asked: Asked, entry: RollEntry) -> Group | None:
    return asked.groups.of(entry.state) if entry.standing is Standing.PRESENT and entry.state is not None else None


def _agent(asked: Asked, entry: RollEntry) -> AgentAnswer:
    agent, state, texts = entry.agent, entry.state, asked.texts
    since = parse_timestamp(state.since) if state else None
    named = {"name": agent.name, "user_name": agent.user_name, "email": agent.email} if texts.names else {}
    data = AgentData(
        state=texts.thing(state.state) if state else None,
        sub_state=texts.thing(state.sub_state) if state else None,
        team=texts.thing(agent.team),
        **{field: texts.name(text) for field, text in named.items()},
    )
    return AgentAnswer(
        agent_id=plain_id(agent.agent_id),
        standing=entry.standing.value,
        logged_in=entry.logged_in,
        group=_group(asked, entry),
        since=None if since is None else format_timestamp(since),
        findings=list(asked.account.codes_by_agent.get(agent.agent_id, ())),
        data=data,
    )


def _finding(asked: Asked, finding: Finding, *, proof: bool = False) -> FindingAnswer:
    """A finding; with `proof`, its evidence too."""
    texts = asked.texts
    data = FindingData(
        message=texts.message(finding.text),
        fix=texts.message(finding.fix_text),
        settle=texts.message(finding.settle),
        evidence=[_evidence(asked, one) for one in finding.evidence[:MOST_EVIDENCE]] if proof else msgspec.UNSET,
    )
    return FindingAnswer(
        code=finding.code,
        name=finding.name,
        strength=finding.strength.value,
        summary=page_of(type(finding)).summary,
        explains=len(finding.explains),
        explains_all=finding.explains_all,
        agents=[plain_id(one) for one in finding.explains[:MOST_IDS]],
        data=data,
    )


def _evidence(asked: Asked, evidence: Evidence) -> EvidenceData:
    return EvidenceData(claim=asked.texts.message(evidence.claim), seen=asked.texts.message(evidence.seen))


def _nameless(sentence: str, agent: Agent | None) -> str:
    """The sentence with an agent's id alone. A name of one common word would not be found in it later."""
    return sentence.replace(called(agent), agent.agent_id) if agent is not None else sentence
