"""The account as JUnit XML: one test case, and one per check. Each check is another.

JUnit XML has no standard, so only what both Jenkins and GitLab read is written: test cases with `failure`, `error`,
`skipped` and `system-out`. GitLab shows the body of a failure but not its message, and most readers show only the first
failure of a test case. Therefore each body is complete, and the account's body lists every finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from cxone_rollcall.findings.account import Account, Verdict
from cxone_rollcall.findings.catalogue import CHECKS
from cxone_rollcall.findings.check import Ended, Outcome
from cxone_rollcall.findings.finding import Finding
from cxone_rollcall.findings.internal import CheckCrashed
from cxone_rollcall.version import __version__
from cxone_rollcall.views import account as text
from cxone_rollcall.views.evidence import evidence_line, needs_fix
from cxone_rollcall.views.text import printable

if TYPE_CHECKING:
    from cxone_rollcall.why.answer import Answer

MOST_NAMED = 50
"""Agents named for each finding."""


class Reported(NamedTuple):
    """One test case: its name, ending and XML. It ended as `failure`, `error`, `skipped`, or None if it passed."""

    name: str
    ended: str | None
    inside: tuple[str, ...]
    seconds: float = 0.0


def account(account: Account, said: Sequence[Answer] = ()) -> Iterator[bytes]:
    """Yield an account as JUnit XML in UTF-8. `said` are the answers of `rollcall why`.

    `failures`, `errors` and `skipped` count test cases; a failed test case has one `failure` for each finding.
    """
    cases = tuple(reported(account, [answer.sentence for answer in said]))
    ended = [case.ended for case in cases]
    numbers = {
        "tests": str(len(cases)),
        "failures": str(ended.count("failure")),
        "errors": str(ended.count("error")),
        "skipped": str(ended.count("skipped")),
        "time": f"{_seconds(account):.3f}",
    }
    tenant = account.tenant
    suite = f"rollcall check {tenant.instance} {tenant.contract}"
    yield b'<?xml version="1.0" encoding="UTF-8"?>\n'
    yield _opening("testsuites", name="rollcall", **numbers)
    yield _opening("testsuite", name=suite, timestamp=account.started_at.isoformat(timespec="seconds"), **numbers)
    yield b"<properties>\n"
    for name, value in _properties(account):
        yield f"<property{_attributes(name=name, value=value)}/>\n".encode()
    yield b"</properties>\n"
    # GitLab and Jenkins identify a test case by class and name, so the class must name the tenant.
    group = f"rollcall.{(tenant.profile or tenant.instance).replace('.', '_')}"
    for case in cases:
        yield _opening("testcase", classname=group, name=case.name, time=f"{case.seconds:.3f}")
        yield "".join(case.inside).encode()
        yield b"</testcase>\n"
    yield b"</testsuite>\n</testsuites>\n"


def reported(account: Account, sentences: Sequence[str] = ()) -> Iterator[Reported]:
    """The account's test case, then one for each check. Checks are in catalogue order.

    The account's body begins with the `sentences` that answer a `rollcall why`.
    """
    yield _balance(account, sentences)
    found = found_by(account)
    for outcome in account.outcomes:
        yield _case(outcome, found.get(outcome.check, ()), account)


def found_by(account: Account) -> dict[str, list[Finding]]:
    """The findings of each check, by the check's name.

    A few codes belong to several checks. If several of those found something, findings are dealt out in catalogue
    order: each to the first check that has none yet, and the rest to the last.
    """
    found: dict[str, list[Finding]] = {
        outcome.check: [] for outcome in account.outcomes if outcome.ended is Ended.FOUND
    }
    finds = {check.name: check.finds for check in CHECKS}
    for finding in account.findings:
        checks = [name for name in found if isinstance(finding, finds.get(name, ()))]
        if checks:
            found[next((name for name in checks if not found[name]), checks[-1])].append(finding)
    return found | {finding.check: [finding] for finding in account.findings if isinstance(finding, CheckCrashed)}


def _balance(account: Account, sentences: Sequence[str]) -> Reported:
    """The test case of the account. It passes only with exit code 0."""
    counts = ", ".join(f"{name} {count}" for name, count in account.counts.items())
    body = "\n".join(map(printable, (*sentences, *text.summary(account).split("\n"), counts))) + "\n"
    if not account.exit_code:
        return Reported("account", None, (_element("system-out", body),), _seconds(account))
    kind = "failure" if account.verdict is Verdict.MEND else "error"
    message = sentences[0] if sentences else text.headline(account)
    inside = _element(kind, body, message=message, type=account.verdict.value)
    return Reported("account", kind, (inside,), _seconds(account))


def _case(outcome: Outcome, findings: Sequence[Finding], account: Account) -> Reported:
    if outcome.ended is Ended.SKIPPED:
        return Reported(outcome.check, "skipped", (_element("skipped", printable(outcome.why), message=outcome.why),))
    if outcome.ended is Ended.CRASHED:
        body = _body(findings[0], account)
        return Reported(outcome.check, "error", (_element("error", body, message=outcome.why, type=CheckCrashed.code),))
    failures, rest = [], []
    for finding in findings:
        body = _body(finding, account)
        if not needs_fix(finding):
            rest.append(body)
        else:
            kind = f"{finding.code} {finding.name}"
            failures.append(_element("failure", body, message=f"{finding.code} {finding.text}", type=kind))
    inside = (*failures, _element("system-out", "\n".join(rest))) if rest else tuple(failures)
    return Reported(outcome.check, "failure" if failures else None, inside)


def _body(finding: Finding, account: Account) -> str:
    return "\n".join(_lines(finding, account)) + "\n"


def _lines(finding: Finding, account: Account) -> Iterator[str]:
    yield printable(f"{finding.code} {finding.name} {finding.strength.value}: {finding.text}")
    yield from (f"seen: {evidence_line(evidence, account)}" for evidence in finding.evidence)
    if finding.explains:
        more = len(finding.explains) - MOST_NAMED
        named = " ".join(finding.explains[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
        yield printable(f"agents ({len(finding.explains)}): {named}")
    if finding.settle:
        yield printable(f"to confirm: {finding.settle}")
    if needs_fix(finding):
        yield printable(f"fix: {finding.fix_text}")
    yield f"details: rollcall explain {finding.code}"


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
    """An element with a text that is already printable."""
    return f"<{name}{_attributes(**attributes)}>{escape(body)}</{name}>\n"


def _opening(tag: str, /, **attributes: str) -> bytes:
    return f"<{tag}{_attributes(**attributes)}>\n".encode()


def _attributes(**attributes: str) -> str:
    """Quoted attributes. Characters that XML 1.0 forbids (controls, surrogates, U+FFFE) are shown escaped."""
    return "".join(f' {name}="{escape(printable(value))}"' for name, value in attributes.items())
