"""The sentence about a program's request, in each situation."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.support.written import assert_as_written

from cxone_rollcall.findings.account import Requests, RunRecord, Tenant
from cxone_rollcall.findings.judge import account_of
from cxone_rollcall.findings.request_sentence import sentence
from cxone_rollcall.model.observations.base import Selected
from cxone_rollcall.model.observations.request import Asked, Change, ChangeAsked, RequestAsked, What
from cxone_rollcall.model.observations.states import Contradiction, PoisonedBatch
from cxone_rollcall.model.roll import Roll

from .build import ROSTER, Situation, called, situation, states_of

WRITTEN = Path(__file__).with_name("sentences.txt")
AT = datetime(2026, 3, 2, tzinfo=UTC)
RUN = RunRecord(
    tenant=Tenant(instance="tenant.example", contract="v2"), requests=Requests(sent=4), started_at=AT, finished_at=AT
)


def answer(found: str = "", status: int | None = 200, **said: Any) -> Asked:
    """Return a response with a row for each of these agents. An error has none."""
    fields: dict[str, Any] = {"rows": len(found), **said}
    return Asked(exchange=5, status=status, found=frozenset(found), **fields)


def asked(first: Asked, roll: Roll | None = None, *seen: Any, expected: str = "ab", **said: Any) -> Situation:
    """Return a run with a request that got this response."""
    fields: dict[str, Any] = {"what": What.STATES, "contract": "v2", "form": "address", "expected": frozenset(expected)}
    request = RequestAsked(method="GET", target="/x", first=first, **{**fields, **said})
    return situation(called("ab") if roll is None else roll, request, *seen)


def failing(status: int | None, **said: Any) -> Asked:
    """Return a response that can't be used."""
    return answer(status=status, rows=None, **{"failure": "no", "kind": "unreachable", **said})


def unknown_ids(ids: str) -> Selected:
    """Return a selection of ids that the roster does not have."""
    return Selected(roster=2, kept=2, exchange=ROSTER, agents=tuple(ids), unknown=tuple(ids))


def changed(first: Asked, *kinds: Change, once: bool = False) -> tuple[ChangeAsked, ...]:
    """Return changes that bring all rows. Each is sent twice in turns, unless `once`."""
    times = 1 if once else 2
    return tuple(
        ChangeAsked(
            change=kind, what=kind.value, before=(first,) * times, after=(answer("ab"),) * times, said="x", adopted=True
        )
        for kind in kinds
    )


TWICE = called("ab", unknown="c")
SPOILT = PoisonedBatch(agent_id="c", batch_exchange=4, alone_exchange=5, status=200, healed=2, repeated=True)
TWO_ROWS = {"b": Contradiction(4, "LoggedOut and Available")}
HIDDEN = changed(answer(), Change.SINCE, Change.STATE)
SENTENCES: dict[str, Situation] = {
    "right": asked(answer("ab")),
    "right for one": asked(answer("a"), called("a"), expected="a"),
    "right for those named": asked(answer("a"), called("a", absent="b"), expected="a", ids=("a", "b")),
    "right for nobody": asked(answer(), called(absent="ab"), expected="", ids=("a", "b")),
    "right for no agent": asked(answer(), called(logged_out="ab"), expected=""),
    "right and not empty": asked(answer("c"), called(logged_out="ab"), expected=""),
    "right of the roster": asked(answer("ab"), what=What.ROSTER),
    "some unknown": asked(answer("a"), called("a", unknown="b"), expected="a"),
    "a roster in part": asked(answer("ab"), called("ab", complete=False)),
    "rows elsewhere": asked(answer("ab", at="/rows")),
    "two causes": asked(answer(), changes=HIDDEN),
    "two causes, once": asked(answer(), changes=changed(answer(), Change.SINCE, once=True)),
    "some left out": asked(answer("a"), changes=changed(answer("a"), Change.STATE)),
    "some of the roster left out": asked(answer("a"), changes=changed(answer("a"), Change.PAGES), what=What.ROSTER),
    "refused": asked(failing(401), changes=changed(failing(401), Change.TOKEN)),
    "a failure": asked(failing(400), changes=changed(failing(400), Change.SINCE)),
    "no response": asked(failing(None), changes=changed(failing(None), Change.HOST)),
    "no usable response": asked(failing(200), changes=changed(failing(200), Change.HOST)),
    "one id that nobody has": asked(answer(), called("ab"), unknown_ids("z"), expected="", ids=("z",)),
    "many ids that nobody has": asked(answer(), called("ab"), unknown_ids("vwxyz"), expected="", ids=tuple("vwxyz")),
    "an id beside others": asked(answer("a"), called("a"), unknown_ids("z"), expected="a", ids=("a", "z")),
    "an id beside others without a state": asked(
        answer(), called(absent="a"), unknown_ids("z"), expected="", ids=("a", "z")
    ),
    "an id of a roster in part": asked(
        answer(), called("b", complete=False), unknown_ids("z"), expected="", ids=("z",)
    ),
    "two more to fix": asked(answer("ab"), TWICE, states_of(TWICE, contradicted=TWO_ROWS, poisoned=(SPOILT,))),
    "everybody unknown": asked(answer(), called(unknown="ab"), expected=""),
}


def test_sentences_are_as_written() -> None:
    """A request's sentence says what it gets and why.

    It also says what could not be seen. `sentences.txt` has them all.
    """
    lines = []
    for name, seen in SENTENCES.items():
        account = account_of(seen.case(), RUN)
        lines.append(f"{name}: {sentence(account, account.case[RequestAsked])}\n")
    assert_as_written(WRITTEN, "".join(lines))
