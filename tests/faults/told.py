"""What a fault is expected to lead to, what one run came to, and what must hold of every run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rollcall.emulator import Truth
from rollcall.findings.base import Strength

PROVEN, SUSPECTED, NOTE = Strength.PROVEN, Strength.SUSPECTED, Strength.NOTE
COMPLETE, MEND, CANNOT_TELL, REFUSED, NOT_REACHED = 0, 1, 3, 4, 5

BENIGN = {
    "RC601": "in each tenant somebody is off shift",
    "RC602": "in each tenant somebody has left",
    "RC603": "in each tenant somebody is new",
    "RC604": "somebody may log in at any time",
}
"""What is named in a healthy tenant too."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One fault, the code that it leads to and how sure that is, and the exit code.

    `beside` are other codes above NOTE that this fault leads to, each with the reason why that is right.
    """

    fault: str
    code: str
    strength: Strength
    exit: int
    beside: dict[str, str] = field(default_factory=dict)
    agents: int = 120
    seed: int = 1

    @property
    def name(self) -> str:
        """The fault without its arguments."""
        return self.fault.partition("=")[0]


def case(fault: str, code: str, strength: Strength, exit_code: int, **more: Any) -> Case:
    """Write a case as one line of a table."""
    return Case(fault=fault, code=code, strength=strength, exit=exit_code, **more)


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
}
"""Faults whose answer cannot be told from an absence: the agent is absent, and a finding explains it."""
STALE = {"poll-stale"}
"""Faults that answer with the states of then: who logged in or out since is misreported, and RC702 says so."""


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
        """The codes above NOTE that a healthy tenant does not have."""
        return {code for code, said in self.strengths.items() if said != {NOTE}} - set(BENIGN)


def hold(run: Run, *faults: str) -> None:
    """Assert what must hold whatever the faults: the account balances, and nobody is lost, invented or slandered."""
    document, names = run.document, {fault.partition("=")[0] for fault in faults}
    count, agents, truth = document["counts"], document["agents"], {one.agent_id: one for one in run.truth}
    standing = {agent["agent_id"]: agent["standing"] for agent in agents}
    assert document["exit"] == run.exit
    assert count["roster"] == len(agents) == len(standing)
    assert count["roster"] == count["present"] + count["logged_out"] + count["absent"] + count["unknown"]
    assert count["absent"] == count["explained"] + count["unexplained"]
    assert set(standing) <= set(truth)
    if document["roster_complete"] and names.isdisjoint(HIDES_ROSTER):
        assert set(standing) == set(truth)
    published = document["tenant"]["contract"] == "incontact"  # which has other names for the same states
    for agent in agents:
        true_state = truth[agent["agent_id"]].state
        if agent["standing"] == "present":
            assert true_state is not None or names & STALE
            assert published or agent["state"] == true_state or names & set(REWRITES_STATES)
        elif true_state is not None and names.isdisjoint(STALE):
            assert agent["standing"] == "unknown" or (agent["findings"] and names & set(KEEPS_ROWS_BACK))
    for finding in document["findings"]:
        assert finding["evidence"]
        assert set(finding["explains"]) <= set(standing)
        assert all(one["exchange"] <= document["requests"]["sent"] for one in finding["evidence"])
    assert [one for one in document["outcomes"] if one["ended"] == "crashed"] == []
