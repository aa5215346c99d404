"""What speaks against the account: the user's own eyes, or another trace of the agent. Then nothing is explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.findings.account import BENIGN, Account, Verdict
from cxone_rollcall.findings.check import Check, Ended, Outcome
from cxone_rollcall.findings.finding import Finding
from cxone_rollcall.findings.internal import Unexplained
from cxone_rollcall.findings.next_command import why as why_command
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.base import TenantAsked
from cxone_rollcall.model.observations.probes import ExpectedLoggedIn, LookedCloser
from cxone_rollcall.model.observations.states import StatesAsked, StatesSeen
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.struct import replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cxone_rollcall.findings.case import Case
    from cxone_rollcall.model.roll import RollEntry

YOU_SEE = "you see a login"
NOT_TAKEN = "what it found explains nobody whom something else shows to be logged in"


class Contradicted(Unexplained, frozen=True, kw_only=True):
    """
    The API says that an agent is not logged in, and something else says that it is.

    It is RC902, unexplained, in the words that fit: of two that cannot both be true, neither explains the agent.
    """

    message = "the API has {said} for {who}, and yet: {against}"
    fix = (
        "look which tenant, which business unit and which agent id the desktop is logged in to; "
        "ask again a minute later (--grace 60); save the case: {command}"
    )

    who: str
    said: str
    against: str
    command: str


class Doubted(Account, frozen=True, kw_only=True):
    """An account in which something speaks against what the API says of some agents: then it cannot be told.

    `doubts` says of each of them what that is.
    """

    doubts: dict[str, str]

    @property
    def verdict(self) -> Verdict:
        """What the run comes to: where nothing worse is known, that it cannot tell."""
        verdict = super().verdict
        return Verdict.CANNOT_TELL if self.doubts and verdict in (Verdict.COMPLETE, Verdict.MEND) else verdict


def doubted(account: Account) -> Account:
    """Return the account with nobody explained by "not logged in" of whom something says otherwise."""
    doubts = {entry.agent.agent_id: why for entry in account.roll.entries if (why := _doubt(account, entry))}
    if not doubts:
        return account
    findings = [kept for one in account.findings if (kept := _less(one, doubts)) is not None]
    findings += [_contradicted(account.case, entry, doubts) for entry in account.roll.entries if _id(entry) in doubts]
    findings.sort(key=lambda finding: finding.code)
    before, after = account.findings, tuple(findings)
    cited = {evidence.exchange for finding in after for evidence in finding.evidence}
    given = {name: getattr(account, name) for name in Account.__struct_fields__}
    given |= {
        "findings": after,
        "outcomes": tuple(_outcome(outcome, before, after) for outcome in account.outcomes),
        "cited": {exchange.number: exchange for exchange in account.exchanges if exchange.number in cited},
    }
    return Doubted(**given, doubts=doubts)


def _doubt(account: Account, entry: RollEntry) -> str:
    """Return what speaks against the standing of an agent, "" where nothing does, or something better explains it."""
    agent_id, case = entry.agent.agent_id, account.case
    if entry.standing not in (Standing.LOGGED_OUT, Standing.ABSENT):
        return ""
    if set(account.codes_by_agent.get(agent_id, ())) - BENIGN - {Unexplained.code}:
        return ""
    looked, expected = case.get(LookedCloser), case.get(ExpectedLoggedIn)
    against = [sign.against for sign in looked.of(agent_id) if sign.against] if looked is not None else []
    if expected is not None and agent_id in expected.agents:
        against.insert(0, YOU_SEE)
    return "; ".join(against)


def _less(finding: Finding, doubts: dict[str, str]) -> Finding | None:
    """Return a finding without the agents that it no longer explains; None where that is all that it said.

    What the roster says of them stays a fact.
    """
    if finding.code not in ("RC601", Unexplained.code):
        return finding
    left = tuple(agent_id for agent_id in finding.explains if agent_id not in doubts)
    return replace(finding, explains=left) if left else None


def _contradicted(case: Case, entry: RollEntry, doubts: dict[str, str]) -> Contradicted:
    agent_id = entry.agent.agent_id
    rows, looked = case[TenantAsked].states_rows, case.get(LookedCloser)
    if entry.standing is Standing.LOGGED_OUT:
        said = (entry.state.state if entry.state else None) or "logged out"
        row = f"the row of {agent_id}"
        seen = Evidence(claim=row, exchange=case[StatesSeen].logged_out.get(agent_id, 0), pointer=rows, seen=said)
    else:
        said = "no row"
        exchange = case[StatesAsked].absent.get(agent_id, 0)
        seen = Evidence(claim=f"no row for {agent_id}", exchange=exchange, pointer=rows, seen="rows of other agents")
    evidence = [seen]
    if doubts[agent_id].startswith(YOU_SEE):
        evidence.append(Evidence(claim="you see it logged in", exchange=0, pointer="", seen="--expect-logged-in"))
    if looked is not None:
        evidence += [sign.evidence for sign in looked.of(agent_id) if sign.against]
    return Contradicted(
        who=agent_id,
        said=said,
        against=doubts[agent_id],
        command=why_command(agent_id, "--save", "case.json"),
        evidence=tuple(evidence),
        explains=(agent_id,),
    )


def _outcome(outcome: Outcome, before: tuple[Finding, ...], after: tuple[Finding, ...]) -> Outcome:
    """Return how a check ended, where what it found is not taken for an explanation any more."""
    if outcome.check == "all-explained":
        return Outcome(outcome.check, Ended.FOUND)
    gone = any(one.code == "RC601" for one in before) and not any(one.code == "RC601" for one in after)
    if gone and outcome.check in ("logged-out", "no-row") and outcome.ended is Ended.FOUND:
        return Outcome(outcome.check, Ended.SKIPPED, NOT_TAKEN)
    return outcome


def _id(entry: RollEntry) -> str:
    return entry.agent.agent_id


def _nothing(case: Case) -> Iterator[Finding]:
    """Find nothing: what speaks against an account is weighed when all else is judged."""
    yield from ()


closely = Check("closely", needs=(), finds=(), judge=_nothing, uses=(LookedCloser,))
"""A check that needs the closer look, so that it is asked for."""
