"""The lines of `case show` and `case diff`. How a case file is read."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.findings.build import called, situation
from tests.support.many_values import together

from cxone_rollcall.casefile import diff, reader
from cxone_rollcall.casefile.document import case_file_of
from cxone_rollcall.cli import case, case_files
from cxone_rollcall.cli.main import run
from cxone_rollcall.errors import SettingError
from cxone_rollcall.findings.account import Requests, RunRecord, Tenant
from cxone_rollcall.findings.judge import account_of
from cxone_rollcall.model.exchange import Exchange
from cxone_rollcall.model.struct import replace

STATES = Exchange(
    number=7,
    method="GET",
    target=f"/api/v2/agents/states?agentIds={'1' * 200}",
    purpose="states",
    status=200,
    fault="",
    milliseconds=12.6,
    request_headers=(("Authorization", "***"),),
    response_headers=(("content-type", "application/json"),),
    response_body='{"entities":\n[]}',
    began=1.25,
)
CUT = replace(STATES, target="/x", status=None, fault="reset", response_headers=(), response_body="", left_out="a\x1bb")

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TENANT = Tenant(instance="api-us-01.nice-incontact.com", contract="v2")


@together(
    "case",
    {
        "whole": ((STATES,), False, "1 request; with agents' names and e-mails; --anonymize replaces them"),
        "without bodies": (
            (STATES, CUT, CUT),
            False,
            "3 requests, 2 of them without a body; with agents' names and e-mails; --anonymize replaces them",
        ),
        "without names": (
            (STATES, CUT),
            True,
            "2 requests, 1 of them without a body; with stand-ins for agents' names",
        ),
    },
)
def test_a_note_says_what_was_saved(
    case: tuple[tuple[Exchange, ...], bool, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It counts requests and those without a body. It says whether the file has names."""
    exchanges, anonymize, said = case
    run = RunRecord(tenant=TENANT, requests=Requests(), started_at=NOON, finished_at=NOON, exchanges=exchanges)
    account = account_of(situation(called("ab")).case(), run)
    with case_files.saving({"save": tmp_path / "ca\x1bse.json", "anonymize": anonymize}) as save:
        save(account, str)
    assert capsys.readouterr().err == f"case saved: {tmp_path}/ca\\x1bse.json ({said})\n"


def test_a_case_begins_with_its_tenant_and_time() -> None:
    """The first line names tenant, contract, start, requests and version. It says if the case is anonymized."""
    record = RunRecord(tenant=TENANT, requests=Requests(), started_at=NOON, finished_at=NOON, exchanges=(STATES, CUT))
    kept = case_file_of(account_of(situation(called("ab")).case(), record), rollcall="9.9")
    line = "api-us-01.nice-incontact.com  v2  2026-03-02 12:00:00 UTC  2 requests  rollcall 9.9"
    assert case.head(kept) == line
    assert case.head(replace(kept, anonymized=True)) == f"{line}   anonymized"


def test_an_exchange_is_a_line() -> None:
    """A line has number, start, request, outcome, duration and purpose. A long target is cut, unless in full."""
    assert case.in_one_line(CUT) == "#7       1.250 s  GET /x  - reset  13 ms  states"
    assert case.in_one_line(STATES) == f"#7       1.250 s  GET {STATES.target[:89]}…  200  13 ms  states"
    assert STATES.target in case.in_one_line(STATES, cells=None)


def test_an_exchange_in_full() -> None:
    """Headers and bodies follow the line. A body that was left out has its reason, safe on a terminal."""
    assert case.in_full(STATES).splitlines()[1:] == [
        "  > Authorization: ***",
        "  < content-type: application/json",
        '  < {"entities":',
        "  < []}",
    ]
    assert case.in_full(CUT).splitlines()[1:] == ["  > Authorization: ***", "  < (a\\x1bb)"]


def test_differences_are_lines_by_part(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Each part has its title and at most 30 differences. A line counts the others."""
    assert run(["check", "--demo", "--probes", "off", "--save", "case.json"]) == 0
    found = [diff.Difference("settings", "contract", "v2", "")]
    found += [diff.Difference("states", f"agent {number}", "", "Bre\x1bak") for number in range(31)]
    found += [diff.Difference("roster", f"agent {number}", "here", "gone") for number in range(30)]
    monkeypatch.setattr(diff, "differences", lambda *accounts, names: found)
    capsys.readouterr()
    assert run(["case", "diff", "case.json", "case.json"]) == 0
    first, second, *rest = capsys.readouterr().out.splitlines()
    assert first == second
    assert rest == [
        *("", "settings", "  contract: v2 -> (none)"),
        *("", "states", *(f"  agent {number}: (none) -> Bre\\x1bak" for number in range(30))),
        "  and 1 more; --format json lists all",
        *("", "roster", *(f"  agent {number}: here -> gone" for number in range(30))),
    ]


def test_a_case_packed_in_parts_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A packed file is read in pieces of any size. What follows the packed part is ignored."""
    read: list[bytes] = []
    monkeypatch.setattr(reader, "read", lambda data, name: read.append(bytes(data)))
    monkeypatch.setattr(reader, "LARGEST", 1000)
    path = tmp_path / "case"
    for piece in (1, 7, 1000, 5000):
        monkeypatch.setattr(case_files, "_PIECE", piece)
        for data in (b"", b"{", b"0123456789" * 100):
            path.write_bytes(gzip.compress(data) + b"more")
            case_files.load(path)
            assert read.pop() == data
        path.write_bytes(gzip.compress(b"0" * 1001))
        with pytest.raises(SettingError, match="is too large"):
            case_files.load(path)


@together("damage", [slice(0, 2), slice(0, 15), slice(0, -9), slice(0, -1)])
def test_a_packed_case_that_was_cut(damage: slice, tmp_path: Path) -> None:
    """A file that ends too early is called truncated, wherever it ends."""
    path = tmp_path / "case.json.gz"
    path.write_bytes(gzip.compress(b'{"schema": "rollcall/case/1"}')[damage])
    with pytest.raises(SettingError, match=r"case.json.gz cannot be decompressed: it is truncated. Get the file again"):
        case_files.load(path)
