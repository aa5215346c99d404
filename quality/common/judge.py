"""Judges a run against the truth: what must hold, whatever the faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from cxone_rollcall.emulator import Truth

BENIGN = {
    "RC601": "every tenant has agents who are off shift",
    "RC602": "every tenant has inactive agents",
    "RC603": "every tenant has new agents",
    "RC604": "an agent may log in at any time",
}
"""Codes that a healthy tenant has too."""

LEFT_OVER = {"RC514": "it names the agents whom no other finding explains as unknown"}
"""Codes that any fault may lead to."""

HIDES_ROSTER = {
    "roster-empty": "the roster is empty, and so is its total",
    "hidden-agents": "the roster omits some agents, and counts them",
    "own-user-only": "the roster has only the token's own agent",
    "no-user": "the roster is refused or empty",
    "team-hidden": "on v2 the roster omits agents of that team who are not logged in",
}
REWRITES_STATES = {
    "state-unnamed": "one row has another state, or none",
    "rows-contradict": "one agent has two rows, and nothing says which is true",
    "poll-stale": "the states are old",
}
KEEPS_ROWS_BACK = {
    "team-hidden": "a whole team has no row, as if it were logged out",
    "seen-elsewhere": "an agent at work has no row, neither in the list nor alone",
    "login-race": "an agent who has just logged in has no row at first, and may not be requested again",
}
"""Faults that look like absence. The agent is absent, and a finding explains it."""
STALE = {"poll-stale": "the states are old, and RC702 says so"}
"""Faults that misreport agents who logged in or out since then."""

SURE_OF_AN_AGENT = {"RC601", "RC602", "RC603"}
"""Codes that say, if PROVEN, that an agent is not logged in."""


@dataclass(frozen=True)
class Run:
    """One run: exit code, JSON document, and each agent's true state."""

    exit: int
    document: dict[str, Any]
    truth: tuple[Truth, ...]

    @property
    def strengths(self) -> dict[str, set[str]]:
        """The strengths of each code that the run reported."""
        named: dict[str, set[str]] = {}
        for finding in self.document["findings"]:
            named.setdefault(finding["code"], set()).add(finding["strength"])
        return named

    @property
    def serious(self) -> set[str]:
        """The codes above NOTE, without `BENIGN` and `LEFT_OVER`."""
        return {code for code, said in self.strengths.items() if said != {"NOTE"}} - BENIGN.keys() - LEFT_OVER.keys()

    @property
    def proven(self) -> set[str]:
        """The serious codes that are PROVEN."""
        return {code for code in self.serious if "PROVEN" in self.strengths[code]}


def complaints(run: Run, *faults: str) -> tuple[str, ...]:
    """What is wrong with the account. Checked are sums, lost or invented agents, and standings."""
    names = {fault.partition("=")[0] for fault in faults}
    return (*_balance(run, names), *_standings(run, names), *_findings(run, names))


def wrong_proven(run: Run, allowed: Collection[str]) -> tuple[str, ...]:
    """Return the PROVEN codes that none of these faults leads to."""
    return tuple(sorted(run.proven - set(allowed)))


def _balance(run: Run, names: set[str]) -> Iterator[str]:
    document, count = run.document, run.document["counts"]
    agents = Counter(agent["agent_id"] for agent in document["agents"])
    truth = {one.agent_id for one in run.truth}
    if document["exit"] != run.exit:
        yield f"exit {run.exit}, and the document says {document['exit']}"
    if not count["roster"] == len(document["agents"]) == len(agents):
        yield f"{count['roster']} on the roster, {len(document['agents'])} agents listed, {len(agents)} different ones"
    if count["roster"] != count["present"] + count["logged_out"] + count["absent"] + count["unknown"]:
        yield f"the standings do not add up to the roster: {count}"
    if count["absent"] != count["explained"] + count["unexplained"]:
        yield f"absent is not explained plus unexplained: {count}"
    if invented := agents.keys() - truth:
        yield f"{min(invented)} is listed, but there is no such agent"
    if document["roster_complete"] and names.isdisjoint(HIDES_ROSTER) and (lost := truth - agents.keys()):
        yield f"{min(lost)} is not listed, but the roster is called complete"


def _standings(run: Run, names: set[str]) -> Iterator[str]:
    truth = {one.agent_id: one.state for one in run.truth}
    other_names = run.document["tenant"]["contract"] == "incontact"  # for the same states
    for agent in run.document["agents"]:
        who, standing, state = agent["agent_id"], agent["standing"], truth.get(agent["agent_id"])
        if standing == "present":
            if state is None and names.isdisjoint(STALE):
                yield f"{who} is called present, but is not logged in"
            elif (
                not other_names and state is not None and agent["state"] != state and names.isdisjoint(REWRITES_STATES)
            ):
                yield f"{who} is called {agent['state']}, but is {state}"
        elif state is not None and standing != "unknown" and names.isdisjoint(STALE):
            kept_back = agent["findings"] and names & set(KEEPS_ROWS_BACK)
            yield from () if kept_back else (f"{who} is called {standing}, but is logged in",)


def _findings(run: Run, names: set[str]) -> Iterator[str]:
    listed = {agent["agent_id"] for agent in run.document["agents"]}
    logged_in = {one.agent_id for one in run.truth if one.state is not None}
    findings = run.document["findings"]
    for finding in findings:
        code = finding["code"]
        if not finding["evidence"]:
            yield f"{code} has no evidence"
        if any(one["exchange"] > run.document["requests"]["sent"] for one in finding["evidence"]):
            yield f"{code} cites an exchange that does not exist"
        if not set(finding["explains"]) <= listed:
            yield f"{code} explains an agent who is not listed"
        wronged = logged_in.intersection(finding["explains"])
        sure = finding["strength"] == "PROVEN" and code in SURE_OF_AN_AGENT and names.isdisjoint(STALE)
        if sure and wronged:
            yield f"{code} is PROVEN for {min(wronged)}, who is logged in"
    if [one["code"] for one in findings] != sorted(one["code"] for one in findings):
        yield "the findings are not sorted by code"
    for outcome in run.document["outcomes"]:
        if outcome["ended"] == "crashed":
            yield f"the check {outcome['check']} crashed: {outcome['why']}"
