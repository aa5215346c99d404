"""What is replaced depends on the field."""

from __future__ import annotations

import json
from collections.abc import Iterator

import msgspec
from tests.casefile.runs import ran

from cxone_rollcall.casefile.anonymize import OF_THINGS, OURS, PLAIN_HEADERS, anonymized
from cxone_rollcall.casefile.document import CaseFile, Document
from cxone_rollcall.casefile.reader import read
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.exchange import Exchange
from cxone_rollcall.model.observations.base import Selected
from cxone_rollcall.model.observations.probes import TypedIdsAsked
from cxone_rollcall.model.roll import Roll, RollEntry, Standing
from cxone_rollcall.model.struct import replace


def kinds(base: type[object]) -> Iterator[type[object]]:
    """Yield all subclasses of a class."""
    for one in base.__subclasses__():
        yield one
        yield from kinds(one)


def test_every_named_field_is_one() -> None:
    """Each field with its own rule is a field of a value."""
    fields = {name for kind in kinds(msgspec.Struct) for name in getattr(kind, "__struct_fields__", ())}
    assert {*OURS, *OF_THINGS} - fields == set()


async def case_of(entries: list[RollEntry], *exchanges: Exchange) -> CaseFile:
    """Return a case of these agents and exchanges."""
    kept = read((await ran(agents=3)).file(), "case.json").kept
    return replace(
        kept,
        roll=Roll(tuple(entries), roster_complete=True),
        exchanges=exchanges,
        observations=tuple(one for one in kept.observations if not isinstance(one, Selected | TypedIdsAsked)),
    )


ANN = Agent(agent_id="7", name="Ann Lee", user_name="alee7", email="al@a.example", user_id="u-77", team="Team Ann Lee")
BO = Agent(agent_id="8", name=None, user_name=None, email=None, user_id=None, team="Ann")


async def test_each_field_of_an_agent() -> None:
    """Each text about an agent has its stand-in. A missing one stays missing, and ids stay."""
    kept = await case_of(
        [RollEntry(ANN, Standing.ABSENT, asked_as="Somebody New"), RollEntry(BO, Standing.UNKNOWN, asked_as="8")]
    )
    without = anonymized(kept)
    assert without.anonymized
    assert [(one.agent, one.standing, one.asked_as) for one in without.roll.entries] == [
        (
            replace(
                ANN,
                name="Person 1",
                user_name="person1",
                email="person1@anonymized.invalid",
                user_id="00000000-0000-4000-9000-000000000001",
                team="Team Person 1",
            ),
            Standing.ABSENT,
            "Person 3",
        ),
        (BO, Standing.UNKNOWN, "8"),
    ]
    assert replace(without, roll=kept.roll, anonymized=False) == kept


WHOLE = Exchange(
    number=1,
    method="GET",
    target="/x?name=Ann%20Lee",
    purpose="for Ann Lee",
    status=200,
    fault="",
    milliseconds=1.5,
    request_headers=(("X-Asked", "for alee7"), ("X-User-Name", "anybody"), ("X-Email", "any@b.example")),
    request_body="user=alee7",
    response_headers=(*((name.title(), "Ann Lee") for name in sorted(PLAIN_HEADERS)), ("Via", "Ann Lee")),
    response_body='{"agents": [{"agentId": 9, "fullName": "Cy Ng", "team": {"name": "Ann"}}], "m": "Cy Ng, Ann Lee"}',
    correlation="Ann Lee",
    began=2.0,
)


async def test_each_field_of_an_exchange() -> None:
    """Addresses, headers and bodies of an exchange name nobody. Headers that never do stay as they are."""
    (shown,) = anonymized(await case_of([RollEntry(ANN, Standing.ABSENT)], WHOLE)).exchanges
    body = {"agents": [{"agentId": 9, "fullName": "Person 2", "team": {"name": "Ann"}}], "m": "Person 2, Person 1"}
    assert json.loads(shown.response_body) == body
    assert replace(shown, response_body="") == replace(
        WHOLE,
        target="/x?name=Person%201",
        purpose="for Person 1",
        request_headers=(("X-Asked", "for person1"), ("X-User-Name", "removed"), ("X-Email", "removed")),
        request_body="user=person1",
        response_headers=(*((name.title(), "Ann Lee") for name in sorted(PLAIN_HEADERS)), ("Via", "Person 1")),
        response_body="",
    )


async def test_a_body_without_fields() -> None:
    """A body that is no JSON is left out with a reason.

    An earlier reason stays, and so does a blank body."""
    bodies = [replace(WHOLE, response_body=body) for body in (" \n", "", "<p>", "{")]
    shown = anonymized(await case_of([], *bodies, replace(WHOLE, response_body="<p>", left_out="too large"))).exchanges
    no_json = "left out: it is no complete JSON, so people in it cannot be recognized"
    assert [(one.response_body, one.left_out) for one in shown] == [
        (" \n", ""),
        ("", ""),
        ("", no_json),
        ("", no_json),
        ("", "too large"),
    ]


async def test_what_the_user_typed() -> None:
    """Each typed text has a stand-in, wherever it was kept."""
    kept = await case_of([RollEntry(ANN, Standing.ABSENT, asked_as="typed.one")])
    seen = (Selected(agents=("typed.two", "7", "ann lee"), unknown=("typed.three",), teams=("Team typed.one",)),)
    typed = anonymized(replace(kept, observations=seen, missing={Document: "no typed.two"}))
    assert typed.roll.entries[0].asked_as == "person2"
    assert typed.observations == (
        Selected(agents=("person3", "7", "Person 1"), unknown=("person4",), teams=("Team person2",)),
    )
    assert list(typed.missing.values()) == ["no person3"]
