"""The account as text, CSV and JSON: pure values in, text out."""

from __future__ import annotations

import csv as stdlib_csv
import io
import json as stdlib_json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.findings.build import roster_of

from cxone_rollcall.findings.account import Account, Requests, Tenant
from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.check import Ended, Outcome
from cxone_rollcall.findings.failed_requests import RequestsFailed
from cxone_rollcall.findings.finding import Finding
from cxone_rollcall.findings.internal import Unexplained
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.exchange import Exchange
from cxone_rollcall.model.observations.access import TokenGranted
from cxone_rollcall.model.observations.base import TenantAsked
from cxone_rollcall.model.roll import Roll, RollEntry, Standing
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import replace
from cxone_rollcall.views import account as text
from cxone_rollcall.views import csv, json
from cxone_rollcall.views.columns import COLUMNS
from cxone_rollcall.views.evidence import LONGEST_TEXT, evidence_line
from cxone_rollcall.views.text import width

MOMENT = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)


def an_account(*entries: RollEntry, ended_early: str = "", interrupted: bool = False) -> Account:
    """An account of these entries, in which absent agents are unexplained."""
    absent = tuple(entry.agent.agent_id for entry in entries if entry.standing is Standing.ABSENT)
    evidence = (Evidence("no row", 1, "/entities", "[]"),)
    exchange = Exchange(
        number=1, method="GET", target="/x?" + "9" * 200, purpose="states", status=200, fault="", milliseconds=1.0
    )
    return Account(
        tenant=Tenant(instance="example.com", contract="v2"),
        case=Case(Roll(entries, roster_complete=True), ()),
        findings=(Unexplained(evidence=evidence, explains=absent),) if absent else (),
        outcomes=(),
        requests=Requests(sent=1),
        started_at=MOMENT,
        finished_at=MOMENT,
        ended_early=ended_early,
        interrupted=interrupted,
        exchanges=(exchange,),
    )


def found(*explains: str) -> Finding:
    """Return a finding that explains these agents."""
    evidence = (Evidence("no answer", 1, "status", "503"),)
    return RequestsFailed(
        when="on any try", requests="1 request", reason="reset", remedy="", evidence=evidence, explains=explains
    )


def present(agent_id: str, name: str = "Ann Lee", state: str | None = "Available", sub: str | None = None) -> RollEntry:
    """Return the entry of a present agent."""
    return RollEntry(Agent(agent_id, name=name), Standing.PRESENT, AgentState(agent_id, state, sub))


def test_the_headline_answers_the_question() -> None:
    """The headline counts who is logged in, absent, logged out and unknown."""
    account = an_account(present("1"), RollEntry(Agent("2"), Standing.ABSENT), RollEntry(Agent("3"), Standing.UNKNOWN))
    assert text.headline(account) == "1 of 3 agents logged in; 1 absent (0 explained, 1 not), 1 unknown"


def test_a_run_cut_short_says_so_first() -> None:
    """The headline of a partial account begins with what cut it short."""
    account = an_account(RollEntry(Agent("1"), Standing.UNKNOWN), ended_early="interrupted", interrupted=True)
    assert text.headline(account) == "Interrupted: 0 of 1 agent logged in; 1 unknown"
    assert text.headline(an_account(ended_early="interrupted")) == "Interrupted: No agent's state could be requested"


def test_the_headline_says_why_nobody_could_be_asked_for() -> None:
    """Without any agent, the headline has the finding that explains all."""
    broken = replace(found(), explains_all=True, reason="the roster is gone")
    account = replace(an_account(), findings=(found(), broken))
    assert text.headline(account) == f"No agent's state could be requested: {broken.text}"


@pytest.mark.parametrize(("total", "unread"), [(None, ""), (0, ""), (1, ""), (2, ", 1 more on the roster not read")])
def test_agents_that_were_not_read_are_counted(total: int | None, unread: str) -> None:
    """A run that was cut short counts agents not read. Some servers count none."""
    account = an_account(RollEntry(Agent("1"), Standing.UNKNOWN), ended_early="interrupted", interrupted=True)
    case = Case(account.roll, (roster_of(account.roll, total=total),))
    assert text.headline(replace(account, case=case)) == f"Interrupted: 0 of 1 agent logged in; 1 unknown{unread}"
    case = Case(account.roll, (roster_of(account.roll, total=total, agents=0),))
    more = f", {total} more on the roster not read" if total else ""
    assert text.headline(replace(account, case=case)) == f"Interrupted: 0 of 1 agent logged in; 1 unknown{more}"


def test_commands_that_show_more() -> None:
    """The next commands stand in one line, and choose the same tenant."""
    account = an_account(*map(present, "123456"), RollEntry(Agent("7"), Standing.ABSENT))
    account = replace(account, tenant=replace(account.tenant, options=("--profile", "a b")))
    more = "details: rollcall explain RC902; each agent: rollcall states --profile 'a b'"
    assert f"  {more}\n" in text.account(account)


def test_texts_of_others_do_not_control_the_terminal() -> None:
    """Control characters of any text are escaped, and long texts are cut."""
    bad = "\x1b[1m\n" + "x" * LONGEST_TEXT
    finding = replace(found("1"), reason=bad, remedy=bad, settle=bad, evidence=(Evidence(bad, 1, bad, bad),))
    account = an_account(*UNKNOWN, *map(present, "345678"), ended_early=bad)
    account = replace(
        account,
        tenant=Tenant(instance=bad, contract=bad, profile=bad, chosen=bad, options=(bad,)),
        case=Case(account.roll, (TokenGranted(exchange=1, scopes=(bad,)),)),
        outcomes=(Outcome("a", Ended.SKIPPED, bad),),
    )
    empty = an_account()
    for one in (finding, replace(finding, explains_all=True)):
        full = replace(account, findings=(one,))
        blind = replace(full, case=empty.case)
        shown = [text.account(full, detailed=True), text.summary(full), text.roster_summary(full), text.headline(blind)]
        for line in "\n".join(shown).split("\n"):
            assert line.isprintable()
            assert line.count("x") < 3 * LONGEST_TEXT


def test_unexplained_agents_are_named_and_never_counted_as_explained() -> None:
    """An unexplained agent is named, and not explained by RC902."""
    account = an_account(present("1"), RollEntry(Agent("2", name="Bo Ek"), Standing.ABSENT))
    assert account.counts["unexplained"] == 1
    for one in (account, replace(account, findings=())):
        assert "  unexplained 1   Bo Ek (2)\n" in text.account(one)


UNKNOWN = (RollEntry(Agent("1"), Standing.UNKNOWN), RollEntry(Agent("2"), Standing.UNKNOWN))


def test_unknown_agents_that_nothing_explains_have_a_reason() -> None:
    """Unknown agents without a finding have the reason "may be incomplete"."""
    account = an_account(present("3"), *UNKNOWN)
    assert "  unknown 2 (their responses may be incomplete)   1; 2" in text.account(account)
    some = replace(account, findings=(found("1"),))
    assert "  unknown 2 (the responses for 1 of them may be incomplete)   1; 2" in text.account(some)


def test_unknown_agents_that_are_explained_need_no_reason() -> None:
    """If findings explain all unknown agents, the account gives no other reason."""
    account = an_account(present("3"), *UNKNOWN)
    for finding in (found("1", "2"), replace(found(), explains_all=True)):
        assert "  unknown 2   1; 2" in text.account(replace(account, findings=(finding,)))


def test_unknown_agents_of_an_interrupted_run() -> None:
    """After an early end, unknown agents are not blamed on incomplete responses."""
    account = an_account(*UNKNOWN, ended_early="interrupted", interrupted=True)
    assert "  unknown 2 (the run ended early)   1; 2" in text.account(account)


def test_lines_are_wrapped_to_the_terminal_and_whole_in_a_pipe() -> None:
    """Long lines are wrapped on a terminal, and whole in a pipe."""
    account = an_account(present("1"), RollEntry(Agent("2"), Standing.ABSENT))
    assert max(map(len, text.account(account).splitlines())) > 80
    wrapped = text.account(account, cells=80).splitlines()
    assert all(len(line) <= 80 or " " not in line.strip() for line in wrapped)


@pytest.mark.parametrize("cells", [60, 80])
def test_an_agent_has_one_line(cells: int) -> None:
    """A long name is cut, so that an agent has one line."""
    agents = (present("1", "N" * 200, state="S" * 30), present("2", "Ann Lee"))
    lines = text.account(an_account(*agents), cells=cells).splitlines()
    place = next(at for at, one in enumerate(lines) if one.startswith("  1 "))
    assert lines[place + 1].startswith("  2 ")
    assert width(lines[place]) == cells


@pytest.mark.parametrize(("correlation", "cited"), [("", ""), ("c-1", " CorrelationId c-1")])
@pytest.mark.parametrize(("pointer", "place"), [("", ""), ("/entities", " /entities")])
def test_evidence_has_its_request(correlation: str, cited: str, pointer: str, place: str) -> None:
    """Evidence cites its request, with the id that NICE support asks for."""
    account = an_account()
    exchange = replace(account.exchanges[0], target="/x", correlation=correlation)
    line = evidence_line(Evidence("no row", 1, pointer, "[]"), replace(account, exchanges=(exchange,)))
    assert line == f"no row: []   (#1 GET /x{place}{cited})"


def test_a_state_without_a_name_is_logged_in() -> None:
    """A row without a state name is logged in, as "(not named)"."""
    account = an_account(present("1", state=None))
    assert account.roll.states() == {"(not named)": 1}
    assert account.counts["logged_in"] == 1


def test_csv_lists_all_codes_of_an_agent() -> None:
    """The codes that explain an agent stand in one cell, between blanks."""
    account = an_account(RollEntry(Agent("1"), Standing.ABSENT))
    account = replace(account, findings=(*account.findings, found("1")))
    assert b"".join(csv.account(account, COLUMNS)).endswith(b"1,,,,,,absent,,,,,RC902 RC512\r\n")


@given(st.text())
def test_csv_gives_every_name_back(name: str) -> None:
    """A CSV cell reads back as the name. Only before a possible formula it has an apostrophe."""
    entry = present("1", name=name)
    rows = list(
        stdlib_csv.DictReader(io.StringIO(b"".join(csv.account(an_account(entry), COLUMNS)).decode(), newline=""))
    )
    cell = rows[0]["name"]
    assert cell == (f"'{name}" if name.startswith(tuple("=+-@\uff1d\uff0b\uff0d\uff20\t\r\n")) else name)


@given(st.text())
def test_json_gives_every_name_back_exactly(name: str) -> None:
    """JSON has every name as the API gave it."""
    document = stdlib_json.loads(b"".join(json.account(an_account(present("1", name=name)))))
    assert document["agents"][0]["name"] == name


def test_a_lone_surrogate_breaks_no_format() -> None:
    """A lone surrogate is shown escaped in every format."""
    account = an_account(present("1", name="Ann\ud800", state="Busy\udc00"))
    assert r"Ann\ud800" in text.account(account)
    assert stdlib_json.loads(b"".join(json.account(account)))["states"] == {r"Busy\udc00": 1}
    assert stdlib_json.loads(b"".join(json.account(account)))["agents"][0]["name"] == r"Ann\ud800"
    assert rb"Ann\ud800" in b"".join(csv.account(account, COLUMNS))


@pytest.mark.parametrize("standing", list(Standing))
def test_logged_in_is_null_if_unknown(standing: Standing) -> None:
    """`logged_in` is true or false only if the API gave a state."""
    document = stdlib_json.loads(b"".join(json.account(an_account(RollEntry(Agent("1"), standing)))))
    assert document["agents"][0]["logged_in"] == {"present": True, "logged_out": False}.get(standing)


@pytest.mark.parametrize(
    ("scopes", "roster_scope", "said"),
    [
        (None, "admin", "the token does not name its scopes"),
        (None, "", "with the key owner's permissions"),
        ((), "admin", "scopes none"),
        (("admin", "reports"), "", "scopes admin reports"),
    ],
)
def test_what_a_token_is_for(scopes: tuple[str, ...] | None, roster_scope: str, said: str) -> None:
    """The token's scopes are named. A contract without scopes has the owner's permissions."""
    account = an_account(present("1"))
    asked = TenantAsked(
        instance="x", contract="v2", grant_type="password", roster_scope=roster_scope, states_scope=roster_scope
    )
    case = Case(account.roll, (TokenGranted(exchange=1, scopes=scopes), asked))
    assert f"  authenticated  {said}\n" in text.account(replace(account, case=case), detailed=True)


@pytest.mark.parametrize(
    ("requests", "line"),
    [
        (Requests(sent=6, per_second=120.0, most_under_way=2), None),
        (
            Requests(sent=6, throttled=3, per_second=19.64, most_under_way=2),
            "  pace           19.6 requests/s, 3 throttled, at most 2 in flight",
        ),
        (
            Requests(sent=203, per_second=812.0, most_under_way=64),
            "  pace           812.0 requests/s, at most 64 in flight",
        ),
    ],
    ids=["short", "throttled", "long"],
)
def test_the_pace_is_shown_if_it_mattered(requests: Requests, line: str | None) -> None:
    """The request rate is shown for long or throttled runs. JSON always has it."""
    account = replace(an_account(present("1")), requests=requests)
    said = [one for one in text.account(account).splitlines() if one.startswith("  pace")]
    assert said == ([] if line is None else [line])
    written = b"".join(json.account(account))
    assert f'"per_second": {round(requests.per_second, 1)}'.encode() in written
    assert f'"most_under_way": {requests.most_under_way}'.encode() in written
