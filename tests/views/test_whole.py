"""Whole accounts and live events in each view, as in `whole.txt`.

After a change that is meant, delete the file and run this test, which writes it anew. Read the difference before you
commit it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.findings.build import (
    AGAIN,
    ROSTER,
    STATES,
    TOKEN,
    Situation,
    called,
    failed,
    listed,
    roster_of,
    situation,
    states_of,
    stopped,
)
from tests.support.written import assert_as_written

from cxone_rollcall.findings.account import Account, Requests, RunRecord, Tenant
from cxone_rollcall.findings.attendance import Expected
from cxone_rollcall.findings.check import Ended
from cxone_rollcall.findings.judge import account_of
from cxone_rollcall.live.events import BoardShown, Event, FindingChanged, Polled
from cxone_rollcall.live.events import Change as Changed
from cxone_rollcall.live.seat import MOST_MISSED, STALE, Certainty, Seat, Since
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.exchange import Exchange
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.observations.base import Failures, Selected
from cxone_rollcall.model.observations.probes import LookedCloser, ProbesAsked, Sign
from cxone_rollcall.model.observations.request import Asked, Change, ChangeAsked, RequestAsked, What
from cxone_rollcall.model.observations.states import Truncation
from cxone_rollcall.model.roll import Roll, Standing
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import replace
from cxone_rollcall.version import __version__
from cxone_rollcall.views import account as text
from cxone_rollcall.views import csv, html, json, junit, live, request, why
from cxone_rollcall.views.columns import COLUMNS
from cxone_rollcall.views.html.style import STYLE
from cxone_rollcall.why import answers

WRITTEN = Path(__file__).with_name("whole.txt")
BEGAN = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
NARROW = 60
ALSO = frozenset({"batches-healthy", "ids-read", "state-filter", "state-filter-spelling", "whole-list-asked"})
"""Checks that are kept whatever they find. Two causes are ruled out, and two are skipped for the same reason."""
FEW = Requests(sent=4, probes=2)
TENANT = Tenant(instance="api-us-01.nice-incontact.com", contract="v2")
ANN = {"a": {"name": "Ann Lee", "user_name": "ann.lee", "team": "Support", "active": True}}
PEOPLE: dict[str, dict[str, object]] = {
    **ANN,
    "c": {"name": "Cy Ng", "email": "cy@example.com", "last_login": "", "active": False},
    "d": {"name": "Di Fox", "last_login": "2026-03-01T17:00:00Z", "typed": "di fox"},
}


def exchange(number: int, target: str, status: int | None = 200, fault: str = "") -> Exchange:
    """Return an exchange of 12 ms, one each 20 ms."""
    return Exchange(
        number=number,
        method="GET",
        target=target,
        purpose="asked",
        status=status,
        fault=fault,
        milliseconds=12.0,
        began=number * 0.02,
        correlation=f"<{number}>",
    )


EXCHANGES = (
    exchange(TOKEN, "/oauth/token"),
    exchange(ROSTER, "/agents?page=1"),
    exchange(STATES, "/agents/states?ids=a,b,c,d"),
    exchange(AGAIN, "/agents/states?ids=d", None, "the connection was reset"),
)


def run(tenant: Tenant = TENANT, *, early: str = "", requests: Requests = FEW) -> RunRecord:
    """Return the record of a run of two seconds."""
    return RunRecord(
        tenant=tenant,
        requests=requests,
        started_at=BEGAN,
        finished_at=BEGAN + timedelta(seconds=2),
        ended_early=early,
        exchanges=EXCHANGES,
    )


def roll(present: str = "ab", **standings: str) -> Roll:
    """Return a roll of people with names."""
    letters = present + "".join(standings.values())
    return called(present, **standings, **{one: said for one, said in PEOPLE.items() if one in letters})  # type: ignore[arg-type]


def judged(seen: Situation, of: RunRecord) -> Account:
    """Return an account with a check of each result.

    It has all checks that found something, one each of the others, and those of `ALSO`.
    """
    whole = account_of(seen.case(), of)
    others = {outcome.ended: outcome for outcome in whole.outcomes if outcome.ended is not Ended.FOUND}
    return replace(
        whole,
        outcomes=tuple(
            one for one in whole.outcomes if one.ended is Ended.FOUND or one in others.values() or one.check in ALSO
        ),
    )


def healthy() -> Account:
    """Everybody is accounted for."""
    profile = replace(TENANT, contract="incontact", profile="emea", chosen="its discovery answers")
    return judged(listed(roll(absent="c", logged_out="d")), run(profile))


def troubled() -> Account:
    """Batches are truncated, a request failed, and the time ran out."""
    lost = Failures(items=(failed(FailureKind.SERVER_TROUBLE, agents="d", status=503, exchange=AGAIN),), answered=3)
    everybody = replace(roll(absent="c", unknown="d"), roster_complete=False)
    states = states_of(everybody, cut=Truncation(37, STATES, AGAIN, 1))
    seen = situation(everybody, lost, states, roster_of(everybody, pages=2, total=9))
    many = Requests(sent=400, throttled=7, retried=9, probes=3, per_second=12.34, most_under_way=5)
    return judged(seen, run(early="the time limit of 5 s was reached", requests=many))


def asked_why() -> Account:
    """Three agents are asked about, and one text names none."""
    named = roll(present="a", absent="cd")
    typed = ("a", "c", "di fox", "zed")
    selected = Selected(roster=9, kept=9, exchange=ROSTER, agents=typed, unknown=typed[3:], why=True)
    sign = Sign(
        agent_id="d",
        evidence=Evidence("3 colleagues in team Support", AGAIN, "/entities", "no row for any of them"),
        or_else="no agent in team Support has a row: this account may not see the team",
    )
    seen = situation(named, selected, LookedCloser(signs=(sign,)), ProbesAsked(requests=2, most=40))
    return judged(seen, run())


def asked_rows(exchange: int, found: str = "") -> Asked:
    """Return a response with a row for each of these agents."""
    return Asked(exchange=exchange, status=200, rows=len(found), found=frozenset(found))


def own_request() -> Account:
    """A program's request has a state filter. Without it there are rows, but a smaller batch fails."""
    empty, full = asked_rows(STATES), asked_rows(AGAIN, "ab")
    failing = Asked(exchange=ROSTER, status=None, rows=None, failure="the connection was reset", kind="unreachable")
    changes = (
        ChangeAsked(
            change=Change.STATE,
            what="without state=Avail",
            before=(empty, asked_rows(ROSTER)),
            after=(full, full),
            said="Avail",
            adopted=True,
        ),
        ChangeAsked(change=Change.BATCHES, what="one id <each>", before=(empty,), after=(failing,)),
    )
    asked = RequestAsked(
        method="GET",
        target="/api/v2/agents/states?agentIds=a,b&state=Avail",
        form="curl command",
        what=What.STATES,
        contract="v2",
        first=empty,
        expected=frozenset("ab"),
        ids=("a", "b"),
        changes=changes,
        corrected="curl 'https://host/api/v2/agents/states?agentIds=a,b' \\\n  -H 'Authorization: Bearer $TOKEN'",
        remarks=("-d was left out", "--max-time was left out"),
    )
    return judged(situation(roll(), asked), run())


def request_in_trouble() -> Account:
    """A program's request was not sent. Five of its ids are unknown, and one agent's states were refused."""
    unsent = Asked(
        exchange=TOKEN, status=None, rows=None, failure="401", kind=FailureKind.UNAUTHORIZED.value, unsent=True
    )
    asked = RequestAsked(
        method="GET",
        target=f"/api/v2/agents/states?agentIds={','.join(map(str, range(60)))}",
        form="address",
        what=What.STATES,
        contract="v2",
        first=unsent,
        expected=frozenset("a"),
        ids=("a", "c", "d", *map(str, range(5))),
    )
    everybody = roll("a", absent="c", unknown="d")
    lost = Failures(items=(failed(FailureKind.SERVER_TROUBLE, agents="d", status=503, exchange=AGAIN),), answered=3)
    selected = Selected(roster=9, kept=3, exchange=ROSTER, agents=asked.ids, unknown=asked.ids[3:])
    return judged(situation(everybody, asked, selected, lost), run(early="the time limit of 5 s was reached"))


def expected() -> Account:
    """People of a file are expected. Each presence has one; names and file are hostile."""
    hostile = "\x1b[2J<b>\u202e"
    everybody = called(
        "abef",
        absent="c",
        unknown="d",
        states={"e": "Break"},
        a=PEOPLE["a"],
        c={**PEOPLE["c"], "team": hostile},
        d=PEOPLE["d"],
        e={"name": f"=Ed {hostile}", "email": "ed@example.com", "active": True},
        f={"name": "Ann Lee", "user_name": "ann.lee.2"},
    )
    lunch = AgentState("e", "Break", sub_state="Break - Lunch", since="2026-03-02T10:00:00Z")
    entries = [replace(one, state=lunch) if one.agent.agent_id == "e" else one for one in everybody.entries]
    people = (
        *("a", "c", "d", hostile, "Ann Lee", "Lee, Ann", "=ED@EXAMPLE.COM", "ann.lee@example.com", "ed@example.com"),
        *("c", "cy@example.com"),
    )
    names = tuple(Expected(line=line, names=(name,)) for line, name in enumerate(people, 2))
    everybody = replace(everybody, entries=entries)
    return judged(situation(everybody), run()).with_attendance(names, f"people {hostile}.csv")


def refused() -> Account:
    """The token is refused: no agent is known. The profile is hostile, and responses have many statuses."""
    tenant = replace(TENANT, profile="<i>\x9b\u2066", chosen="<u>\x07")
    statuses = (401, 204, 302, 400, 403, 404, 409, 413, 414, 418, 429, 500, 503)
    exchanges = tuple(exchange(number, "/oauth/token", status) for number, status in enumerate(statuses, TOKEN))
    record = replace(run(tenant, requests=Requests(sent=1)), exchanges=exchanges)
    return judged(stopped(FailureKind.UNAUTHORIZED, status=401), record)


def page(one: Account) -> str:
    """Return an account as HTML, a line for each row or paragraph.

    Style, version and pages of findings are left out.
    """
    text = b"".join(html.account(one, answers(one))).decode().replace(__version__, "VERSION")
    assert f"<style>{STYLE}</style>" in text
    return re.sub("<style>.*?</style>|<details open class=page>.*?</details>", "", text, flags=re.DOTALL).replace(
        "><", ">\n<"
    )


def live_events() -> Iterator[tuple[str, Event]]:
    """Yield one event of each kind. Each way to show an agent is among them."""
    people = called(
        "ab",
        absent="c",
        a={"name": "Ann Lee", "user_name": "ann.lee", "team": "Support", "active": True},
        states={"b": "Break"},
    ).entries
    a, b, c = (
        Seat(one.agent, one.standing, one.state, "available" if one.state else None, since, as_of=1_000.0)
        for one, since in zip(
            people,
            (
                Since(900.5, Certainty.EXACT, 900.5),
                Since(1_000.0, Certainty.BETWEEN, 940.0),
                Since(1_000.0, Certainty.AT_LEAST),
            ),
            strict=True,
        )
    )
    lunch = replace(b, state=AgentState("b", "Break", sub_state="Lunch"), group="unavailable")
    counts = {"roster": 3, "present": 2, "absent": 1}
    yield (
        "board",
        BoardShown(
            run="r1", poll=1, as_of=1_000.0, received_at=1_001.0, complete=True, counts=counts, seats=(a, lunch, c)
        ),
    )
    out = replace(b, standing=Standing.LOGGED_OUT, state=None, group=None)
    yield "logged out", Changed(poll=2, agent_id="b", before=lunch, after=out)
    yield "last known", Changed(poll=3, agent_id="a", before=a, after=replace(a, missed=STALE))
    yield "last known sub-state", Changed(poll=3, agent_id="b", before=lunch, after=replace(lunch, missed=STALE))
    yield "unknown", Changed(poll=4, agent_id="a", before=a, after=replace(a, missed=MOST_MISSED))
    yield "unknown, without a state", Changed(poll=4, agent_id="b", before=out, after=replace(out, missed=MOST_MISSED))
    yield "new", Changed(poll=5, agent_id="c", before=None, after=c)
    yield "off the roster", Changed(poll=6, agent_id="c", before=c, after=None)
    for finding in troubled().findings[:2]:
        yield "finding", FindingChanged(poll=7, finding=finding, begins=True)
        yield "finding", FindingChanged(poll=8, finding=finding, begins=False)
    first = Polled(
        poll=1, as_of=None, received_at=None, ok=False, complete=False, age=None, counts={}, requests=3, interval=5.0
    )
    yield "poll without states", replace(first, missed="503")
    yield (
        "poll",
        replace(first, as_of=9.0, received_at=9.5, ok=True, complete=True, age=0.12345, counts=counts, corrected=2),
    )


def sections() -> Iterator[str]:
    """Yield each account in each view, under its name; then live events."""
    accounts = {"healthy": healthy(), "troubled": troubled(), "why": asked_why(), "request": own_request()}
    accounts |= {"expected": expected(), "refused": refused()}
    for name, one in accounts.items():
        views = {
            "account": text.account(one),
            "account, detailed and narrow": text.account(one, detailed=True, cells=NARROW, strong=str.upper),
            "summary": f"{text.summary(one)}\n",
            "roster": f"{text.roster_summary(one)}\n",
            "csv": b"".join(csv.account(one, COLUMNS)).decode().replace("\r\n", "\n"),
            "json": b"".join(json.account(one, answers(one))).decode(),
            "junit": b"".join(junit.account(one, answers(one))).decode(),
        }
        if name == "why":
            views["answers"] = why.answers(one, answers(one))
            views["answers, detailed and narrow"] = why.answers(one, answers(one), detailed=True, cells=NARROW)
        if name != "healthy":
            views["html"] = page(one)
        if name == "request":
            views["request"] = request.request(one)
            views["request, narrow"] = request.request(one, cells=NARROW, strong=str.upper)
            views["in trouble"] = request.request(request_in_trouble())
            views["in trouble, narrow"] = request.request(request_in_trouble(), cells=NARROW)
        yield from (f"=== {name}: {view}\n{said}" for view, said in views.items())
    for name, event in live_events():
        yield f"=== live: {name}\n{live.line(event, {'a': ('RC601', 'RC602')}).decode()}"


def test_accounts_are_as_written() -> None:
    """Each view shows a whole account as `whole.txt` has it."""
    assert_as_written(WRITTEN, "".join(sections()))
