"""Situations at the edges of findings. They have many agents, or rare observations."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.failure import A_PAGE, HANDSHAKE_FAILED, NO_TLS, FailureKind, Stage
from cxone_rollcall.model.observations.access import (
    AnswersDated,
    RolesTried,
    Throttling,
    TokenGranted,
    VersionFallback,
    VersionsFallenBack,
)
from cxone_rollcall.model.observations.base import Failures, Selected
from cxone_rollcall.model.observations.probes import (
    Activity,
    ActivityAsked,
    ExpectedLoggedIn,
    LookedCloser,
    NeighbourVersionsAsked,
    ServerTimeAsked,
    Sign,
    SkillsAsked,
    StateRespelt,
)
from cxone_rollcall.model.observations.request import Change, TheirToken, What
from cxone_rollcall.model.observations.roster import Irregular, PagingIgnored, RowsFound
from cxone_rollcall.model.observations.states import (
    AgentsAskedAlone,
    Alone,
    AskedAlone,
    BatchLimit,
    Contradiction,
    DeltaAsked,
    Disagreement,
    MixedUp,
    PoisonedBatch,
    RowsLost,
    Separators,
    StatesFiltered,
    Truncation,
)
from cxone_rollcall.model.struct import replace

from .build import (
    AGAIN,
    OWN,
    PUBLISHED,
    ROSTER,
    SCOPES,
    STATES,
    TENANT,
    TOKEN,
    Situation,
    called,
    failed,
    listed,
    other_contract,
    roster_of,
    rows_of,
    situation,
    states_of,
    stopped,
    struck,
)
from .test_own_request import EMPTY, FULL, change, refused, rows, sent

MANY = "abcdefg"
NEVER = ""
SINCE = "2026-03-02T10:30:00Z"


def edges() -> Iterator[Situation]:
    """Yield them all."""
    yield from _failures()
    yield from _tokens()
    yield from _versions()
    yield from _batches()
    yield from _answers()
    yield from _rosters()
    yield from _options()
    yield from _visible()
    yield from _agents()
    yield from _clocks()
    yield from _requests()


def _failures() -> Iterator[Situation]:
    for tenant, kind in product((TENANT, PUBLISHED), FailureKind):
        each = tuple(
            failed(kind, agents=one, exchange=10 + place, tries=1, status=400) for place, one in enumerate(MANY)
        )
        for roll in (called("xy", unknown=MANY), called(unknown=MANY)):
            yield situation(roll, tenant, Failures(items=each, answered=2))
        cut = (failed(kind, Stage.ROSTER, cut_short=True), failed(kind, agents="a", cut_short=True, detail="no time"))
        yield situation(called("x", unknown="ab"), tenant, Failures(items=cut, answered=1))
        yield situation(called("x", unknown="a"), tenant, Failures(items=(failed(kind, Stage.PROBE, cut_short=True),)))
        for proxy, host in (("proxy:3128", ""), ("", "login.example")):
            yield stopped(kind, Stage.TOKEN, tenant, proxy=proxy, host=host, detail="reason")
            yield stopped(kind, Stage.DISCOVERY, tenant, proxy=proxy, host=host, status=403)
        option = (failed(kind, option="--state Foo", exchange=8), failed(kind, option="--updated-since x", exchange=9))
        yield situation(
            called("ab"), tenant, Failures(items=(*option, failed(kind, agents="a", exchange=7)), answered=1)
        )
    for detail in (f"{NO_TLS}: wrong version", NO_TLS, f"{HANDSHAKE_FAILED}: alert", HANDSHAKE_FAILED):
        yield stopped(FailureKind.CERTIFICATE, detail=detail)
    for instance in ("api-us-01.nice-incontct.com", "api.niceincontact.co", "api.elsewhere.example", "nicecxone.com"):
        yield stopped(FailureKind.HOST_NOT_FOUND, Stage.TOKEN, replace(TENANT, instance=instance))
    for pending, items in product((0, 1, 2), ((), (failed(FailureKind.RATE_LIMITED, agents="ab"),))):
        for pace in (0.7123, 7.26, 71.4):
            waited = Throttling(
                count=4, exchange=AGAIN, seconds_waited=1.26, requests_per_second=pace, retry_after="2", pending=pending
            )
            roll = called("x", unknown="abc")
            yield situation(roll, replace(waited, retry_after=None), Failures(items=items, answered=1))
            yield situation(called(unknown="ab"), waited, Failures(items=items, answered=1))


def _tokens() -> Iterator[Situation]:
    for exchange, client, key in product((0, AGAIN), (False, True), (False, True)):
        roles = RolesTried(exchange=exchange, client_is_key=client, key_is_client=key)
        for error in ("invalid_client", "invalid_grant", "strange"):
            yield stopped(FailureKind.UNAUTHORIZED, Stage.TOKEN, PUBLISHED, roles, status=401, error=error)
    for status in (200, 399, 400, 500):
        yield situation(called("ab"), TokenGranted(exchange=TOKEN, scopes=SCOPES, status=status))
    for tenant in (
        replace(TENANT, grant_type="authorization_code"),
        replace(PUBLISHED, hints=("the secret is short",)),
    ):
        for error in ("invalid_grant", "invalid_client", ""):
            yield stopped(FailureKind.REJECTED, Stage.TOKEN, tenant, status=400, error=error, detail=f"says {error}")
    for has_user, grant in product((True, False, None), ("client_credentials", "password")):
        tenant = replace(PUBLISHED, grant_type=grant)
        token = TokenGranted(exchange=TOKEN, scopes=None, has_user=has_user)
        for kind, status in ((FailureKind.FORBIDDEN, 403), (FailureKind.UNAUTHORIZED, 401)):
            time = ServerTimeAsked(exchange=AGAIN, status=200, accepted=True)
            yield _of_nobody(stopped(kind, Stage.ROSTER, tenant, token, time, status=status))
        empty = called("")
        yield situation(empty, tenant, token, roster_of(empty, total=0))
        yield situation(empty, tenant, token, roster_of(empty, total=None))
    for accepted, status in product((True, False), (200, 401)):
        time = ServerTimeAsked(exchange=AGAIN, status=status, accepted=accepted)
        for tenant, kind in product((TENANT, PUBLISHED), (FailureKind.UNAUTHORIZED, FailureKind.FORBIDDEN)):
            for scopes in (None, SCOPES, SCOPES[:1], ()):
                token = TokenGranted(exchange=TOKEN, scopes=scopes, has_user=True)
                yield struck(kind, called("a", unknown="bc"), tenant, token, time, status=401)
                yield struck(kind, called(unknown="bc"), tenant, token, time, status=409, error="code", detail="words")


def _of_nobody(seen: Situation) -> Situation:
    """The situation with nobody selected."""
    return Situation(seen.roll, (*(one for one in seen.seen if not isinstance(one, Selected)), Selected()))


def _versions() -> Iterator[Situation]:
    yield situation(
        None,
        VersionsFallenBack(
            items=tuple(
                VersionFallback(path=path, refused="35", refused_exchange=7, served="34", served_exchange=8)
                for path in ("agents", "agents/states")
            )
        ),
    )
    pinned = replace(PUBLISHED, pinned_version="12")
    for stage, tenant, host in product(
        (Stage.DISCOVERY, Stage.TOKEN, Stage.ROSTER), (TENANT, PUBLISHED, pinned), ("", "h")
    ):
        for status, guessed in product((None, 401, 404, 500), (False, True)):
            for other in (False, True):
                yield stopped(
                    FailureKind.NOT_FOUND,
                    stage,
                    tenant,
                    other_contract(answers=other),
                    status=status,
                    guessed=guessed,
                    host=host,
                    detail="as it said",
                )
        for served, status, repeated in ((None, None, False), ("34", 200, False), ("34", 401, True), ("34", 403, True)):
            asked = NeighbourVersionsAsked(
                path="agents", pinned="12", exchange=AGAIN, served=served, status=status, repeated=repeated
            )
            yield stopped(FailureKind.NOT_FOUND, stage, tenant, asked, status=404)
            yield struck(FailureKind.NOT_FOUND, called(unknown="ab"), tenant, asked, status=404)


def _batches() -> Iterator[Situation]:
    roll = called("ab", unknown=MANY[2:], absent="z")
    for tenant in (TENANT, PUBLISHED):
        for count, repeated, status in product((1, 2, 5), (True, False), (200, 400)):
            poisoned = tuple(
                PoisonedBatch(
                    agent_id=one, batch_exchange=7, alone_exchange=8 + place, status=status, healed=2, repeated=repeated
                )
                for place, one in enumerate(MANY[2 : 2 + count])
            )
            yield situation(roll, tenant, states_of(roll, poisoned=poisoned))
        yield situation(roll, tenant, states_of(roll, too_many=BatchLimit(100, 400, 50, 7)))
        for unvouched in ((), tuple(MANY[2:])):
            said = {"unvouched": unvouched, "unvouched_exchange": 9, "missing_in": dict.fromkeys(unvouched[1:], 8)}
            yield situation(roll, tenant, states_of(roll, **said))
            yield situation(roll, tenant, states_of(roll, cut=Truncation(1, 7, 8, 1), **said))
            yield situation(roll, tenant, states_of(roll, cut=Truncation(37, 7, 8, 5), **said))
            yield situation(roll, tenant, states_of(roll, lost=RowsLost(7, 8, 1, 1, 3), **said))
            yield situation(roll, tenant, states_of(roll, lost=RowsLost(7, 8, 2, 9, 3), unasked_rows=1, **said))
            yield situation(roll, tenant, states_of(roll, disagreement=Disagreement(7, 8, 1, 2, 3), **said))
            for unasked, ignored in product(("a", "stranger"), (0, 9)):
                mixed = {"mixed_up": MixedUp(7, 1, 2), "unasked_agent": unasked, "ignored_exchange": ignored}
                yield situation(roll, tenant, states_of(roll, unasked_rows=3, unasked_exchange=7, **mixed, **said))
            yield situation(roll, tenant, states_of(roll, separator=Separators(",", "%2C", 7, 8), **said))
            yield situation(roll, tenant, states_of(roll, ignored_exchange=7, ignored_rows=2, **said))
            yield situation(
                roll, tenant, states_of(roll, unasked_rows=2, unasked_exchange=7, unasked_agent="x", **said)
            )
        two = Disagreement(7, 8, 0, 1)
        filtered = StatesFiltered(state="Busy", with_row=frozenset(), asked={"a": 7}, disagreement=two)
        respelt = StateRespelt(meant="Busy", rows=0, exchange=9, agents=("a",), disagreement=two)
        changes = DeltaAsked(since=SINCE, with_row=frozenset(), exchange=9, disagreement=two)
        for one in (filtered, respelt, changes):
            yield situation(called("ab"), tenant, one)
            yield situation(called("ab"), tenant, one, states_of(called("ab"), disagreement=Disagreement(5, 6, 2, 3)))


def _answers() -> Iterator[Situation]:
    roll = called("ab", unknown="cd")
    for tenant in (TENANT, PUBLISHED):
        for where in ({}, {"roster": Irregular(ROSTER, "/data", 2)}, {"states": Irregular(STATES, "", 1)}):
            yield situation(roll, tenant, RowsFound(elsewhere=where))
            yield situation(roll, tenant, RowsFound(no_content=where))
            yield situation(called(unknown="cd"), tenant, RowsFound(no_content=where), states_of(called(unknown="cd")))
        for one_response in (True, False):
            two = {one: Contradiction(7 + place, "Busy and Break", one_response) for place, one in enumerate("acdx")}
            yield situation(roll, tenant, states_of(roll, contradicted=two))
        nameless = called("abcde", states=dict.fromkeys("abcde"))
        yield situation(nameless, tenant, rows_of(nameless), states_of(nameless))
        for unasked in (0, 2):
            unvouched = states_of(
                called(unknown=MANY), unvouched=tuple(MANY), unvouched_exchange=7, unasked_rows=unasked
            )
            yield situation(called(unknown=MANY), tenant, unvouched)
            yield situation(
                called(unknown=MANY), tenant, unvouched, RowsFound(no_content={"states": Irregular(7, "", 1)})
            )
        kinds = (FailureKind.DAMAGED, FailureKind.TOO_MUCH)
        bodies = tuple(failed(kind, agents=one, detail="half a body") for kind, one in zip(kinds, "cd", strict=True))
        yield situation(roll, tenant, Failures(items=bodies, answered=1))
        yield stopped(FailureKind.DAMAGED, Stage.TOKEN, tenant, detail=f"{A_PAGE}: Sign in", status=200)


def _rosters() -> Iterator[Situation]:
    said: tuple[dict[str, object], ...] = (
        {"total": 7, "agreed": True, "readings": 2, "pages": 3},
        {"total": 7, "agreed": True, "repeated": 2, "readings": 2},
        {"total": 7, "failed_pages": 1},
        {"total": 7, "cut_short": True},
        {"totals": (1, 2, 3, 4, 5), "settled": True, "repeat_exchange": 7},
        {"totals": (1,), "repeated": 1, "settled": False, "repeat_exchange": 7},
        {"settled": False, "gone": 2},
        {"settled": False, "total": None},
        {"settled": False, "paging_ignored": PagingIgnored(7, 2, False, "it may be cut")},
        {"paging_ignored": PagingIgnored(7, 2, True, "the server counts 2")},
        {"settled": False, "paging_ignored": PagingIgnored(7, 2, False, "there were more", True)},
        {"from_zero": 1, "zero_exchange": 7},
        {"capped": 1, "pages": 2},
        {"unnamed_rows": 2},
        {"hidden": 1, "hidden_exchange": 7},
        {"hidden": 3},
    )
    for one, tenant in product(said, (TENANT, PUBLISHED)):
        for roll in (called("ab"), called("ab", complete=False), called("", complete=False)):
            yield situation(roll, tenant, roster_of(roll, **one))
            noisy = states_of(roll, lost=RowsLost(7, 8, 1, 2))
            yield situation(roll, tenant, roster_of(roll, **one), noisy)


def _options() -> Iterator[Situation]:
    teams = tuple(f"Team {number}" for number in range(14))
    for tenant, complete in product((TENANT, PUBLISHED), (True, False)):
        roll = called("ab", complete=complete)
        for selected in (
            Selected(roster=9, kept=2, teams=("Team 3",), teams_seen=teams),
            Selected(roster=9, kept=0, teams=("Taem 3", " team 1 ", "Zz"), teams_seen=teams),
            Selected(roster=9, kept=0, teams=("Zz",)),
            Selected(roster=1, kept=0, agents=("x",), unknown=("x",)),
            Selected(roster=9, kept=2, agents=("a", "b"), teams=("Team 1",), dropped=("c", "d", "e", "f")),
            Selected(roster=9, kept=2, agents=("a",)),
            Selected(roster=9, kept=2, unknown=tuple(MANY), agents=tuple(MANY)),
        ):
            yield situation(roll, tenant, replace(selected, exchange=ROSTER))
        for state in ("available", "Availble", "Busy", None):
            for states in ({}, {"a": None, "b": "Break"}, {"a": "Busy", "b": "Busy"}):
                seen = called("abc", states=states)
                yield situation(seen, tenant, Selected(roster=3, kept=3, state=state, exchange=ROSTER))


def _visible() -> Iterator[Situation]:
    def team(letters: str, name: str, **more: object) -> dict[str, dict[str, object]]:
        return {one: {"team": name, "active": True, **more} for one in letters}

    late, early = "2026-03-02T10:00:00Z", "2020-03-02T10:00:00Z"
    for last_login, missing in product((late, early), ("absent", "unknown")):
        agents = {**team("abc", "Seen", last_login="2026-03-01T10:00:00Z")}
        for place, letters in enumerate(("def", "ghi", "jkl", "mno")):
            agents |= team(letters, f"Hidden {place}", last_login=last_login)
        for hidden in ("def", "defghi", "defghijklmno"):
            named = {one: agents[one] for one in (*"abc", *hidden)}
            roll = called("abc", **{missing: hidden}, **named)  # type: ignore[arg-type]
            unvouched = {"unvouched": tuple(hidden), "unvouched_exchange": 7} if missing == "unknown" else {}
            for alone in (Alone.FORBIDDEN, Alone.NO_ROW, Alone.ROW, Alone.FAILED, Alone.NOT_FOUND):
                items = tuple(AskedAlone(agent_id=one, said=alone, exchange=8) for one in hidden[:5])
                answered = AskedAlone(agent_id="a", said=Alone.ROW, exchange=9)
                again = (answered, items[0], items[0])
                states = states_of(roll, listed=True, **unvouched)
                yield listed(roll, states, AgentsAskedAlone(items=items, again=again))
                yield listed(roll, states, AgentsAskedAlone(items=items))
            yield situation(roll, states_of(roll, **unvouched))
    for roll in (called("a"), called("a", absent="bc"), called(absent="abc"), called("a", unknown="bc"), called("b")):
        for token in (OWN, replace(OWN, agent_id=None), replace(OWN, agent_id=None, has_user=None)):
            only = next(iter(roll.entries)).agent.agent_id if len(roll) == 1 else ""
            for withheld in (0, 2):
                roster = roster_of(roll, only_agent=only, hidden=withheld)
                for skills in (
                    (),
                    (SkillsAsked(exchange=AGAIN, logged_in=1),),
                    (SkillsAsked(exchange=AGAIN, logged_in=2),),
                ):
                    yield listed(roll, token, roster, *skills)
                    yield situation(roll, token, roster, *skills)


def _agents() -> Iterator[Situation]:
    roll = called("ab", absent=MANY[2:], logged_out="z")
    for tenant, certain, repeated in product((TENANT, PUBLISHED), (True, False), (True, False)):
        items = tuple(
            Activity(
                agent_id=one,
                what=("an open contact", "a login")[place % 2],
                exchange=7 + place,
                pointer="/contacts",
                seen=f"contact {place}",
                certain=certain,
                repeated=repeated,
            )
            for place, one in enumerate((*MANY[1:], "c"))
        )
        yield situation(roll, tenant, ActivityAsked(asked=tuple(MANY), items=items))
    row = Evidence("requested alone", 8, "/entities", "a row")
    signs = (
        Sign(agent_id="c", evidence=row, against="a row alone"),
        Sign(agent_id="c", evidence=row, against="a contact"),
    )
    quiet = Sign(agent_id="d", evidence=row, or_else="it may be late")
    for tenant in (TENANT, PUBLISHED):
        for expected in ((), (ExpectedLoggedIn(agents=("c", "z", "a")),)):
            yield situation(roll, tenant, *expected)
            yield situation(roll, tenant, LookedCloser(signs=(*signs, quiet)), *expected)
            loggedout = replace(signs[0], agent_id="z")
            yield situation(roll, tenant, LookedCloser(signs=(loggedout,)), *expected)
        for described in ({"active": False}, {"last_login": NEVER}, {"active": False, "last_login": NEVER}):
            of_each: dict[str, Any] = dict.fromkeys((*MANY[1:], "x"), described)
            named = called("a", absent=MANY[1:], unknown="xyz", **of_each)
            remarked = {one: 7 + place for place, one in enumerate(MANY[1:])}
            yield situation(named, tenant, roster_of(named, remarked=remarked))
            yield situation(named, tenant, roster_of(named, remarked={}))
        late = states_of(called(MANY), late={one: 7 + place for place, one in enumerate(MANY)})
        yield situation(called(MANY), tenant, late)
        many = {one: 7 + place for place, one in enumerate(MANY[2:])}
        yield situation(roll, tenant, states_of(roll, absent=many))
        yield situation(roll, tenant, states_of(roll, absent=many, listed=True, lists_logged_out=True))


def _clocks() -> Iterator[Situation]:
    dated = AnswersDated(ahead=None, ahead_exchange=TOKEN, age=0.0, age_exchange=0)
    for ahead in (None, 30.0, 30.6, -30.6, 3_600.4):
        for told in ((), (ServerTimeAsked(exchange=AGAIN, status=200, accepted=True, ahead=ahead),)):
            yield situation(None, replace(dated, ahead=ahead), *told)
            yield situation(None, dated, *told)
        for delta_ahead, repeated in product((None, -5.0, 31.0, 60.0), (True, False)):
            delta = DeltaAsked(
                since=SINCE, with_row=frozenset(), exchange=9, ahead=delta_ahead, repeated=repeated, polled=SINCE
            )
            yield situation(called("ab"), PUBLISHED, delta, replace(dated, ahead=ahead))
    for age, poll_age, is_dated in product((60.0, 60.6), (60.0, 95.4), (True, False)):
        old = replace(dated, age=age, age_exchange=8, poll_age=poll_age, poll_exchange=9, poll_is_dated=is_dated)
        yield situation(None, old)


def _requests() -> Iterator[Situation]:
    for spent, what, contract in product((True, False), What, ("v2", "incontact")):
        yield sent(EMPTY, expected=MANY, spent=spent, what=what, contract=contract)
        yield sent(rows(5, "a"), expected="ab", spent=spent, what=what, contract=contract)
        for kind in FailureKind:
            yield sent(refused(5, 400, kind), spent=spent, what=what, contract=contract)
    yield sent(rows(5, "a", other_states=1), change(Change.STATE, rows(5, "a"), FULL))
    yield sent(rows(5, "a", other_states=2))
    turned = change(Change.SINCE, EMPTY, FULL)
    yield sent(EMPTY, replace(turned, before=(EMPTY, rows(7, "a")), adopted=False))
    yield sent(EMPTY, replace(turned, before=(EMPTY, rows(7, "a"))))
    yield sent(EMPTY, change(Change.STATE, EMPTY, rows(6, "a")), change(Change.PAGES, rows(6, "a"), FULL, said=""))
    yield sent(EMPTY, change(Change.STATE, EMPTY, rows(6, "a")), change(Change.PAGES, rows(6, "a"), FULL))
    for first in (rows(5, "ab", at="/data"), rows(5, no_content=True), rows(5, at="/data", no_content=True)):
        yield sent(first, expected="" if not first.found else "ab")
    for one in Change:
        yield sent(EMPTY, change(one, EMPTY, rows(6, "a"), said="", instead=""), expected="abcd")
        yield sent(EMPTY, change(one, EMPTY, FULL), ids=tuple(MANY), token=TheirToken(sent=True, tenant="theirs"))
        yield sent(refused(5, 403), change(one, refused(5, 403), FULL, again=False), contract="incontact")
