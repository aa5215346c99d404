"""What each view leaves out of a large account. It shows all up to its bound, and counts the rest beyond it."""

from __future__ import annotations

import json as reader
from collections.abc import Callable, Sequence

import pytest
from tests.support.many_values import together
from tests.views.test_account import an_account, found, present
from tests.views.test_html import refused

from cxone_rollcall.findings.account import Account, Requests
from cxone_rollcall.findings.attendance import Attendance, Person, Presence
from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.catalogue import CHECKS, FINDINGS
from cxone_rollcall.findings.check import Ended, Outcome
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.exchange import Exchange
from cxone_rollcall.model.observations.request import Asked, Change, ChangeAsked, RequestAsked, What
from cxone_rollcall.model.roll import Roll, RollEntry, Standing
from cxone_rollcall.model.struct import replace
from cxone_rollcall.views import account as text
from cxone_rollcall.views import attendance, csv, html, json, junit, request, why
from cxone_rollcall.views.columns import COLUMNS
from cxone_rollcall.views.html.timeline import selected
from cxone_rollcall.why.answer import Answer


def ids(number: int) -> tuple[str, ...]:
    """So many ids."""
    return tuple(f"id{one}" for one in range(1, number + 1))


def absent(number: int) -> Account:
    """An account of so many unexplained agents."""
    return an_account(present("0"), *(RollEntry(Agent(one), Standing.ABSENT) for one in ids(number)))


def in_states(number: int) -> Account:
    """An account of agents in so many states. The longer its name, the fewer are in a state."""
    return an_account(*(present(f"{one} {of}", state=f"S{one:02}") for one in range(number) for of in range(50 - one)))


def in_sub_states(number: int) -> Account:
    """An account of agents in so many sub-states of one state."""
    return an_account(*(present(f"{one}", state="Break", sub=f"Break - B{one:02}") for one in range(number)))


def line_of(shown: str, begins: str) -> str:
    """The one line that begins so."""
    (line,) = [line for line in shown.splitlines() if line.startswith(begins)]
    return line


def people(number: int) -> str:
    """The line of so many people who are not logged in."""
    missing = tuple(
        Person(line=2, asked_as=one, presence=Presence.NOT_LOGGED_IN, agents=(Agent(one),)) for one in ids(number)
    )
    return next(attendance.lines(Attendance(file="f", people=missing, not_expected=())))


def explained(number: int) -> Account:
    """An account with a finding that explains so many unknown agents."""
    entries = [RollEntry(Agent(one), Standing.UNKNOWN) for one in ids(number)]
    return replace(an_account(*entries), findings=(refused(*ids(number)),))


def of_html(account: Account) -> str:
    """The page of an account."""
    return b"".join(html.account(account)).decode()


def account_asked_for(
    target: str = "/x", what: str = "as it stands", findings: int = 0, evidence: int = 1, *, adopted: bool = False
) -> Account:
    """The account of a request with so many findings. Each has so much evidence."""
    asked = RequestAsked(
        method="GET",
        target=target,
        form="URL",
        what=What.STATES,
        contract="v2",
        first=Asked(exchange=1, status=200, rows=2, found=frozenset("ab")),
        expected=frozenset("ab"),
        ids=("a", "b"),
        changes=(
            ChangeAsked(
                change=Change.STATE,
                what=what,
                before=(Asked(exchange=1, status=200, rows=2),),
                after=(Asked(exchange=2, status=200, rows=1),),
                adopted=adopted,
            ),
        ),
        corrected="curl https://x",
        remarks=(),
    )
    one = replace(refused("1"), evidence=tuple(Evidence(f"claim{at}", 9, "", "x") for at in range(evidence)))
    account = an_account(present("a"))
    case = Case(Roll(account.roll.entries, roster_complete=True), (asked,))
    return replace(account, case=case, findings=(one,) * findings)


def asked_for(target: str = "/x", what: str = "as it stands", findings: int = 0, evidence: int = 1) -> str:
    """What the command says of such a request."""
    return request.request(account_asked_for(target, what, findings, evidence))


def answer_of(number: int) -> str:
    """An answer with so many pieces of evidence. Those about the agent are the last."""
    evidence = tuple(Evidence(f"claim {'id7' if at > number - 2 else at}", 9, "", "x") for at in range(1, number + 1))
    finding = replace(refused("id7"), evidence=evidence)
    said = Answer(asked_as="Al", agent=Agent("id7"), sentence="S", findings=(finding,), settle=(), fix=(), command="")
    return why.answers(an_account(present("a")), [said])


EDGES: dict[str, tuple[Callable[[], str], str]] = {
    "5 unexplained": (lambda: line_of(text.account(absent(5)), "  unexp"), "  unexplained 5   id1; id2; id3; id4; id5"),
    "6 unexplained": (
        lambda: line_of(text.account(absent(6)), "  unexp"),
        "  unexplained 6   id1; id2; id3; id4; id5; and 1 more",
    ),
    "24 states": (
        lambda: line_of(text.account(in_states(24)), "Logged in"),
        "Logged in 924: " + ", ".join(f"S{one:02} {50 - one}" for one in range(24)),
    ),
    "25 states": (
        lambda: line_of(text.account(in_states(25)), "Logged in"),
        "Logged in 950: " + ", ".join(f"S{one:02} {50 - one}" for one in range(24)) + ", ...",
    ),
    "8 sub-states": (
        lambda: line_of(text.account(in_sub_states(8)), "Logged in"),
        f"Logged in 8: Break 8 ({', '.join(f'B{one:02} 1' for one in range(8))})",
    ),
    "9 sub-states": (
        lambda: line_of(text.account(in_sub_states(9)), "Logged in"),
        f"Logged in 9: Break 9 ({', '.join(f'B{one:02} 1' for one in range(8))}, ...)",
    ),
    "long names of states": (
        lambda: line_of(text.account(an_account(present("1", state="S" * 25, sub="B" * 25))), "Logged in"),
        f"Logged in 1: {'S' * 23}… 1 ({'B' * 23}… 1)",
    ),
    "5 present agents": (
        lambda: text.account(an_account(*map(present, ids(5)))).partition("0.0 s\n")[2],
        "\nLogged in 5: Available 5\n"
        + "".join(f"  {one}            Ann Lee                             Available\n" for one in ids(5))
        + "checks: 0 found, 0 clear, 0 skipped, 0 crashed\n",
    ),
    "6 present agents": (
        lambda: text.account(an_account(*map(present, ids(6)))).partition("0.0 s\n")[2],
        "  each agent: rollcall states\n\nLogged in 6: Available 6\nchecks: 0 found, 0 clear, 0 skipped, 0 crashed\n",
    ),
    "99 requests": (
        lambda: text.account(replace(an_account(present("1")), requests=Requests(sent=99))).partition(" s\n")[2][:7],
        "\nLogged",
    ),
    "100 requests": (
        lambda: text.account(replace(an_account(present("1")), requests=Requests(sent=100))).partition(" s\n")[2][:8],
        "  pace  ",
    ),
    "40 people": (lambda: people(40), f"  not logged in 40   {'; '.join(ids(40))}"),
    "41 people": (lambda: people(41), f"  not logged in 41   {'; '.join(ids(40))}; and 1 more"),
    "12 candidates": (
        lambda: why.candidates([Agent(one) for one in ids(12)], str),
        "\n".join(f"{one}   # " for one in ids(12)),
    ),
    "13 candidates": (
        lambda: why.candidates([Agent(one) for one in ids(13)], str),
        "\n".join(f"{one}   # " for one in ids(12)) + "\nand 1 more: rollcall agents",
    ),
    "50 agents in JUnit": (
        lambda: line_of(_body(50), "agents"),
        f"agents (50): {' '.join(ids(50))}",
    ),
    "51 agents in JUnit": (
        lambda: line_of(_body(51), "agents"),
        f"agents (51): {' '.join(ids(50))} and 1 more",
    ),
    "a request's longest path": (
        lambda: line_of(asked_for("/" + "x" * 119), "  request"),
        f"  request  GET /{'x' * 119}   (URL)",
    ),
    "a longer path": (
        lambda: line_of(asked_for("/" + "x" * 120), "  request"),
        f"  request  GET /{'x' * 118}…   (URL)",
    ),
    "a long change": (
        lambda: line_of(asked_for(what="w" * 45), "  changed"),
        f"  changed  {'w' * 43}…  200     1 row   #2",
    ),
    "a few ids of many": (
        lambda: line_of(asked_for("/x?ids=1,2,3&b=4,5"), "  request"),
        "  request  GET /x?ids=1,(2 more)&b=4,5   (URL)",
    ),
    "3 findings of a code": (lambda: str(_more(asked_for(findings=3))), "(3, [])"),
    "4 findings of a code": (lambda: str(_more(asked_for(findings=4))), "(3, ['           and 1 more of RC302'])"),
    "5 pieces of evidence for a request": (
        lambda: " ".join(word for word in asked_for(findings=1, evidence=5).split() if word.startswith("claim")),
        "claim0: claim1: claim2: claim3:",
    ),
    "7 pieces of evidence for an agent": (
        lambda: ", ".join(line for line in answer_of(7).splitlines() if line.startswith("  seen")),
        ", ".join(f"  seen     claim {one}: x" for one in ("id7", "id7", "1", "2", "3", "4")),
    ),
}  # fmt: skip


def _body(number: int) -> str:
    """What JUnit says of a finding that explains so many agents."""
    account = replace(an_account(present("0")), findings=(refused(*ids(number)),))
    account = replace(account, outcomes=(Outcome("states-allowed", Ended.FOUND),))
    return b"".join(junit.account(account)).decode()


def _more(shown: str) -> tuple[int, list[str]]:
    """How many findings are shown, and the lines that count the others."""
    return shown.count("  found"), [line for line in shown.splitlines() if "more of" in line]


@together("edge", EDGES)
def test_the_rest_is_counted(edge: tuple[Callable[[], str], str]) -> None:
    """Up to a bound everything is shown. Beyond it the rest is counted, and one more makes one more."""
    made, expected = edge
    assert made() == expected


@together("number", [1, 499, 500, 501, 1_001])
def test_no_agent_is_lost_between_pieces(number: int) -> None:
    """A large account is written in pieces. It is the same JSON, with all agents in order."""
    account = an_account(*map(present, ids(number)))
    pieces = list(json.account(account))
    assert [one["agent_id"] for one in reader.loads(b"".join(pieces))["agents"]] == list(ids(number))
    assert len(pieces) == 2 + -(-number // 500)


@pytest.mark.parametrize(("number", "left"), [(2_000, ""), (2_001, "1 of them")])
def test_the_page_has_2000_agents(number: int, left: str) -> None:
    """A page has 2,000 agents at most, those without a state first."""
    page = of_html(an_account(*map(present, ids(number - 1)), RollEntry(Agent("last"), Standing.UNKNOWN)))
    rows = page.partition('<section id="agents">')[2]
    assert rows.count("<tr><th scope=row>") == 2_000
    assert rows.partition("<tr><th scope=row>")[2].startswith("last<")
    assert rows.partition("<strong>")[2].partition("</strong>")[0].removeprefix("Not on this page: ") == left


@together(
    "edge",
    {
        "five": (5, "id1 id2 id3 id4 id5"),
        "six": (6, "id1 id2 id3 id4 id5 and 1 more id6"),
        "500": (500, f"{' '.join(ids(5))} and 495 more {' '.join(ids(500)[5:])}"),
        "501": (501, f"{' '.join(ids(5))} and 496 more {' '.join(ids(500)[5:])}, and 1 more, not named here"),
    },
)
def test_a_finding_names_500_agents_on_the_page(edge: tuple[int, str]) -> None:
    """Five agents are named at once. Of more than 500 the rest is counted."""
    number, expected = edge
    part = of_html(explained(number)).partition("<p class=names>")[2].partition("<h4>Evidence")[0]
    for tag in ("<code>", "</code>", "</p>", "<p class=names>", "<details>", "</details>", "<summary>"):
        part = part.replace(tag, "")
    assert part.replace("</summary>", " ").replace(", id", " id").replace("id5and", "id5 and") == expected


def exchanges(number: int) -> list[Exchange]:
    """So many requests. The last four have each kind of answer."""
    statuses: Sequence[int | None] = (299, 300, None, 200)
    return [
        Exchange(
            number=one,
            method="GET",
            target="/x",
            purpose="p",
            status=statuses[max(one - number + 3, 0)] if one > number - 4 else 200,
            fault="",
            milliseconds=1.0,
        )
        for one in range(1, number + 1)
    ]


def test_the_page_has_500_requests() -> None:
    """Of more than 500 requests the cited are kept first. Then come the failed, then the earliest."""
    assert selected(exchanges(500), {}) == exchanges(500)
    assert [one.number for one in selected(exchanges(504), {504: ()})] == [*range(1, 498), 502, 503, 504]


def test_csv_has_everybody() -> None:
    """No bound holds for CSV: each agent has a line."""
    assert b"".join(csv.account(an_account(*map(present, ids(3_000))), COLUMNS)).count(b"\r\n") == 3_001


def test_a_repeated_line_is_remarked_on() -> None:
    """People who are named twice count once. Further lines like it are counted."""
    of = Attendance(file="a.csv", people=(), not_expected=())
    assert list(attendance.remarks(of)) == []
    said = "a.csv: line 4 names the same as line 2{}. Each person counts once."
    rest = ("", ", and 1 more line like it", ", and 2 more lines like it")
    for more, words in enumerate(rest):
        repeated = ((4, 2), *((5, 2),) * more)
        assert list(attendance.remarks(replace(of, repeated=repeated))) == [said.format(words)]


def test_long_texts_are_cut_in_evidence() -> None:
    """A claim, a value and a path are cut. Numbers and pointers are whole."""
    exchange = Exchange(
        number=7,
        method="GET",
        target="/" + "p" * 64,
        purpose="p",
        status=200,
        fault="",
        milliseconds=1.0,
        correlation="c" * 9,
    )
    one = replace(found("1"), evidence=(Evidence("c" * 1_001, 7, "/a", "s" * 1_001),))
    account = replace(an_account(present("1")), findings=(one,), exchanges=(exchange,))
    seen = line_of(text.account(account), "        seen")
    cut = f"{'c' * 999}…: {'s' * 999}…   (#7 GET /{'p' * 62}… /a CorrelationId {'c' * 9})"
    assert seen == f"        seen     {cut}"
    assert f"<code>GET /{'p' * 64}</code>" in of_html(account)
    long = replace(account, exchanges=(replace(exchange, target="/" + "p" * 120),))
    assert f"<code>GET /{'p' * 118}…</code>" in of_html(long)


def test_evidence_about_an_agent_is_not_that_of_a_longer_id() -> None:
    """An id within another one names nobody."""
    claims = ("30000000001, requested alone", "claim", "of 3: no row")
    finding = replace(refused("3"), evidence=tuple(Evidence(claim, 9, "", "x") for claim in claims))
    said = Answer(asked_as="3", agent=Agent("3"), sentence="S", findings=(finding,), settle=(), fix=(), command="")
    shown = why.answers(an_account(present("a")), [said])
    assert [shown.index(claim) for claim in ("of 3: no row", *claims[:2])] == sorted(map(shown.index, claims))


def test_what_a_run_for_a_few_agents_cannot_rule_out_is_left_out() -> None:
    """Limits of the roster and facts about the agent are not."""
    clear = tuple(Outcome(check.name, Ended.CLEAR) for check in CHECKS)
    said = Answer(asked_as="a", agent=Agent("a"), sentence="S", findings=(), settle=(), fix=(), command="")
    shown = why.answers(replace(an_account(present("a")), outcomes=clear), [said])
    names = line_of(shown, "ruled out: ").removeprefix("ruled out: ").split(", ")
    ruled_out = {finding.code for finding in FINDINGS if finding.name in names}
    assert len(ruled_out) == len(names)
    assert {code for code in ruled_out if code[:3] in ("RC3", "RC6")} == {"RC301", "RC302", "RC606"}
    assert {code[:3] for code in ruled_out} == {"RC3", "RC4", "RC5", "RC6"}


@pytest.mark.parametrize("adopted", [False, True])
def test_the_page_corrects_only_what_was_changed(*, adopted: bool) -> None:
    """The page has a corrected request if a change was adopted."""
    corrected = "<h3>Corrected</h3><pre>curl https://x</pre>"
    assert (corrected in of_html(account_asked_for(adopted=adopted))) is adopted


def test_the_page_says_whether_agents_are_explained() -> None:
    """A finding explains its agents, or counts those that nothing explains."""
    unexplained = an_account(RollEntry(Agent("1"), Standing.ABSENT))
    assert "<h4>Unexplained: 1 agent</h4><p class=names>" in of_html(unexplained)
    assert "<span>open</span>" in of_html(unexplained)
    assert "<h4>Explains: 2 agents</h4><p class=names>" in of_html(explained(2))
    assert "<span>explains 2 agents</span>" in of_html(explained(2))


@pytest.mark.parametrize(("pointer", "place"), [("", ""), ("/error/code", ", at <code>/error/code</code>")])
def test_the_page_shows_where_evidence_is(pointer: str, place: str) -> None:
    """Evidence about a whole response has no place in it."""
    finding = replace(refused("1"), evidence=(Evidence("no answer", 1, pointer, "503"),))
    page = of_html(replace(an_account(present("1")), findings=(finding,)))
    assert f'<a href="#x1">request 1</a>{place}: <code>GET' in page
