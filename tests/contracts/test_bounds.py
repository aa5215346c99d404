"""What a response may become is bounded.

Bounds are for values, rows, nesting and the length of texts. Each limit is named.
"""

from __future__ import annotations

import json
import sys
import tracemalloc
from collections.abc import Callable

import pytest
from tests.contracts.wire import refusal, roster, states, token
from tests.support.thorough import crossed

from cxone_rollcall.contracts.decoding import (
    FEW_VALUES,
    LEAST_BYTES,
    LONGEST_QUOTE,
    LONGEST_TEXT,
    MOST_OBJECTS,
    MOST_ROWS,
    MOST_VALUES,
)
from cxone_rollcall.contracts.incontact import Incontact
from cxone_rollcall.contracts.incontact.contract import LONGEST_LINK
from cxone_rollcall.contracts.protocol import UnusableAnswer
from cxone_rollcall.contracts.tokens import LONGEST_TOKEN
from cxone_rollcall.contracts.v2 import V2
from cxone_rollcall.model.exchange import LARGEST_BODY, LARGEST_LIST, Request, Response
from cxone_rollcall.model.failure import FailureKind

INCONTACT = Incontact("https://api-na1.niceincontact.com")


def agents(count: int, *, active: object = True, size: int = 450) -> bytes:
    """Return a roster in one page, of agents of 600 bytes. `active` of another type makes rows of another shape."""
    rows = [
        {"id": 30000000000 + at, "name": f"Agent {at}", "userName": f"user{at}", "isActive": active, "pad": "x" * size}
        for at in range(count)
    ]
    return json.dumps({"entities": rows, "totalCount": count}).encode()


@pytest.mark.parametrize("active", [True, "true"])
def test_a_list_that_ignores_paging(active: object) -> None:
    """A response of 50,000 agents and 30 MB is read. Its rows may have any shape."""
    body = agents(50_000, active=active)
    assert 25_000_000 < len(body) < LARGEST_LIST
    assert len(roster(body).rows) == 50_000


BOMBS = {
    "empty objects": (b"{},", b"{}"),
    "objects of one member": (b'{"a":1},', b"{}"),
    "empty lists": (b"[],", b"[]"),
    "numbers": (b"1,", b"1"),
    "texts": (b'"a",', b'"a"'),
    "small rows": (b'{"id":1},', b'{"id":1}'),
    "nested objects": (b'{"a":', b"1"),
    "nested lists": (b"[", b""),
}
AROUND = [b'{"entities":[%b]}', b'{"entities":[],"error":[%b]}', b"[%b]"]


@pytest.mark.parametrize(("around", "bomb"), crossed(AROUND, BOMBS, every=3))
def test_a_body_that_would_become_huge(around: bytes, bomb: str) -> None:
    """A body of millions of values is refused before they take memory. The limit is named."""
    again, last = BOMBS[bomb]
    body = around % (again * 4_000_000 + last)
    tracemalloc.start()
    try:
        refused = refusal(body)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert refused.kind is FailureKind.TOO_MUCH
    limits = (f"more than {MOST_OBJECTS:,} objects", f"the most that are decoded of {len(body):,} bytes")
    assert any(limit in refused.detail for limit in limits)
    assert peak < 2 * len(body)


def test_how_many_values() -> None:
    """The number of values is limited by the size of the body. Few are always read, and never more than the most."""
    few = b'{"entities":[],"x":[' + b"1," * (FEW_VALUES - 1_000)
    assert roster(few + b"1]}").rows == ()
    assert refusal(few + b"1," * 2_000 + b"1]}").kind is FailureKind.TOO_MUCH
    roomy = b'{"entities":[],"x":[' + (b'"%b",' % (b"x" * LEAST_BYTES)) * FEW_VALUES
    assert roster(roomy + b"1]}").rows == ()
    most = b'{"entities":[],"x":[' + (b'"%b",' % (b"x" * 14)) * (MOST_VALUES + 1_000) + b"1]}"
    assert refusal(most).kind is FailureKind.TOO_MUCH


def test_numbers_that_take_long() -> None:
    """A body of numbers with large exponents is refused. It would outlive every time limit."""
    refused = refusal(b'{"entities":[],"totalCount":[' + b"1.7976931348623157e308," * 20_001 + b"1]}")
    assert refused.kind is FailureKind.TOO_MUCH
    assert refused.detail == "the body has more than 20,000 numbers with an exponent of three digits"


def test_marks_in_texts_do_not_count() -> None:
    """Commas and brackets in a text do not count as values. Escaped quotes may be beside them."""
    text = json.dumps({"entities": [{"id": 1, "name": ',[{"\\' * 1_000_000}]}).encode()
    assert len(roster(text).rows) == 1


def test_how_many_rows() -> None:
    """One response has at most `MOST_ROWS` rows."""
    body = b'{"entities":[' + b",".join(b'{"id":%d,"agentId":%d,"state":"Busy"}' % (at, at) for at in range(MOST_ROWS))
    assert len(roster(body + b"]}").rows) == len(states(body + b"]}").rows) == MOST_ROWS
    refused = refusal(body + b',{"id":-1,"agentId":-1,"state":"Busy"}]}')
    assert refused.kind is FailureKind.TOO_MUCH
    assert refused.detail == "100,001 rows; at most 100,000 are read of one response"


@pytest.mark.parametrize("again", [b"[", b'{"a":'])
def test_deeply_nested_json(again: bytes) -> None:
    """JSON that is nested too deeply is damaged, as the error says. A little nesting is read.

    From Python 3.14 on, the size of the stack decides what is too deep. Then the missing end may be met first.
    """
    said = ["it is nested too deeply to be decoded"]
    if sys.version_info >= (3, 14):
        said.append("Input data was truncated")
    for body in (again * 100_000, b'{"entities": [], "x": ' + again * 100_000):
        assert refusal(body).detail.removeprefix("the JSON is damaged: ") in said
    end = {b"[": b"]", b'{"a":': b"}"}[again]
    assert roster(b'{"entities": [], "x": ' + again * 100 + b"1" + end * 100 + b"}").rows == ()


def test_a_key_that_stands_twice_among_many() -> None:
    """Of a hundred thousand keys, the one that stands twice is named."""
    keys = b",".join(b'"key%d":1' % at for at in range(100_000))
    row = b'{"entities":[{"id":1,"agentId":1,"state":{"name":"Busy"},%b,"z":1%b}]}'
    with pytest.raises(UnusableAnswer, match='the member "z" stands twice in one object'):
        states(row % (keys, b',"z":2'))
    assert len(states(row % (keys, b"")).rows) == 1
    assert refusal(b'{"entities":[],%b}' % keys).detail == "the body is an object of more than 10,000 members"


@pytest.mark.parametrize("active", [True, "true"])
def test_long_texts_are_cut(active: object) -> None:
    """A row's text is kept up to `LONGEST_TEXT` characters. The row counts."""
    fits, long = "x" * LONGEST_TEXT, "é" * 600_000
    for name in (fits, long):
        row = {"id": 1, "name": name, "userName": name, "email": name, "team": name, "isActive": active}
        agent = roster({"entities": [row]}).rows[0]
        kept = {agent.name, agent.user_name, agent.email, agent.team}
        assert kept == {fits if name == fits else "é" * (LONGEST_TEXT - 3) + "..."}
    state = states({"entities": [{"agentId": 1, "state": long, "subState": long, "startDate": long}]}).rows[0]
    assert {len(text or "") for text in (state.state, state.sub_state, state.since)} == {LONGEST_TEXT}


def test_long_texts_of_incontact_are_cut() -> None:
    """The same on the other contract."""
    row = {"agentId": 1, "agentStateId": 1, "agentStateName": "Available", "outStateDescription": "x" * 1000}
    row |= dict.fromkeys(("userName", "firstName", "emailAddress", "teamName", "lastLogin", "startDate"), "x" * 1000)
    body = json.dumps({"agents": [row], "agentStates": [row]}).encode()
    agent = INCONTACT.read_roster(Response(status=200, headers={}, body=body)).rows[0]
    assert {len(text or "") for text in (agent.user_name, agent.name, agent.email, agent.team)} == {LONGEST_TEXT}
    body = json.dumps({"agentStates": [row]}).encode()
    state = INCONTACT.read_states(Response(status=200, headers={}, body=body)).rows[0]
    assert len(state.sub_state or "") == LONGEST_TEXT


def test_long_complaints_are_cut() -> None:
    """Errors are quoted up to `LONGEST_QUOTE` characters. So are names of states, and keys that stand twice."""
    long, row = "x" * 1_000_000, {"agentId": 1, "state": "Busy"}
    for body in ({"entities": [row], "error": [long, "y"]}, {"entities": [row, {"agentId": 2, "error": long}]}):
        assert LONGEST_QUOTE < len(states(body).complaint) < LONGEST_QUOTE + 100
    for shape in ({}, {"subState": 7}):
        doubtful = states({"entities": [row, {"agentId": 2, "state": f"Offline {long}", **shape}]}).complaint
        assert doubtful.endswith("which may mean logged out")
        assert len(doubtful) < LONGEST_TEXT + 100
    twice = refusal(b'{"entities":[],"%b":1,"%b":1}' % (long.encode(), long.encode())).detail
    assert twice.endswith("stands twice in one object")
    assert len(twice) < LONGEST_TEXT


def test_a_long_id_is_none() -> None:
    """A row whose id is too long to be requested has none."""
    rows = [{"id": "7" * LONGEST_TEXT}, {"id": "7" * (LONGEST_TEXT + 1)}]
    page = roster({"entities": rows})
    assert ([len(one.agent_id) for one in page.rows], page.unnamed) == ([LONGEST_TEXT], 1)


def test_a_long_message_beside_no_rows() -> None:
    """Beside a message too long to be searched, no rows mean nothing. The list does not count as empty."""
    assert roster({"entities": [], "message": "x" * LONGEST_QUOTE}).rows == ()
    assert refusal({"entities": [], "message": "x" * (LONGEST_QUOTE + 1)}).detail.startswith("no rows, but message: x")


@pytest.mark.parametrize("body", [b"<html>" + b"x" * 30_000_000, b"y" * 30_000_000])
def test_pages_and_texts_are_quoted_from_their_beginning(body: bytes) -> None:
    """Only the quoted beginning of a huge page is decoded. The same holds for a huge text."""
    for status in (200, 500):
        tracemalloc.start()
        try:
            refusal(body, status)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < len(body)


def test_a_body_that_was_not_read() -> None:
    """An error without its body says which limit that exceeded."""
    response = Response(status=500, headers={}, body=b"", unread="the body is larger than 4 MiB")
    for read in (V2().read_roster, INCONTACT.read_roster):
        with pytest.raises(UnusableAnswer, match="the body is larger than 4 MiB") as raised:
            read(response)
        assert raised.value.kind is FailureKind.SERVER_TROUBLE


def test_a_long_token() -> None:
    """A token too long to be hidden counts as none. No server would accept it."""
    assert token({"access_token": "x" * LONGEST_TOKEN}).access_token.reveal() == "x" * LONGEST_TOKEN
    with pytest.raises(UnusableAnswer, match="the access_token has more than 100,000 characters"):
        token({"access_token": "x" * (LONGEST_TOKEN + 1)})
    assert token({"access_token": "x", "refresh_token": "x" * (LONGEST_TOKEN + 1)}).refresh_token is None


def test_a_long_link() -> None:
    """A link too long for any server counts as none."""
    page = INCONTACT.roster_request(0, 100)
    for length, follows in ((LONGEST_LINK, True), (LONGEST_LINK + 1, False)):
        link = f"{page.target}&x=".ljust(length, "x")
        assert (INCONTACT.next_request(link, page) is not None) is follows


def _v2(make: Callable[[V2], Request]) -> Request:
    return make(V2("https://h.example"))


def test_only_lists_may_be_large() -> None:
    """Lists of agents and states may have 48 MiB. Anything else may have 4 MiB."""
    lists = [
        _v2(lambda v2: v2.roster_request(1, 100)),
        _v2(lambda v2: v2.states_request(["1"], state=None, separator=",")),
        _v2(lambda v2: v2.states_request([], state=None, separator=",")),
    ]
    assert {one.largest_body for one in lists} == {LARGEST_LIST}
    assert {one.largest_body for _, one in V2("").other_contracts()} == {LARGEST_BODY}
