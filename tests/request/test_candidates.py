"""Which changes of a request are tried. Pure values."""

from __future__ import annotations

from typing import Any

import pytest

from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.observations.request import Asked, Change
from cxone_rollcall.model.struct import replace
from cxone_rollcall.request import question_of, read
from cxone_rollcall.request.candidates import Candidate, Known, candidates

HOST = "https://api-us-01.nice-incontact.com"
KNOWN = Known(
    hosts=(HOST, "https://login.example"),
    contract="v2",
    version="",
    before="/api/v2/",
    id_of={"1": "1", "ann": "7"},
    unknown=frozenset({"9"}),
    states=frozenset({"Available", "Not Ready"}),
)
LISTED = replace(KNOWN, contract="incontact", version="34", before="/incontactapi/services/v34.0/")
EMPTY = Asked(exchange=1, status=200, rows=0)
FULL = replace(EMPTY, rows=3)
STATES = "/api/v2/agents/states"


def failed(kind: FailureKind) -> Asked:
    """A response without rows that can be used."""
    return Asked(exchange=1, status=400, rows=None, kind=kind)


def of(
    target: str,
    *,
    answer: Asked = EMPTY,
    missing: str = "",
    known: Known = KNOWN,
    host: str = HOST,
    signed: bool = True,
) -> list[Candidate]:
    """The changes to try for this address. Each letter of `missing` is an agent that the answer lacks."""
    question = replace(question_of(read(f"{host}{target}".encode())), signed=signed)
    return list(candidates(question, answer, frozenset(missing), known))


def sends(target: str, what: str, **given: Any) -> list[str]:
    """What is sent with the change of these words."""
    (one,) = (one for one in of(target, **given) if one.what == what)
    question = question_of(read(f"{given.get('host', HOST)}{target}".encode()))
    return [changed.target for changed in one.apply(question)]


def tried(target: str, **given: Any) -> list[tuple[Change, str, str]]:
    """The kinds of change. Each with what it replaces by what."""
    return [(one.change, one.said, one.instead) for one in of(target, **given)]


def test_another_host_comes_first() -> None:
    """At a foreign host the host of the settings is tried first. No token of ours is sent to a foreign one."""
    first, *rest = of(f"{STATES}?agentIds=1", host="https://api-eu-01.nice-incontact.com", signed=False)
    assert (first.change, first.what) == (Change.HOST, "at the host of the settings")
    (moved,) = first.apply(question_of(read(f"https://api-eu-01.nice-incontact.com{STATES}".encode())))
    assert moved.request.base == HOST
    assert Change.TOKEN not in {one.change for one in rest}
    assert Change.HOST not in {one.change for one in of(f"{STATES}?agentIds=1", host="https://login.example")}


def test_our_token_is_tried_at_home() -> None:
    """A request with another token is tried with ours."""
    (one,) = of(f"{STATES}?agentIds=1", signed=False)
    assert (one.change, one.what) == (Change.TOKEN, "with rollcall's own token")
    assert one.apply(question_of(read(f"{HOST}{STATES}".encode())))[0].signed
    assert of(f"{STATES}?agentIds=1") == []


@pytest.mark.parametrize(
    "kind",
    [FailureKind.HOST_NOT_FOUND, FailureKind.UNREACHABLE, FailureKind.CERTIFICATE, FailureKind.TIMED_OUT],
)
def test_without_a_connection_only_the_host_is_changed(kind: FailureKind) -> None:
    """Where no host answers, nothing but the host is changed."""
    assert of(f"{STATES}?state=Foo", answer=failed(kind), signed=False) == []
    (one,) = of(f"{STATES}?state=Foo", answer=failed(kind), host="https://api-eu-01.nice-incontact.com")
    assert one.change is Change.HOST


@pytest.mark.parametrize("kind", [FailureKind.UNAUTHORIZED, FailureKind.FORBIDDEN])
def test_a_refused_request_is_tried_with_another_token(kind: FailureKind) -> None:
    """After a refusal only the token is changed."""
    changes = of(f"{STATES}?state=Foo", answer=failed(kind), signed=False)
    assert [one.change for one in changes] == [Change.TOKEN]


def test_another_path() -> None:
    """A path of neither API is tried at the tenant's. So is one below another prefix."""
    missing = failed(FailureKind.NOT_FOUND)
    assert sends("/x/agents/states?state=a", "at the path /api/v2/", answer=missing) == [f"{STATES}?state=a"]
    assert sends("/gate/api/v2/agents", "at the path /api/v2/", answer=missing) == ["/api/v2/agents"]
    assert tried("/API/V2/agents", answer=missing) == [(Change.PAGES, "page=1", "0")]
    page = failed(FailureKind.NOT_THE_API)
    assert of("/gate/api/v2/agents", answer=page)[0].change is Change.PATH
    damaged = failed(FailureKind.DAMAGED)
    assert Change.PATH not in {one.change for one in of("/gate/api/v2/agents", answer=damaged)}
    assert of("/x/agents", answer=damaged)[0].change is Change.PATH
    assert Change.PATH not in {one.change for one in of("/x/agents", answer=FULL)}


def test_the_other_api() -> None:
    """A path of the other API is tried at the tenant's. Unknown parameters are left out."""
    missing = failed(FailureKind.NOT_FOUND)
    listed = "/incontactapi/services/v30.0/agents/states?updatedSince=x&top=5&skip=1&fields=a&orderBy=b&reqBUIds=c&z=1"
    assert sends(listed, "of the v2 API", answer=missing) == [f"{STATES}?z=1"]
    assert sends(listed, "of the v2 API", answer=missing, missing="ba") == [f"{STATES}?agentIds=a,b&z=1"]
    by_id = f"{STATES}?agentIds=1,2&state=x&page=1&pageSize=9&z=1"
    assert sends(by_id, "of the incontact API", answer=missing, known=LISTED) == [
        "/incontactapi/services/v34.0/agents/states?z=1"
    ]
    assert tried(by_id, answer=missing, known=LISTED)[0] == (Change.CONTRACT, "v2", "incontact")
    roster = "/incontactapi/services/v30.0/agents?z=1"
    assert sends(roster, "of the v2 API", answer=missing, missing="ab") == ["/api/v2/agents?z=1"]


def test_another_version() -> None:
    """Another version of the path is tried in that of the tenant."""
    missing, path = failed(FailureKind.NOT_FOUND), "/incontactapi/services/v{}.0/agents/states?z=1"
    assert tried(path.format(20), answer=missing, known=LISTED)[0] == (Change.VERSION, "20", "34")
    assert sends(path.format(20), "in version 34", answer=missing, known=LISTED) == [path.format(34)]
    assert Change.VERSION not in {one.change for one in of(path.format(34), answer=missing, known=LISTED)}


def test_the_id_of_one_agent() -> None:
    """A user name in a path is tried as an internal id."""
    path = "/incontactapi/services/v34.0/agents/{}/states"
    assert tried(path.format("ann"), known=LISTED) == [(Change.RESOLVED, "ann", "7")]
    assert sends(path.format("ann"), "with its internal id", known=LISTED) == [path.format("7")]
    assert of(path.format("1"), known=LISTED, missing="1") == []


def test_ids_are_added() -> None:
    """States without ids are tried with those of some missing agents."""
    assert tried(STATES, missing="ba") == [(Change.NO_IDS, "", "2")]
    assert sends(STATES, "with agentIds of 2 agents", missing="ba") == [f"{STATES}?agentIds=a,b"]
    many = "abcdefghijklmnop"
    assert tried(STATES, missing=many) == [(Change.NO_IDS, "", "10")]
    assert of(STATES) == []
    assert tried("/incontactapi/services/v34.0/agents/states", missing="a", known=LISTED) == []


def test_ids_under_another_name() -> None:
    """Ids under another name are sent under the right one. An unusual name is not shown."""
    assert tried(f"{STATES}?AgentIDs=1") == [(Change.NO_IDS, "AgentIDs", "agentIds")]
    assert sends(f"{STATES}?ids=1", "with the ids under the name agentIds") == [f"{STATES}?agentIds=1"]
    assert tried(f"{STATES}?ids%5B%5D=1") == [(Change.NO_IDS, "ids[]", "agentIds")]


def test_ids_are_resolved() -> None:
    """Names among the ids are tried as internal ids."""
    assert tried(f"{STATES}?agentIds=1,ann") == [(Change.RESOLVED, "ann", "7")]
    assert sends(f"{STATES}?agentIds=1,ann", "with internal ids") == [f"{STATES}?agentIds=1,7"]
    odd = replace(KNOWN, id_of={"ann": "a, \ud800"})
    assert sends(f"{STATES}?agentIds=ann", "with internal ids", known=odd) == [f"{STATES}?agentIds=a%2C%20%ED%A0%80"]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("agentIds=1%2C2", "%2C"),
        ("agentIds=1%2c2", "%2c"),
        ("agentIds=1%3B2", "%3B"),
        ("agentIds=1;2", ";"),
        ("agentIds=1%7C2", "another mark"),
        ("agentIds=1+2", "+"),
        ("agentIds=1%202", "%20"),
        ("agentIds=1&agentIds=2", "a parameter for each: agentIds=...&agentIds=..."),
    ],
)
def test_ids_are_joined_otherwise(written: str, said: str) -> None:
    """Several ids are tried with the separator that the API reads."""
    assert (Change.SEPARATOR, said, ",") in tried(f"{STATES}?{written}")
    assert sends(f"{STATES}?{written}", "with the ids joined with ,") == [f"{STATES}?agentIds=1,2"]


def test_ids_that_are_joined_rightly_stay() -> None:
    """Ids joined as the API reads them stay. So does one id."""
    assert of(f"{STATES}?agentIds=1,2") == []
    assert of(f"{STATES}?agentIds=1;") == []


@pytest.mark.parametrize(
    ("unknown", "some"),
    [("9", "9"), ("89", "8, 9"), ("789", "7, 8, 9"), ("6789", "6, 7, 8 and 1 more"), ("56789", "5, 6, 7 and 2 more")],
)
def test_unknown_ids_are_left_out(unknown: str, some: str) -> None:
    """Ids that the roster lacks are left out. At most three are named, the others counted."""
    known = replace(KNOWN, unknown=frozenset(unknown))
    target = f"{STATES}?agentIds={','.join('1' + unknown)}"
    assert (Change.POISON, some, "") in tried(target, known=known)
    assert sends(target, f"without {some}", known=known) == [f"{STATES}?agentIds=1"]


def test_a_request_for_unknown_ids_alone_stays() -> None:
    """If the roster lacks every id, none is left out."""
    assert of(f"{STATES}?agentIds=9") == []


def batches(count: int, **given: Any) -> list[str]:
    """The batches that a request for this many ids is sent in."""
    target = f"{STATES}?agentIds={','.join(str(100 + number) for number in range(count))}"
    found = [one for one in of(target, **given) if one.change is Change.BATCHES]
    if not found:
        return []
    question = question_of(read(f"{HOST}{target}".encode()))
    assert (found[0].what, found[0].said) == (f"in batches of {found[0].instead}", str(count))
    return [f"{len(one.ids)} from {one.ids[0]}" for one in found[0].apply(question)]


def test_smaller_batches() -> None:
    """Many ids are tried in batches. They have what the tenant takes, else a quarter."""
    refused = failed(FailureKind.REJECTED)
    assert batches(8, answer=refused) == ["2 from 100", "2 from 102", "2 from 104", "2 from 106"]
    assert batches(9, answer=refused) == ["3 from 100", "3 from 103", "3 from 106"]
    assert batches(8, answer=refused, known=replace(KNOWN, most=5)) == ["5 from 100", "3 from 105"]
    assert batches(8, answer=refused, known=replace(KNOWN, most=50)) == ["7 from 100", "1 from 107"]
    assert batches(2, answer=refused) == ["1 from 100", "1 from 101"]
    assert batches(1, answer=refused) == []


def test_few_ids_that_were_answered_stay_together() -> None:
    """A few ids that were answered are not split. More are, into batches with missing agents."""
    assert batches(5) == []
    assert batches(6) == ["2 from 100", "2 from 102", "2 from 104"]
    target = f"{STATES}?agentIds=a,b,c,d,e,f,g,h"
    assert sends(target, "in batches of 2", missing="dh") == [f"{STATES}?agentIds=c,d", f"{STATES}?agentIds=g,h"]
    refused = failed(FailureKind.REJECTED)
    assert len(sends(target, "in batches of 2", missing="dh", answer=refused)) == 4


def test_the_state_filter() -> None:
    """A state filter is left out. A misspelt one is spelt as the API does before."""
    assert tried(f"{STATES}?state=Available&z=1") == [(Change.STATE, "Available", ""), (Change.PARAMETER, "z", "")]
    assert sends(f"{STATES}?state=Available&z=1", "without state=Available") == [f"{STATES}?z=1"]
    misspelt = f"{STATES}?state=not%20redy"
    assert tried(misspelt) == [(Change.SPELLING, "not redy", "Not Ready"), (Change.STATE, "not redy", "")]
    assert sends(misspelt, "with state=Not Ready") == [f"{STATES}?state=Not%20Ready"]
    assert tried("/incontactapi/services/v34.0/agents/states?state=a", known=LISTED) == []


@pytest.mark.parametrize("name", ["updatedSince", "updateSince"])
def test_the_moment_of_changes(name: str) -> None:
    """A request for changes is tried without its moment."""
    target = f"/incontactapi/services/v34.0/agents/states?{name}=2026-03-02T10:00:00Z"
    assert (Change.SINCE, "2026-03-02T10:00:00Z", "") in tried(target, known=LISTED)
    assert sends(target, "without updatedSince", known=LISTED) == ["/incontactapi/services/v34.0/agents/states"]


def test_other_parameters() -> None:
    """Each other parameter with a value is left out, at most six. An odd name is not shown."""
    names = [f"p{number}" for number in range(8)]
    target = f"{STATES}?{'&'.join(f'{name}=1' for name in names)}&p0=2&empty="
    assert [said for _, said, _ in tried(target)] == names[:6]
    assert tried(f"{STATES}?a%20secret%3F=1") == [(Change.PARAMETER, "a parameter", "")]
    assert tried(f"{STATES}?{'n' * 40}=1") == [(Change.PARAMETER, "n" * 40, "")]
    assert tried(f"{STATES}?{'n' * 41}=1") == [(Change.PARAMETER, "a parameter", "")]
    assert sends(f"{STATES}?z=1&y=2", "without z") == [f"{STATES}?y=2"]
    assert of(f"{STATES}?top=1&page=2&pageSize=3&orderBy=agentId") == []


def test_where_a_roster_begins() -> None:
    """A roster is tried from the other first page. Its further pages are read after rows came."""
    assert tried("/api/v2/agents") == [(Change.PAGES, "page=1", "0")]
    assert tried("/api/v2/agents?page=1") == tried("/api/v2/agents?page=") == [(Change.PAGES, "page=1", "0")]
    assert tried("/api/v2/agents?page=0") == [(Change.PAGES, "page=0", "")]
    assert sends("/api/v2/agents?page=3", "with page=1") == ["/api/v2/agents?page=1"]
    assert tried("/api/v2/agents", answer=FULL)[-1] == (Change.PAGES, "", "")
    roster = "/incontactapi/services/v34.0/agents"
    assert tried(roster, known=LISTED) == []
    assert tried(f"{roster}?skip=0", known=LISTED) == tried(f"{roster}?skip=", known=LISTED) == []
    assert tried(f"{roster}?skip=50", known=LISTED) == [(Change.PAGES, "skip=50", "")]
    assert sends(f"{roster}?skip=50", "with skip=0", known=LISTED) == [f"{roster}?skip=0"]


def test_pages_that_follow() -> None:
    """Further pages are read of lists that had rows. States by id have none."""
    states = "/incontactapi/services/v34.0/agents/states"
    assert tried(states, answer=FULL, known=LISTED) == [(Change.PAGES, "", "")]
    assert tried(states, known=LISTED) == []
    assert tried(f"{STATES}?agentIds=1", answer=FULL) == []
