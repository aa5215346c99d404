"""Judges a struck run: right, honest partial, or wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from quality.common.judge import complaints
from quality.precision.plan import allowed
from quality.strikes.plan import Setting
from quality.strikes.running import Struck

EXPLAINED = frozenset({3, 4, 5})
"""Exit codes of incomplete runs: cannot tell, refused, not reached."""
MOST_TIMES = 4
MOST_BESIDE = 80
"""The most requests of a struck run, as factor and addend. They apply to the requests of a healthy run."""


class Ended(StrEnum):
    """The verdict in one word."""

    RIGHT = "right"
    PARTIAL = "honest partial"
    WRONG = "wrong"
    MISSED = "not struck"


@dataclass(frozen=True, slots=True)
class Account:
    """What a run reports of agents and roster. Each agent has standing and state; the roster is complete or not."""

    agents: dict[str, tuple[str, str | None]]
    complete: bool
    exit: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of one run: errors, codes, requests and seconds."""

    setting: Setting
    ended: Ended
    wrong: tuple[str, ...]
    codes: tuple[str, ...]
    requests: int
    seconds: float


def account_of(struck: Struck) -> Account:
    """Return the account of a run."""
    document = struck.run.document
    said = {one["agent_id"]: (one["standing"], one["state"]) for one in document.get("agents", ())}
    return Account(said, bool(document.get("roster_complete")), struck.run.exit)


def judge(setting: Setting, struck: Struck, healthy: Struck) -> Verdict:
    """The verdict on a run, compared with its tenant's healthy run."""
    wrong = tuple(_wrong(setting, struck, healthy))
    if wrong:
        ended = Ended.WRONG
    elif setting.strike is not None and not struck.struck:
        ended = Ended.MISSED
    else:
        ended = Ended.RIGHT if account_of(struck) == account_of(healthy) else Ended.PARTIAL
    findings = struck.run.document.get("findings", ())
    codes = tuple(f"{one['code']} {one['strength']}" for one in findings)
    return Verdict(setting, ended, wrong, codes, len(struck.asked), struck.seconds)


def _wrong(setting: Setting, struck: Struck, healthy: Struck) -> Iterator[str]:
    if not struck.run.document:
        yield f"no account: exit {struck.run.exit}, {struck.said.strip()[:200]}"
        return
    yield from complaints(struck.run)
    yield from _safe(struck)
    yield from _honest(account_of(struck), account_of(healthy), struck.run.document)
    yield from _proven(setting, struck, healthy)
    most = MOST_TIMES * len(healthy.asked) + MOST_BESIDE
    if len(struck.asked) > most:
        yield f"{len(struck.asked)} requests, more than {most}"


def _safe(struck: Struck) -> Iterator[str]:
    if "Traceback" in struck.said:
        yield "a traceback is printed"
    if any(secret in text for secret in struck.secrets for text in (struck.said, struck.written)):
        yield "a secret is printed"
    if struck.foreign_requests:
        yield f"a request to another host: {struck.foreign_requests[0]}"


def _honest(said: Account, true: Account, document: dict[str, Any]) -> Iterator[str]:
    """Each difference to the healthy run must be "unknown". A finding must explain it.

    If the healthy run has both absent and logged-out agents, either standing is accepted for both.
    """
    either = {"absent", "logged_out"} <= {standing for standing, _ in true.agents.values()}
    changed = {one: now for one, now in said.agents.items() if now != true.agents.get(one)}
    for agent_id, (standing, state) in changed.items():
        equivalent = either and {standing, true.agents.get(agent_id, ("", None))[0]} == {"absent", "logged_out"}
        if standing != "unknown" and not equivalent:
            yield f"{agent_id} is called {standing} ({state}), but is {true.agents.get(agent_id)}"
            break
    lost = true.agents.keys() - said.agents.keys()
    if lost and said.complete:
        yield f"{len(lost)} agents are not listed, but the roster is called complete"
    unknown = {agent_id for agent_id, (standing, _) in said.agents.items() if standing == "unknown"}
    if not unknown and not lost and said.complete:
        if said.exit != true.exit:
            yield f"exit {said.exit}, though all agents are accounted for"
        return
    if said.exit not in EXPLAINED:
        yield f"exit {said.exit}, though {len(unknown)} are unknown and {len(lost)} not listed"
    serious = [one for one in document["findings"] if one["strength"] != "NOTE" and not one["code"].startswith("RC6")]
    if not serious and not any(one["code"] == "RC605" for one in document["findings"]):
        yield "no finding explains the unknown agents"
    elif not any(one["explains_all"] for one in document["findings"]):
        explained = {agent_id for one in document["findings"] for agent_id in one["explains"]}
        if unexplained := unknown - explained:
            yield f"{min(unexplained)} and {len(unexplained) - 1} more are unknown, and no finding says why"


def _proven(setting: Setting, struck: Struck, healthy: Struck) -> Iterator[str]:
    """Only codes of the strike and of the faults may be PROVEN."""
    (contract,), faults = setting.tenant.settings.contracts, setting.tenant.faults
    of_strike = set(setting.strike.kind.proves) if setting.strike is not None else set()
    for code in sorted(struck.run.proven - healthy.run.proven - of_strike - allowed(contract, faults)):
        yield f"{code} is PROVEN"
