"""The account as JUnit XML, for CI: one test case a check, and one for the account itself.

Jenkins and GitLab read it. There is no one standard; what both understand is written: test cases with `failure`,
`error`, `skipped` and `system-out`. GitLab shows the body of a failure and not its message, and most readers show the
first failure of a test case only: each body is whole by itself, and that of the account lists every finding.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, NamedTuple

from cxone_rollcall.findings.account import BENIGN, Verdict
from cxone_rollcall.findings.catalogue import CHECKS
from cxone_rollcall.findings.check import Ended
from cxone_rollcall.findings.finding import Strength
from cxone_rollcall.findings.internal import CheckCrashed
from cxone_rollcall.version import __version__
from cxone_rollcall.views import account as text
from cxone_rollcall.views.text import brief, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cxone_rollcall.findings.account import Account
    from cxone_rollcall.findings.check import Outcome
    from cxone_rollcall.findings.finding import Finding

MOST_NAMED = 50
"""How many of the agents that a finding explains are named."""
LONGEST_TARGET = 120


class Reported(NamedTuple):
    """One test case: its name, how it ended (`failure`, `error`, `skipped`, "" for passed) and what is inside."""

    name: str
    ended: str
    inside: tuple[str, ...]
    seconds: float = 0.0


def account(account: Account) -> Iterator[bytes]:
    """Yield an account as JUnit XML, UTF-8, in pieces.

    `failures`, `errors` and `skipped` count test cases; a failed one has a `failure` for each of its findings.
    """
    cases = tuple(reported(account))
    ended = [case.ended for case in cases]
    counts = {"tests": len(cases)} | {
        name: ended.count(kind) for name, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))
    }
    numbers = {**{name: str(number) for name, number in counts.items()}, "time": f"{_seconds(account):.3f}"}
    tenant = account.tenant
    suite = f"rollcall check {tenant.instance} {tenant.contract}"
    yield b'<?xml version="1.0" encoding="UTF-8"?>\n'
    yield _opening("testsuites", name="rollcall", **numbers)
    yield _opening("testsuite", name=suite, timestamp=account.started_at.isoformat(timespec="seconds"), **numbers)
    yield b"<properties>\n"
    for name, value in _properties(account):
        yield f"<property{_attributes(name=name, value=value)}/>\n".encode()
    yield b"</properties>\n"
    # GitLab and Jenkins tell test cases apart by class and name, so that the class has to name the tenant.
    group = f"rollcall.{(tenant.profile or tenant.instance).replace('.', '_')}"
    for case in cases:
        yield _opening("testcase", classname=group, name=case.name, time=f"{case.seconds:.3f}")
        yield "".join(case.inside).encode()
        yield b"</testcase>\n"
    yield b"</testsuite>\n</testsuites>\n"


def reported(account: Account) -> Iterator[Reported]:
    """Yield the test case of the account, then one for each check, in the order of the road."""
    yield _balance(account)
    found = found_by(account)
    for outcome in account.outcomes:
        yield _case(outcome, found.get(outcome.check, ()), account)


def found_by(account: Account) -> dict[str, list[Finding]]:
    """Return the findings of each check, by its name.

    A few codes belong to two checks or three: where more than one of them found something, the first finding goes to
    the first that has none yet, as both are in the order of the road, and what is left over to the last.
    """
    found: dict[str, list[Finding]] = {
        outcome.check: [] for outcome in account.outcomes if outcome.ended is Ended.FOUND
    }
    finds = {check.name: check.finds for check in CHECKS}
    for finding in account.findings:
        checks = [name for name in found if type(finding) in finds.get(name, ())]
        if checks:
            found[next((name for name in checks if not found[name]), checks[-1])].append(finding)
    return found | {finding.check: [finding] for finding in account.findings if isinstance(finding, CheckCrashed)}


def _balance(account: Account) -> Reported:
    """Return the test case of the account itself: whatever the checks say, it passes with exit code 0 only."""
    counts = ", ".join(f"{name} {count}" for name, count in account.counts.items())
    said = "\n".join(map(printable, (*text.summary(account).split("\n"), counts))) + "\n"
    if not account.exit_code:
        return Reported("account", "", (_element("system-out", said),), _seconds(account))
    kind = "failure" if account.verdict is Verdict.MEND else "error"
    inside = _element(kind, said, message=text.headline(account), type=account.verdict.value)
    return Reported("account", kind, (inside,), _seconds(account))


def _case(outcome: Outcome, findings: Iterable[Finding], account: Account) -> Reported:
    if outcome.ended is Ended.SKIPPED:
        return Reported(outcome.check, "skipped", (_element("skipped", printable(outcome.why), message=outcome.why),))
    if outcome.ended is Ended.CRASHED:
        body = "\n".join(_body(finding, account) for finding in findings) or printable(outcome.why)
        return Reported(outcome.check, "error", (_element("error", body, message=outcome.why, type=CheckCrashed.code),))
    failures, rest = [], []
    for finding in findings:
        body = _body(finding, account)
        if finding.strength is Strength.NOTE or finding.code in BENIGN:
            rest.append(body)
        else:
            kind = f"{finding.code} {finding.name}"
            failures.append(_element("failure", body, message=f"{finding.code} {finding.text}", type=kind))
    inside = (*failures, _element("system-out", "\n".join(rest))) if rest else tuple(failures)
    return Reported(outcome.check, "failure" if failures else "", inside)


def _body(finding: Finding, account: Account) -> str:
    return "\n".join(_lines(finding, account)) + "\n"


def _lines(finding: Finding, account: Account) -> Iterator[str]:
    yield printable(f"{finding.code} {finding.name} {finding.strength.value}: {finding.text}")
    for evidence in finding.evidence:
        yield printable(f"seen: {evidence.claim}: {evidence.seen}")
        exchange = account.cited.get(evidence.exchange)
        if exchange is not None:
            at = f", at {evidence.pointer}" if evidence.pointer else ""
            correlation = f", CorrelationId {exchange.correlation}" if exchange.correlation else ""
            target = brief(exchange.target, LONGEST_TARGET)
            yield printable(f"  in request {exchange.number} {exchange.method} {target}{at}{correlation}")
    if finding.explains:
        more = len(finding.explains) - MOST_NAMED
        named = " ".join(finding.explains[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
        yield printable(f"agents ({len(finding.explains)}): {named}")
    if finding.settle:
        yield printable(f"open: {finding.settle}")
    if finding.strength is not Strength.NOTE and finding.code not in BENIGN:
        yield printable(f"fix: {finding.fix_text}")
    yield f"more: rollcall explain {finding.code}"


def _properties(account: Account) -> Iterator[tuple[str, str]]:
    tenant = account.tenant
    yield "instance", tenant.instance
    yield "contract", tenant.contract
    if tenant.chosen:
        yield "contract_chosen", tenant.chosen
    if tenant.profile:
        yield "profile", tenant.profile
    yield "verdict", account.verdict.value
    yield "exit", str(account.exit_code)
    for name, count in account.counts.items():
        yield name, str(count)
    yield "roster_complete", str(account.roll.roster_complete).lower()
    yield "requests", str(account.requests.sent)
    if account.ended_early:
        yield "ended_early", account.ended_early
    yield "rollcall", __version__


def _seconds(account: Account) -> float:
    return max((account.finished_at - account.started_at).total_seconds(), 0.0)


def _element(name: str, body: str, **attributes: str) -> str:
    """Return an element with a text, whose lines are all printable already."""
    return f"<{name}{_attributes(**attributes)}>{escape(body)}</{name}>\n"


def _opening(tag: str, /, **attributes: str) -> bytes:
    return f"<{tag}{_attributes(**attributes)}>\n".encode()


def _attributes(**attributes: str) -> str:
    """Return attributes in quotes; what XML 1.0 cannot hold (controls, surrogates, U+FFFE) is shown escaped."""
    return "".join(f' {name}="{escape(printable(value))}"' for name, value in attributes.items())
