"""`rollcall check` as a report: junit for CI, html for people."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from cxone_rollcall.cli.main import run
from cxone_rollcall.findings.catalogue import CHECKS


def junit_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, ET.Element]]:
    """Check the demo tenant; return exit code and test cases by name."""
    code = run(["check", "--demo", "--format", "junit", *arguments])
    root = ET.fromstring(capsys.readouterr().out.encode())  # noqa: S314  our own document
    return code, {case.attrib["name"]: case for case in root.iter("testcase")}


def ended(cases: dict[str, ET.Element], kind: str) -> set[str]:
    """Return the names of the test cases that have such an element."""
    return {name for name, case in cases.items() if case.find(kind) is not None}


@pytest.mark.parametrize("contract", ["v2", "incontact"])
def test_a_healthy_tenant_fails_no_test_case(capsys: pytest.CaptureFixture[str], contract: str) -> None:
    """Each check is a test case. On a healthy tenant all pass."""
    code, cases = junit_of(capsys, "--contract", contract)
    assert code == 0
    assert set(cases) == {"account", *(check.name for check in CHECKS)}
    assert ended(cases, "failure") == ended(cases, "error") == set()
    assert "no state filter was sent" in cases["state-filter"][0].attrib["message"]


@pytest.mark.parametrize(
    ("fault", "failing", "code"),
    [
        ("scope-missing", "states-allowed", 4),
        ("poison-id", "batches-healthy", 3),
        ("server-error-some", "server-works", 3),
        ("team-hidden", "teams-visible", 1),
        ("client-refused", "token-granted", 4),
    ],
)
def test_a_fault_fails_the_check_that_names_it(
    capsys: pytest.CaptureFixture[str], fault: str, failing: str, code: int
) -> None:
    """A fault fails the check that finds it, and the account."""
    exit_code, cases = junit_of(capsys, "--fault", fault)
    assert exit_code == code
    assert ended(cases, "failure") | ended(cases, "error") == {failing, "account"}
    assert ended(cases, "failure") >= {failing}


def test_a_report_of_a_failing_tenant_is_one_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """An HTML report is one page with headline, fix and agents. The exit code stays."""
    path = tmp_path / "report.html"
    assert run(["check", "--demo", "--fault", "scope-missing", "--format", "html", "--output", str(path)]) == 4
    assert capsys.readouterr().out == ""
    page = path.read_text("utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert page.count("<h1>0 of 120 agents logged in; 120 unknown</h1>") == 1
    assert "Tick presence:read in Admin &gt; Integrations &gt; OAuth clients" in page
    assert all(f">300000{number:05}<td>" in page for number in range(1, 121))
    linked = set(re.findall(r'href="#(x\d+)"', page))
    assert linked
    assert all(f'id="{exchange}"' in page for exchange in linked)


@pytest.mark.parametrize("contract", ["v2", "incontact"])
def test_no_secret_is_in_a_report(capsys: pytest.CaptureFixture[str], contract: str) -> None:
    """No secret, access key or token is in a report."""
    for kind in ("html", "junit"):
        run(["check", "--demo", "--contract", contract, "--fault", "forbidden", "--format", kind])
        report = capsys.readouterr().out
        assert "emulated-secret" not in report
        assert "eyJ" not in report


def test_hostile_names_of_a_tenant_stay_text(capsys: pytest.CaptureFixture[str]) -> None:
    """Hostile names are text in both reports. They have markup, control characters or bidi marks."""
    junit_of(capsys, "--fault", "hostile-names", "--fault", "team-hidden")
    run(["check", "--demo", "--format", "html", "--fault", "hostile-names"])
    page = capsys.readouterr().out
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not set(page) & set("\x00\x1b\x9b\u202e\u2066\u200b\u2028")
