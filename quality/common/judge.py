"""What must hold of one run whatever the faults, and what of it is wrong: the judge of tests and of the table."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from cxone_rollcall.emulator import Truth

BENIGN = {
    "RC601": "in each tenant somebody is off shift",
    "RC602": "in each tenant somebody has left",
    "RC603": "in each tenant somebody is new",
    "RC604": "somebody may log in at any time",
}
"""What is named in a healthy tenant too."""

LEFT_OVER = {"RC514": "whoever is left unknown for want of a witness is named by it, whatever the fault"}
"""What any fault may lead to."""

HIDES_ROSTER = {
    "roster-empty": "the roster names nobody and counts nobody",
    "hidden-agents": "the roster leaves some out, and says how many",
    "own-user-only": "the roster names the token's own agent alone",
    "no-user": "the roster is refused or empty",
    "team-hidden": "on v2 whoever is of another team and not logged in is left off",
}
REWRITES_STATES = {
    "state-unnamed": "one row says another state, or none",
    "rows-contradict": "one agent has two rows, and which is true cannot be told",
    "poll-stale": "the states are those of then",
}
KEEPS_ROWS_BACK = {
    "team-hidden": "a whole team has no row, as if it were not logged in",
    "seen-elsewhere": "an agent at work has no row, in the list nor alone",
    "login-race": "who has just logged in has no row when first asked for, and may not be asked for twice",
}
"""Faults whose answer cannot be told from an absence: the agent is absent, and a finding explains it."""
STALE = {"poll-stale": "the states are those of then, and RC702 says so"}
"""Faults by which who logged in or out since then is misreported."""

SURE_OF_AN_AGENT = {"RC601", "RC602", "RC603"}
"""Codes that, PROVEN, say of an agent that nobody there is logged in."""


@dataclass(frozen=True)
class Run:
    """What one run came to: the exit code, the document on stdout, and what was true of each agent."""

    exit: int
    document: dict[str, Any]
    truth: tuple[Truth, ...]

    @property
    def strengths(self) -> dict[str, set[str]]:
        """How sure the run was of each code that it named."""
        named: dict[str, set[str]] = {}
        for finding in self.document["findings"]:
            named.setdefault(finding["code"], set()).add(finding["strength"])
        return named

    @property
    def serious(self) -> set[str]:
        """The codes above NOTE that a healthy tenant does not have, and that not any fault may lead to."""
        return {code for code, said in self.strengths.items() if said != {"NOTE"}} - BENIGN.keys() - LEFT_OVER.keys()

    @property
    def proven(self) -> set[str]:
        """The codes of these that it called PROVEN."""
        return {code for code in self.serious if "PROVEN" in self.strengths[code]}


def complaints(run: Run, *faults: str) -> tuple[str, ...]:
    """Say what does not hold: the account balances, and nobody is lost, invented or slandered."""
    names = {fault.partition("=")[0] for fault in faults}
    return (*_balance(run, names), *_standings(run, names), *_findings(run, names))


def wrong_proven(run: Run, allowed: Collection[str]) -> tuple[str, ...]:
    """Return the codes that are PROVEN and that no fault which is on leads to."""
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
        yield f"the absent are not the explained and the unexplained: {count}"
    if invented := agents.keys() - truth:
        yield f"{min(invented)} is listed, and there is no such agent"
    if document["roster_complete"] and names.isdisjoint(HIDES_ROSTER) and (lost := truth - agents.keys()):
        yield f"{min(lost)} is not listed, and the roster is called complete"


def _standings(run: Run, names: set[str]) -> Iterator[str]:
    truth = {one.agent_id: one.state for one in run.truth}
    published = run.document["tenant"]["contract"] == "incontact"  # which has other names for the same states
    for agent in run.document["agents"]:
        who, standing, state = agent["agent_id"], agent["standing"], truth.get(agent["agent_id"])
        if standing == "present":
            if state is None and names.isdisjoint(STALE):
                yield f"{who} is called present, and is not logged in"
            elif not published and state is not None and agent["state"] != state and names.isdisjoint(REWRITES_STATES):
                yield f"{who} is called {agent['state']}, and is {state}"
        elif state is not None and standing != "unknown" and names.isdisjoint(STALE):
            kept_back = agent["findings"] and names & set(KEEPS_ROWS_BACK)
            yield from () if kept_back else (f"{who} is called {standing}, and is logged in",)


def _findings(run: Run, names: set[str]) -> Iterator[str]:
    listed = {agent["agent_id"] for agent in run.document["agents"]}
    logged_in = {one.agent_id for one in run.truth if one.state is not None}
    findings = run.document["findings"]
    for finding in findings:
        code = finding["code"]
        if not finding["evidence"]:
            yield f"{code} has no evidence"
        if any(one["exchange"] > run.document["requests"]["sent"] for one in finding["evidence"]):
            yield f"{code} names an exchange that there was not"
        if not set(finding["explains"]) <= listed:
            yield f"{code} explains somebody who is not listed"
        slandered = logged_in.intersection(finding["explains"])
        sure = finding["strength"] == "PROVEN" and code in SURE_OF_AN_AGENT and names.isdisjoint(STALE)
        if sure and slandered:
            yield f"{code} is PROVEN of {min(slandered)}, who is logged in"
    if [one["code"] for one in findings] != sorted(one["code"] for one in findings):
        yield "the findings are not in the order of the road"
    for outcome in run.document["outcomes"]:
        if outcome["ended"] == "crashed":
            yield f"the check {outcome['check']} crashed: {outcome['why']}"
