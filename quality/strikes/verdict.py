"""Whether a struck run is right, says honestly what it does not know, or is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from quality.common.judge import complaints

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quality.strikes.plan import Setting
    from quality.strikes.running import Struck

EXPLAINED = frozenset({3, 4, 5})
"""Exit codes of a run that does not know everything: cannot tell, refused, not reached."""
MOST_TIMES = 4
MOST_BESIDE = 80
"""A struck run may ask so many times what a healthy one asks, and so many questions beside."""


class Ended(StrEnum):
    """What a run came to."""

    RIGHT = "right"
    PARTIAL = "honest partial"
    WRONG = "wrong"
    MISSED = "not struck"


@dataclass(frozen=True, slots=True)
class Account:
    """What a run says of each agent, and whether it says that these are all."""

    agents: dict[str, tuple[str, str | None]]
    complete: bool
    exit: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run came to, what is wrong with it, and what it took."""

    setting: Setting
    ended: Ended
    wrong: tuple[str, ...]
    codes: tuple[str, ...]
    requests: int
    seconds: float


def account_of(struck: Struck) -> Account:
    """Return the account that a run has printed."""
    document = struck.run.document
    said = {one["agent_id"]: (one["standing"], one["state"]) for one in document.get("agents", ())}
    return Account(said, bool(document.get("roster_complete")), struck.run.exit)


def judge(setting: Setting, struck: Struck, healthy: Struck) -> Verdict:
    """Judge a struck run by the healthy run of the same tenant."""
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
        yield f"there is no account: exit {struck.run.exit}, {struck.said.strip()[:200]}"
        return
    yield from complaints(struck.run)
    yield from _safe(struck)
    yield from _honest(account_of(struck), account_of(healthy), struck.run.document)
    yield from _proven(setting, struck, healthy)
    most = MOST_TIMES * len(healthy.asked) + MOST_BESIDE
    if len(struck.asked) > most:
        yield f"{len(struck.asked)} requests, of at most {most}"


def _safe(struck: Struck) -> Iterator[str]:
    if "Traceback" in struck.said:
        yield "a traceback reaches the user"
    if any(secret in text for secret in struck.secrets for text in (struck.said, struck.written)):
        yield "a secret is printed"
    if struck.strangers:
        yield f"another host was asked: {struck.strangers[0]}"


def _honest(said: Account, true: Account, document: dict[str, Any]) -> Iterator[str]:
    """Whatever is not as in the healthy run is unknown, and a finding says why.

    Where a tenant has rows for some who are logged out and none for others, it is all one which of the two is said.
    """
    either = {"absent", "logged_out"} <= {standing for standing, _ in true.agents.values()}
    changed = {one: now for one, now in said.agents.items() if now != true.agents.get(one)}
    for agent_id, (standing, state) in changed.items():
        borne_out = either and {standing, true.agents.get(agent_id, ("", None))[0]} == {"absent", "logged_out"}
        if standing != "unknown" and not borne_out:
            yield f"{agent_id} is called {standing} ({state}), and is {true.agents.get(agent_id)}"
            break
    lost = true.agents.keys() - said.agents.keys()
    if lost and said.complete:
        yield f"{len(lost)} agents are not listed, and the roster is called complete"
    unknown = {agent_id for agent_id, (standing, _) in said.agents.items() if standing == "unknown"}
    if not unknown and not lost and said.complete:
        if said.exit != true.exit:
            yield f"exit {said.exit}, though everybody is accounted for"
        return
    if said.exit not in EXPLAINED:
        yield f"exit {said.exit}, though {len(unknown)} are unknown and {len(lost)} not listed"
    serious = [one for one in document["findings"] if one["strength"] != "NOTE" and not one["code"].startswith("RC6")]
    if not serious and not any(one["code"] == "RC605" for one in document["findings"]):
        yield "nothing says why they are not known"
    elif not any(one["explains_all"] for one in document["findings"]):
        explained = {agent_id for one in document["findings"] for agent_id in one["explains"]}
        if unexplained := unknown - explained:
            yield f"{min(unexplained)} and {len(unexplained) - 1} more are unknown, and no finding says why"


def _proven(setting: Setting, struck: Struck, healthy: Struck) -> Iterator[str]:
    """Nothing is proven that the kind of strike does not lead to."""
    allowed = set(setting.strike.kind.proves) if setting.strike is not None else set()
    for code in sorted(struck.run.proven - healthy.run.proven - allowed):
        yield f"{code} is PROVEN"
