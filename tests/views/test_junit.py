"""The account as JUnit XML: valid, counted, with every problem failing."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.views.test_account import an_account, found, present

from cxone_rollcall.findings.account import Account
from cxone_rollcall.findings.agent import NotLoggedIn
from cxone_rollcall.findings.catalogue import CHECKS
from cxone_rollcall.findings.check import Ended, Outcome
from cxone_rollcall.findings.finding import Finding, Strength
from cxone_rollcall.findings.internal import CheckCrashed
from cxone_rollcall.findings.judge import judge
from cxone_rollcall.findings.own_filters import FilteredByUs
from cxone_rollcall.findings.permission import Forbidden
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.roll import RollEntry, Standing
from cxone_rollcall.model.struct import replace
from cxone_rollcall.views import junit
from cxone_rollcall.views.text import printable

ANY_TEXT = st.text(st.characters())
SEEN = (Evidence("it was seen", 1, "status", "503"),)


def read(account: Account) -> ET.Element:
    """Parse the document, and check its counts against its test cases."""
    root = ET.fromstring(b"".join(junit.account(account)))  # noqa: S314  our own document
    (suite,) = root
    cases = suite.findall("testcase")
    between = [root.text, suite.text, *(one.tail for one in root.iter()), *(case.text for case in cases)]
    assert not "".join(text or "" for text in between).strip()
    for element in (root, suite):
        assert int(element.attrib["tests"]) == len(cases)
        for counted, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(element.attrib[counted]) == sum(case.find(kind) is not None for case in cases)
    return suite


def case_of(account: Account, name: str) -> ET.Element:
    """Return one test case."""
    (case,) = [case for case in read(account).findall("testcase") if case.attrib["name"] == name]
    return case


def with_outcome(check: str, ended: Ended, *findings: Finding, why: str = "") -> Account:
    """Return an account in which one check ended so."""
    return replace(an_account(present("1")), findings=findings, outcomes=(Outcome(check, ended, why),))


def refused(*, asked: str = "states", reason: str = "no role") -> Forbidden:
    """Return a finding that more than one check can find."""
    return Forbidden(asked=asked, although="it is allowed", reason=reason, evidence=SEEN)


@given(ANY_TEXT, ANY_TEXT)
def test_any_text_gives_valid_xml(text: str, other: str) -> None:
    """Any text gives valid XML, with the text as shown."""
    finding = replace(
        refused(reason=text), evidence=(replace(SEEN[0], claim=other, seen=text),), explains=(text,), settle=other
    )
    account = with_outcome("states-allowed", Ended.FOUND, finding)
    account = replace(account, tenant=replace(account.tenant, instance=text, profile=other, chosen=other))
    account = replace(account, outcomes=(*account.outcomes, Outcome("no-row", Ended.SKIPPED, text)), ended_early=other)
    failure = case_of(account, "states-allowed").find("failure")
    assert failure is not None
    assert printable(text) in (failure.text or "")
    assert printable(text) in failure.attrib["message"]


@pytest.mark.parametrize("hostile", ["]]>", "<failure>", "\x00\x1b[2J", "\ud800", "\ufffe", "&amp;", "a\"b'c\nd"])
def test_hostile_texts_are_read_back_as_they_are_shown(hostile: str) -> None:
    """A hostile text is read back as a terminal shows it."""
    skipped = case_of(with_outcome("no-row", Ended.SKIPPED, why=hostile), "no-row").find("skipped")
    assert skipped is not None
    assert skipped.attrib["message"] == skipped.text == printable(hostile)


def test_a_finding_to_fix_is_a_complete_failure() -> None:
    """A failure's body is complete. Message, evidence with its request, agents, and fix."""
    account = with_outcome("requests-answered", Ended.FOUND, found("7", "8"))
    failure = case_of(account, "requests-answered").find("failure")
    assert failure is not None
    assert failure.attrib["type"] == "RC512 requests-failed"
    parts = (
        "RC512 requests-failed PROVEN: ",
        "seen: no answer: 503",
        "(#1 GET /x?",
        "agents (2): 7 8",
        "fix: ",
    )
    assert [part for part in parts if part not in (failure.text or "")] == []


def test_every_finding_of_a_check_is_a_failure_of_its_own() -> None:
    """Two findings of a check are two failures of one test case."""
    account = with_outcome("states-allowed", Ended.FOUND, refused(), refused(reason="no view"))
    assert len(case_of(account, "states-allowed").findall("failure")) == 2
    assert read(account).attrib["failures"] == "2"  # the check, and the account


@pytest.mark.parametrize(
    "finding",
    [
        NotLoggedIn(seen="without a row", evidence=SEEN, explains=("1",)),
        FilteredByUs(
            options="--team",
            left_out=40,
            of="120",
            conflict="",
            choices="",
            evidence=SEEN,
            strength=Strength.NOTE,
        ),
    ],
    ids=["benign", "note"],
)
def test_a_note_passes_and_is_shown(finding: Finding) -> None:
    """A benign finding and a NOTE pass, with their text in system-out."""
    check = "no-row" if isinstance(finding, NotLoggedIn) else "everybody-called"
    case = case_of(with_outcome(check, Ended.FOUND, finding, finding), check)
    assert [inside.tag for inside in case] == ["system-out"]
    first, second = (case[0].text or "").split("\n\n")
    assert f"{first}\n" == second
    assert finding.text in first


def test_a_crashed_check_is_an_error_and_a_skipped_one_is_skipped() -> None:
    """A crashed check is an error with its exception. A clear check is empty, a skipped one has its reason."""
    crashed = CheckCrashed(check="no-row", error="KeyError: 7", evidence=SEEN)
    error = case_of(with_outcome("no-row", Ended.CRASHED, crashed, why="KeyError: 7"), "no-row").find("error")
    assert error is not None
    assert error.attrib == {"message": "KeyError: 7", "type": "RC901"}
    assert "RC901 check-crashed" in (error.text or "")
    assert list(case_of(with_outcome("host-found", Ended.CLEAR), "host-found")) == []
    skipped = case_of(with_outcome("state-filter", Ended.SKIPPED, why="no filter"), "state-filter").find("skipped")
    assert skipped is not None
    assert skipped.attrib["message"] == "no filter"


def test_a_code_of_two_checks_fails_both_where_both_found_it() -> None:
    """Two checks that found the same code have one finding each. None appears twice."""
    both = (Outcome("roster-allowed", Ended.FOUND), Outcome("states-allowed", Ended.FOUND))
    findings = (refused(asked="roster"), refused(asked="states"))
    account = replace(an_account(present("1")), findings=findings, outcomes=both)
    assert junit.found_by(account) == {"roster-allowed": [findings[0]], "states-allowed": [findings[1]]}
    one = (Outcome("roster-allowed", Ended.CLEAR), both[1])
    assert junit.found_by(replace(account, outcomes=one)) == {"states-allowed": list(findings)}


def test_the_account_fails_where_no_check_does() -> None:
    """A run that ended early or requested nothing is an error. No check failed."""
    cut = replace(an_account(present("1"), ended_early="the time limit of 5 s was reached"), findings=())
    for account, verdict in ((cut, "cannot-tell"), (an_account(), "cannot-tell")):
        error = case_of(account, "account").find("error")
        assert error is not None
        assert error.attrib["type"] == verdict
    interrupted = an_account(present("1"), ended_early="interrupted", interrupted=True)
    error = case_of(interrupted, "account").find("error")
    assert error is not None
    assert error.attrib["message"] == "Interrupted: 1 of 1 agent logged in"


def test_the_account_passes_with_exit_code_0_only() -> None:
    """A complete account passes with its headline.

    One that needs a fix is a failure that lists every finding above NOTE.
    """
    passed = case_of(an_account(present("1")), "account")
    assert [inside.tag for inside in passed] == ["system-out"]
    assert (passed[0].text or "").startswith("1 of 1 agent logged in")
    failure = case_of(with_outcome("states-allowed", Ended.FOUND, refused()), "account").find("failure")
    assert failure is not None
    assert failure.attrib["type"] == "mend"
    assert "RC302 forbidden: " in (failure.text or "")


def test_the_suite_names_tenant_and_verdict() -> None:
    """Properties name instance, contract, verdict, exit code and counts. The class names the tenant."""
    account = an_account(present("1"), RollEntry(Agent("2"), Standing.ABSENT))
    suite = read(replace(account, tenant=replace(account.tenant, profile="west")))
    properties = {one.attrib["name"]: one.attrib["value"] for one in suite.iter("property")}
    assert properties.items() >= {"instance": "example.com", "contract": "v2", "profile": "west"}.items()
    assert properties.items() >= {name: str(count) for name, count in account.counts.items()}.items()
    assert properties["exit"] == str(account.exit_code)
    assert suite.attrib["timestamp"] == "2026-03-02T10:30:00+00:00"
    assert suite.attrib["time"] == "0.000"
    assert {case.attrib["classname"] for case in suite.findall("testcase")} == {"rollcall.west"}


def test_the_names_of_test_cases_are_unique() -> None:
    """Each check is a test case with its own name. It differs from the account's."""
    findings, outcomes = judge(an_account().case)
    suite = read(replace(an_account(), findings=findings, outcomes=outcomes))
    names = [case.attrib["name"] for case in suite.findall("testcase")]
    assert len(names) == len(set(names)) == len(CHECKS) + 1
