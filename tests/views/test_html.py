"""The account as a page is safe, self-contained and of limited length."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.many_values import together
from tests.views.test_account import an_account, found, present

from cxone_rollcall.findings.account import Account, Verdict
from cxone_rollcall.findings.attendance import Expected
from cxone_rollcall.findings.catalogue import CHECKS, FINDINGS
from cxone_rollcall.findings.check import Ended, Outcome
from cxone_rollcall.findings.finding import Strength
from cxone_rollcall.findings.page import page_of
from cxone_rollcall.findings.permission import Forbidden
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.exchange import Exchange
from cxone_rollcall.model.roll import RollEntry, Standing
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import replace
from cxone_rollcall.views import html
from cxone_rollcall.views.account import headline
from cxone_rollcall.views.html import VERDICTS
from cxone_rollcall.views.html.agents import MOST_AGENTS
from cxone_rollcall.views.html.escape import prose, shown
from cxone_rollcall.views.html.findings import HEADINGS, MOST_NAMED, evidence_list
from cxone_rollcall.views.html.timeline import MOST_REQUESTS
from cxone_rollcall.views.text import printable
from cxone_rollcall.why.answer import Answer

ANY_TEXT = st.text(st.characters())
HOSTILE = (
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "\u202eeeL\u2066",
    "]]>",
    "Ann\ud800",
    "&lt;",
)
_ELEMENTS = """
html head meta title style body header main footer nav section article h1 h2 h3 h4 p a b i strong small span div br ol
ul li dl dt dd table caption thead tbody tfoot tr th td details summary code bdi wbr
"""
ELEMENTS = frozenset(_ELEMENTS.split())
"""The page's elements: none runs, loads or sends anything."""


class Page(HTMLParser):
    """A parsed page: elements with attributes, and its text."""

    def __init__(self, account: Account) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts = [""]
        self.feed(b"".join(html.account(account)).decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record an element."""
        self.elements.append((tag, dict(attrs)))
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Begin another text, but for what is part of a sentence."""
        if tag not in ("bdi", "code"):
            self.texts.append("")

    def handle_data(self, data: str) -> None:
        """Record a text with the other texts of its element."""
        self.texts[-1] += data

    @property
    def text(self) -> str:
        """All that is to be read."""
        return "\n".join(self.texts)

    def having(self, attribute: str) -> list[str]:
        """Return the values of an attribute."""
        return [value for _, attributes in self.elements if (value := attributes.get(attribute))]

    def rows(self, kind: str) -> int:
        """Count the rows of one of the two long tables."""
        tables = [attributes.get("class") if tag == "table" else None for tag, attributes in self.elements]
        after = self.elements[tables.index(kind) + 1 :]
        until = next((at for at, (tag, _) in enumerate(after) if tag == "section"), len(after))
        return sum(tag == "tr" for tag, _ in after[:until]) - 1


def asked(number: int, status: int | None = 200, target: str = "/x") -> Exchange:
    """Return one request that was answered."""
    return Exchange(
        number=number,
        method="GET",
        target=target,
        purpose=f"purpose {number}",
        status=status,
        fault="" if status else "reset by peer",
        milliseconds=2.0,
        began=number / 100,
        correlation=f"correlation-{number}",
    )


def refused(*explains: str, exchange: int = 1, strength: Strength = Strength.PROVEN) -> Forbidden:
    """Return a finding that needs a fix."""
    evidence = (Evidence("all requests", exchange, "/error/code", "403"),)
    return Forbidden(
        asked="states",
        although="the scope is there",
        reason="no role",
        evidence=evidence,
        explains=explains,
        strength=strength,
        settle="ask with another account",
    )


@given(ANY_TEXT, ANY_TEXT)
def test_markup_in_names_stays_text(name: str, state: str) -> None:
    """No name, team or state becomes an element."""
    entry = RollEntry(Agent("1", name=name, team=name), Standing.PRESENT, AgentState("1", state, state))
    page = Page(replace(an_account(entry), findings=(found("1"),)))
    assert {tag for tag, _ in page.elements} <= ELEMENTS
    for text in (name, state):
        assert printable(text) in page.text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_texts_stay_text_wherever_they_stand(hostile: str) -> None:
    """Hostile texts stay text in every place of the page."""
    account = an_account(present("1", name=hostile), RollEntry(Agent(hostile, name=hostile), Standing.ABSENT))
    evidence = (Evidence(hostile, 1, hostile, hostile),)
    exchange = replace(
        asked(1, None, hostile), method=hostile, purpose=hostile, fault=hostile, correlation=hostile, status=None
    )
    page = Page(
        replace(
            account,
            tenant=replace(account.tenant, instance=hostile, contract=hostile, profile=hostile, chosen=hostile),
            findings=(
                replace(refused(hostile), asked=hostile, although=hostile, evidence=evidence, settle=hostile),
                *account.findings,
            ),
            outcomes=(Outcome(hostile, Ended.CRASHED, hostile),),
            ended_early=hostile,
            exchanges=(exchange,),
        )
    )
    assert {tag for tag, _ in page.elements} <= ELEMENTS
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert page.text.count(printable(hostile)) > 15


def test_our_own_text_has_paragraphs_and_code() -> None:
    """Blank lines separate paragraphs, however many. Lines are joined."""
    assert prose("\n\na <b\n\n\n\n c `d`\ne\n") == "<p>a &lt;b</p><p>c <code>d</code> e</p>"
    assert prose("") == ""


def test_the_page_needs_nothing_from_elsewhere() -> None:
    """No element loads anything, and links stay in the page. The policy forbids the rest."""
    account = an_account(present("1"), RollEntry(Agent("2"), Standing.ABSENT))
    page = Page(replace(account, findings=(refused("2"), *account.findings)))
    assert not page.having("src")
    links = page.having("href")
    assert links
    assert {link.removeprefix("#") for link in links} <= set(page.having("id"))
    assert len(page.having("id")) == len(set(page.having("id")))
    (policy,) = [content for content in page.having("content") if "-src" in content]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert "url(" not in page.text
    assert ("html", {"lang": "en"}) in page.elements


def test_the_page_begins_with_the_answer_and_what_to_change() -> None:
    """The headline is the only h1, then what to fix. It names only what needs a fix."""
    account = replace(an_account(RollEntry(Agent("1"), Standing.UNKNOWN)), findings=(refused("1"),))
    page = Page(account)
    assert [tag for tag, _ in page.elements].count("h1") == 1
    assert headline(account) in page.texts
    change = page.text.partition("What to change\n")[2].partition("The balance")[0]
    assert "give the account the permission" in change.lower()
    assert "RC302 forbidden" in change
    assert "Nothing. " in Page(an_account(present("1"))).text
    healthy = b"".join(html.account(an_account(present("1"))))
    assert b'<section id="findings"><h2>Findings</h2><p>None.</section>' in healthy


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_has_a_sentence(verdict: Verdict) -> None:
    """Each verdict has its sentence."""
    assert VERDICTS[verdict].endswith(".")


def test_people_who_are_not_there_are_in_the_verdict() -> None:
    """Agents who are accounted for are not all people who are expected."""
    account = an_account(present("1"), RollEntry(Agent("2"), Standing.LOGGED_OUT))
    said = "Every agent is accounted for, and not everybody who is expected is logged in."
    for name, is_met in (("1", True), ("2", False)):
        page = Page(account.with_attendance((Expected(line=2, names=(name,)),), "people.csv"))
        assert (said in page.text) is not is_met


def test_the_figures_balance() -> None:
    """The page shows the roster as the sum of its parts. The bar is divided by the same numbers."""
    page = Page(
        an_account(
            present("1"),
            present("2"),
            RollEntry(Agent("3"), Standing.ABSENT),
            RollEntry(Agent("4"), Standing.LOGGED_OUT),
            RollEntry(Agent("5"), Standing.UNKNOWN),
        )
    )
    assert "= 2 present + 1 logged out + 1 absent (0 explained + 1 unexplained) + 1 unknown" in page.text
    grown = [int(style.removeprefix("flex-grow:")) for style in page.having("style") if "grow" in style]
    assert grown == [2, 1, 1, 1]


def test_evidence_is_opened_and_leads_to_its_request() -> None:
    """Evidence is open, with links to its request and back. It has claim, value, pointer and CorrelationId."""
    account = an_account(RollEntry(Agent("1"), Standing.UNKNOWN))
    exchange = asked(7, 403)
    page = Page(replace(account, findings=(refused("1", exchange=7),), exchanges=(exchange,)))
    for said in ("All requests: ", "403", "request 7", "correlation-7", "Ask with another account"):
        assert said in page.text
    assert "/error/code" in page.text
    assert {"#x7", "#f1"} <= set(page.having("href"))
    assert "evidence for " in page.texts


@together("finding", {finding.code: finding for finding in FINDINGS})
def test_each_page_of_the_catalogue_has_what_is_shown_of_it(finding: type) -> None:
    """Every finding's page has the headings that the report shows."""
    assert set(HEADINGS) <= set(page_of(finding).sections)


def test_ruled_out_causes_are_shown_as_questions() -> None:
    """A clear check shows its question. A skipped one shows its reason, a crashed one its error."""
    outcomes = (
        Outcome("host-found", Ended.CLEAR),
        Outcome("state-filter", Ended.SKIPPED, "no state filter was sent"),
        Outcome("no-row", Ended.CRASHED, "KeyError: 7"),
    )
    text = Page(replace(an_account(present("1")), outcomes=outcomes)).text
    assert "Did the name of the instance resolve?" in text
    assert ": no state filter was sent" in text
    assert "KeyError: 7" in text
    assert all((check.judge.__doc__ or "").partition("\n")[0].rstrip().endswith("?") for check in CHECKS)


def test_a_large_roster_shows_unknown_agents_first() -> None:
    """A large roster shows agents without a state first. It says how many are left out."""
    here = [present(str(number)) for number in range(MOST_AGENTS + 40)]
    page = Page(an_account(*here, RollEntry(Agent("last", name="Bo Ek"), Standing.ABSENT)))
    assert page.rows("agents") == MOST_AGENTS
    assert "Not on this page: 41 of them" in page.text
    assert "rollcall check --format csv" in page.text
    table = page.texts[page.texts.index("Explained by") :]
    assert table.index("Bo Ek") < table.index("Ann Lee")
    assert Page(an_account(*here[:3])).rows("agents") == 3


def test_agents_stand_in_the_order_in_which_they_need_somebody() -> None:
    """Unexplained ones come first. The unknown, the absent, the logged out and the present follow."""
    entries = (
        present("1"),
        RollEntry(Agent("2"), Standing.LOGGED_OUT),
        *(RollEntry(Agent(one), Standing.ABSENT) for one in ("3", "5")),
        RollEntry(Agent("4"), Standing.UNKNOWN),
    )
    page = Page(replace(an_account(*entries), findings=(refused("3", "4"),)))
    table = page.texts[page.texts.index("Explained by") :]
    assert [text for text in table if text.isdigit()] == ["5", "4", "3", "2", "1"]


def test_a_finding_names_the_first_and_folds_the_rest() -> None:
    """Five agents of a finding are shown, more folded, then counted."""
    entries = [RollEntry(Agent(f"id{number}"), Standing.UNKNOWN) for number in range(MOST_NAMED + 9)]
    ids = tuple(entry.agent.agent_id for entry in entries)
    text = Page(replace(an_account(*entries), findings=(refused(*ids),))).text
    assert f"and {MOST_NAMED + 4} more" in text
    assert ", and 9 more, not named here" in text


def test_cited_requests_are_always_among_those_shown() -> None:
    """Of many requests, cited and failed ones are shown first."""
    exchanges = tuple(asked(number, None if number == 700 else 200) for number in range(1, MOST_REQUESTS + 301))
    account = replace(an_account(present("1")), findings=(refused(exchange=777),), exchanges=exchanges)
    page = Page(account)
    assert page.rows("requests") == MOST_REQUESTS
    assert "Left out: 300 of them" in page.text
    shown = [int(place[1:]) for place in page.having("id") if place.startswith("x") and place[1:].isdigit()]
    assert shown == sorted(shown)
    assert {1, 700, 777} <= set(shown)
    assert "no response" in page.texts


def test_bars_stay_within_their_track() -> None:
    """A request's bar stays within its track. That of a quick one is visible, but shows that it was quick."""
    exchanges = (replace(asked(1), began=0.0, milliseconds=90_000.0), replace(asked(2), began=90.0, milliseconds=0.0))
    page = Page(replace(an_account(present("1")), exchanges=exchanges))
    bars = [style for style in page.having("style") if style.startswith("left:")]
    assert len(bars) == 2
    for bar in bars:
        left, width = (float(part.partition(":")[2].rstrip("%")) for part in bar.split(";"))
        assert 0 <= left <= left + width <= 100.01
        assert 0 < width < (101 if left == 0 else 1)


def test_an_account_of_nothing_is_a_page_too() -> None:
    """Without agents, findings, requests or checks each section says so."""
    text = Page(replace(an_account(), exchanges=(), ended_early="interrupted", interrupted=True)).text
    assert "Interrupted: No agent's state could be requested" in text
    assert "Nothing was found so far, but the run ended early (interrupted): run it again." in text
    for said in ("No request was sent.", "None.", "Nothing: no check ran."):
        assert said in text


def test_a_page_of_one_answer_begins_with_it() -> None:
    """The heading of a page with one answer is its sentence. With several it is that of the account."""
    account = an_account(present("1"))
    said = Answer(
        asked_as="1", agent=Agent("1"), sentence="It is <here>", findings=(), settle=(), fix=(), command="a <b>"
    )
    for answers, heading in (((said,), "It is &lt;here&gt;"), ((said, said), shown(headline(account)))):
        page = b"".join(html.account(account, answers)).decode()
        assert f"<title>{heading} - rollcall</title>" in page
        assert f"<h1>{heading}</h1>" in page
        assert page.count(
            "<article><p class=said>It is &lt;here&gt;.<p>Next: <code>a &lt;b&gt;</code></article>"
        ) == len(answers)


@pytest.mark.parametrize(("correlation", "shown_id"), [("", ""), ("c<1", "<br>CorrelationId <code>c&lt;1</code>")])
def test_evidence_links_to_its_request(correlation: str, shown_id: str) -> None:
    """Evidence names its request with the CorrelationId, if there are such."""
    account = an_account()
    (exchange,) = account.exchanges
    account = replace(account, exchanges=(replace(exchange, target="/x", correlation=correlation),))
    cited = (Evidence("no row", 1, "", "[]"), Evidence("no answer", 2, "", "none"))
    assert "".join(evidence_list(cited, account)) == (
        "<h4>Evidence</h4><ul class=evidence><li>No row: <b class=seen>[]</b>"
        f'<div class=where><a href="#x1">request 1</a>: <code>GET /x</code>{shown_id}</div>'
        "<li>No answer: <b class=seen>none</b></ul>"
    )
