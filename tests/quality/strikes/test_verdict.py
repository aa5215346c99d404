"""The judge of the strikes distinguishes right, honest partial and wrong."""

from __future__ import annotations

from typing import Any

import pytest
from quality.common.judge import Run
from quality.strikes.kinds import KINDS
from quality.strikes.plan import TENANTS, Setting
from quality.strikes.running import Struck
from quality.strikes.strike import Strike, When
from quality.strikes.verdict import Ended, judge

from cxone_rollcall.emulator import Truth

TRUTH = (Truth("1", "Lee, Ann", True, "Busy", None), Truth("2", "Doe, Jo", True, None, None))
SECRET = "a-secret-of-some-length"
KIND = next(kind for kind in KINDS if kind.name == "500")
SETTING = Setting(tenant=TENANTS[0], strike=Strike(KIND, "GET /", When.ALWAYS))


def finding(code: str, strength: str, *explains: str, all_: bool = False) -> dict[str, Any]:
    """Return a finding of the JSON document."""
    evidence = [{"exchange": 1}]
    return {"code": code, "strength": strength, "explains": explains, "explains_all": all_, "evidence": evidence}


def struck(
    first: str = "present", second: str = "absent", *findings: dict[str, Any], exit_code: int = 0, **odd: Any
) -> Struck:
    """A run with these standings of two agents, the first logged in."""
    standings = (first, second)
    agents: list[dict[str, Any]] = [
        {"agent_id": one.agent_id, "standing": said, "state": one.state if said == "present" else None, "findings": []}
        for one, said in zip(TRUTH, standings, strict=True)
    ]
    count = {name: standings.count(name) for name in ("present", "logged_out", "absent", "unknown")}
    document = {
        "exit": exit_code,
        "tenant": {"contract": "v2"},
        "counts": {"roster": 2, **count, "explained": count["absent"], "unexplained": 0},
        "roster_complete": odd.pop("complete", True),
        "agents": agents,
        "findings": list(findings),
        "outcomes": [],
        "requests": {"sent": 9},
    }
    if "listed" in odd:
        document["agents"] = agents[: odd.pop("listed")]
        document["counts"] = {"roster": 1, "present": 1, "logged_out": 0, "absent": 0, "unknown": 0}
        document["counts"] |= {"explained": 0, "unexplained": 0}
    usual = {
        "said": "",
        "written": "",
        "asked": ("GET /",),
        "struck": 1,
        "secrets": frozenset({SECRET}),
        "seconds": 0.0,
    }
    return Struck(run=Run(exit_code, document, TRUTH), **{**usual, "foreign_requests": (), **odd})


HEALTHY = struck()
UNKNOWN = finding("RC512", "PROVEN", "1")


@pytest.mark.parametrize(
    ("run", "ended"),
    [
        (struck(), Ended.RIGHT),
        (struck(struck=0), Ended.MISSED),
        (struck("unknown", "absent", UNKNOWN, exit_code=3), Ended.PARTIAL),
        (struck("present", "absent", finding("RC105", "PROVEN"), exit_code=3, complete=False, listed=1), Ended.PARTIAL),
    ],
)
def test_truths_and_explained_unknowns_are_not_wrong(run: Struck, ended: Ended) -> None:
    """A run that reports the truth is not wrong. Nor is one that reports what is unknown, and why."""
    verdict = judge(SETTING, run, HEALTHY)
    assert (verdict.ended, verdict.wrong) == (ended, ())


@pytest.mark.parametrize(
    ("run", "why"),
    [
        (struck("absent", "absent"), "is called absent"),
        (struck("logged_out", "absent"), "is called logged_out"),
        (struck("present", "present"), "is called present"),
        (struck("unknown", "absent", UNKNOWN, exit_code=0), "exit 0, though 1 are unknown"),
        (struck("unknown", "absent", exit_code=3), "no finding explains the unknown"),
        (struck("unknown", "absent", finding("RC512", "PROVEN", "2"), exit_code=3), "no finding says why"),
        (struck(exit_code=3), "though all agents are accounted for"),
        (
            struck("present", "absent", finding("RC105", "PROVEN"), exit_code=3, listed=1),
            "the roster is called complete",
        ),
        (struck("unknown", "absent", finding("RC107", "PROVEN", "1"), exit_code=3), "RC107 is PROVEN"),
        (struck(said="Traceback (most recent call last)"), "a traceback"),
        (struck(written=SECRET), "a secret is printed"),
        (struck(foreign_requests=("GET /",)), "a request to another host"),
        (struck(asked=("GET /",) * 85), "85 requests, more than 84"),
    ],
)
def test_untruths_and_hidden_unknowns_are_wrong(run: Struck, why: str) -> None:
    """A run that reports an untruth is wrong. So is one that hides what is unknown."""
    verdict = judge(SETTING, run, HEALTHY)
    assert verdict.ended is Ended.WRONG
    assert any(why in said for said in verdict.wrong), verdict.wrong


def test_no_account() -> None:
    """A run without an account is wrong."""
    nothing = Struck(Run(2, {}, TRUTH), "usage", "", (), 1, frozenset(), (), 0.0)
    assert judge(SETTING, nothing, HEALTHY).ended is Ended.WRONG
