"""The requests of incontact: pages, their links, and versions."""

from __future__ import annotations

import pytest
from tests.contracts.incontact.letting import HOST, Letting, now, who
from tests.contracts.playing import play, said

from cxone_rollcall.contracts.incontact import Incontact
from cxone_rollcall.contracts.incontact.contract import AGENTS, STATES
from cxone_rollcall.contracts.protocol import UnusableAnswer
from cxone_rollcall.model.exchange import Request
from cxone_rollcall.model.failure import FailureKind

API = "/incontactapi/services/v34.0"


def lists() -> dict[str, Request]:
    """The questions for lists, as sent to one host."""
    contract = Incontact(HOST)
    delta = contract.states_request(0, 100, since="2026-11-22T09:30:00.12Z")
    return {"agents": contract.roster_request(0, 100), "states": contract.states_request(0, 100), "delta": delta}


@pytest.mark.parametrize(
    ("link", "target"),
    [
        (f"{HOST}{API}/agents?top=100&skip=100", f"{API}/agents?top=100&skip=100"),
        (f"{API}/agents?top=100&skip=100", f"{API}/agents?top=100&skip=100"),
        ("agents?top=100&skip=100", f"{API}/agents?top=100&skip=100"),
        ("./agents?skip=100", f"{API}/agents?skip=100"),
        ("../v34.0/agents?skip=100", f"{API}/agents?skip=100"),
        ("?top=100&skip=100", f"{API}/agents?top=100&skip=100"),
        (f"https://elsewhere.example.com{API}/agents?skip=100", f"{API}/agents?skip=100"),
        (f"//elsewhere.example.com{API}/agents?skip=100", f"{API}/agents?skip=100"),
        (f"http://user:pass@elsewhere.example.com:9{API}/agents?skip=100", f"{API}/agents?skip=100"),
        ("/inContactAPI/services//v34.0/Agents/?skip=100", f"{API}/agents?skip=100"),
        (f"{API}/agents?cursor=a%2Cb%20c&top=100#more", f"{API}/agents?cursor=a%2Cb%20c&top=100"),
    ],
)
def test_only_the_query_of_a_link_is_used(link: str, target: str) -> None:
    """Only a link's query is used, on the list's own path."""
    request = lists()["agents"]
    onward = Incontact(HOST).next_request(link, request)
    assert onward is not None
    assert (onward.method, onward.base, onward.target) == ("GET", HOST, target)
    assert onward.purpose in (request.purpose, "agents 101 to 200 of the roster")
    assert (onward.form, onward.headers) == (None, ())


@pytest.mark.parametrize(
    "link",
    [
        f"{HOST}{API}/agents/states?skip=100",
        f"{API}/teams?skip=100",
        "agents/states?skip=100",
        "/?skip=100",
        "https://elsewhere.example.com/?skip=100",
        f"{HOST}{API}/agents",
        f"{HOST}{API}/agents?",
        "agents",
        "next",
        "javascript:alert(1)",
        "https://[::1?skip=100",
        "http://[?skip=100",
        f"{API}/agents?skip=1 00",
        f"{API}/agents?skip=100\r\nX-Header: 1",
        f"{API}/agents?skip=\u0661",
        "\x00?skip=100",
    ],
)
def test_links_that_lead_nowhere(link: str) -> None:
    """A link to another path, or an invalid one, is not followed."""
    assert Incontact(HOST).next_request(link, lists()["agents"]) is None


def test_each_list_has_its_own_links() -> None:
    """A link of the states leads to more states, parameters unchanged."""
    contract, of = Incontact(HOST), lists()
    link = f"{API}/agents/states?updatedSince=2026-11-22T09%3A30%3A00.12Z&top=100&skip=100"
    for name in ("states", "delta"):
        onward = contract.next_request(link, of[name])
        assert onward is not None
        assert onward.target == link
    assert contract.next_request(link, of["agents"]) is None
    assert contract.next_request(f"{API}/agents?skip=100", of["states"]) is None


def test_where_the_api_is() -> None:
    """Requests go to the discovered API; before discovery, to the instance."""
    contract, api = Incontact(HOST), "https://api-na1.niceincontact.com"
    assert contract.roster_request(0, 1).base == HOST
    letting = Letting(configuration={"api_endpoint": api})
    play(contract.tokens.sign_in(who(), now=now), letting)
    roster = contract.roster_request(0, 1)
    onward = contract.next_request(f"{HOST}{API}/agents?skip=1", roster)
    asked = (roster, contract.states_request(0, 1), contract.state_request("1"), contract.detail_request("server-time"))
    assert {request.base for request in (*asked, contract.with_skip(roster, 1), onward) if request} == {api}
    assert onward is not None


@pytest.mark.parametrize("name", ["agents", "states", "delta"])
def test_requests_for_pages_differ_in_skip(name: str) -> None:
    """Requests for pages differ only in `skip`, and in their purposes. A purpose names the rows."""
    contract, request = Incontact(HOST), lists()[name]
    assert contract.skip_of(request) == 0
    other = contract.with_skip(request, 12345)
    assert other.target == request.target.replace("skip=0", "skip=12345")
    assert contract.skip_of(other) == 12345
    fewer = contract.with_skip(request, 7, top=3)
    assert fewer.target == request.target.replace("skip=0", "skip=7").replace("top=100", "top=3")
    purpose = request.purpose.replace("1 to 100", "12346 to 12445")
    assert (other.base, other.method, other.purpose) == (request.base, request.method, purpose)


@pytest.mark.parametrize(
    ("query", "skip"),
    [
        ("top=2&skip=7", 7),
        ("Skip=7&Top=2", 7),
        ("SKIP=7", 7),
        ("skip=1&skip=7", 7),
        ("skip=%37", 7),
        ("top=2", None),
        ("skip=", None),
        ("skip=-7", None),
        ("skip=7.0", None),
        ("skip=%C2%B2", None),
        ("skip=9999999999", None),
        ("cursor=skip", None),
    ],
)
def test_the_skip_of_a_link(query: str, skip: int | None) -> None:
    """The `skip` of a link is read in any letter case. It is None if it is no count."""
    contract = Incontact(HOST)
    onward = contract.next_request(f"?{query}", lists()["agents"])
    assert onward is not None
    assert contract.skip_of(onward) == skip


def test_newest_first() -> None:
    """Each path begins with the newest version, and changes its version independently."""
    contract = Incontact(HOST)
    assert contract.version(AGENTS) == contract.version(STATES) == "34"
    assert contract.try_another(AGENTS)
    older = contract.version(AGENTS)
    assert (int(older) < 34, contract.version(STATES)) == (True, "34")
    assert contract.roster_request(0, 1).target == f"/incontactapi/services/v{older}.0/agents?top=1&skip=0"
    assert contract.states_request(0, 1).target == f"{API}/agents/states?top=1&skip=0"
    assert contract.detail_request("server-time").target == f"/incontactapi/services/v{older}.0/server-time"
    assert contract.state_request("7").target == f"{API}/agents/7/states"


def test_every_version_once() -> None:
    """Each version is tried once: first every fourth one, then those between."""
    contract, asked = Incontact(HOST), []
    while True:
        asked.append(contract.version(STATES))
        if not contract.try_another(STATES):
            break
    assert sorted(asked, key=int, reverse=True) == [str(number) for number in range(34, 5, -1)]
    assert asked[:11] == ["34", "30", "26", "22", "18", "14", "10", "6", "33", "32", "31"]
    assert not contract.try_another(STATES)


@pytest.mark.parametrize("version", ["34", "23", "6", "41"])
def test_a_pinned_version(version: str) -> None:
    """Only the version that the settings name is requested."""
    contract = Incontact(HOST, version=version)
    for path in (AGENTS, STATES):
        assert not contract.try_another(path)
        assert contract.version(path) == version
    targets = (contract.roster_request(0, 1).target, contract.state_request("7").target)
    assert all(target.startswith(f"/incontactapi/services/v{version}.0/agents") for target in targets)


def test_another_version_once() -> None:
    """One page may be requested in another version, without lasting effect."""
    contract = Incontact(HOST)
    assert contract.roster_request(0, 1, version="28").target.startswith("/incontactapi/services/v28.0/")
    assert contract.version(AGENTS) == "34"


@pytest.mark.parametrize(
    ("body", "error", "detail"),
    [
        ({"error": "conflict", "errorDescription": "No."}, "conflict", "No."),
        (None, "", ""),
        (b"<html>", "", "a page"),
    ],
)
def test_409_means_missing_permissions(body: object, error: str, detail: str) -> None:
    """Status 409 means missing permissions, whatever its body."""
    contract = Incontact(HOST)
    for read in (contract.read_roster, contract.read_states, contract.read_detail):
        with pytest.raises(UnusableAnswer) as raised:
            read(said(409, body))
        assert (raised.value.kind, raised.value.error, raised.value.detail) == (FailureKind.FORBIDDEN, error, detail)


def test_no_content() -> None:
    """204, an empty body and blanks have no content. An empty list has."""
    contract = Incontact(HOST)
    for response in (said(204), said(200), said(200, b" \r\n")):
        assert contract.read_roster(response).no_content
        assert contract.read_states(response).no_content
        assert contract.read_detail(response) is None
    assert not contract.read_roster(said(200, {"agents": []})).no_content
    assert not contract.read_states(said(200, {"agentStates": []})).no_content


def test_rows_without_ids() -> None:
    """Rows without any id are a damaged answer. A single row without an id is counted and reported."""
    contract, row = Incontact(HOST), {"agentId": 1, "agentStateId": 1, "agentStateName": "Available"}
    for read, key in ((contract.read_roster, "agents"), (contract.read_states, "agentStates")):
        with pytest.raises(UnusableAnswer) as raised:
            read(said(200, {key: [{"agentId": None}]}))
        assert raised.value.kind is FailureKind.DAMAGED
        page = read(said(200, {key: [row, {"agentId": None}]}))
        assert (page.unnamed, page.complaint) == (1, "no id that can be read in 1 of 2 rows")


def test_a_detail_is_named_by_its_path() -> None:
    """The purpose of a request for a detail has no query."""
    asked = Incontact(HOST).detail_request("contacts/active?agentId=1001")
    assert asked.target.endswith("/contacts/active?agentId=1001")
    assert asked.purpose == "contacts/active"


def test_a_detail_beside_an_error() -> None:
    """A detail counts if something is beside its error. An error alone is a refusal."""
    contract = Incontact(HOST)
    for whole in ({"error": "late", "contacts": [{"id": 1}]}, {"error": "late", "contact": {"id": 1}}):
        assert contract.read_detail(said(200, whole)) == whole
    refused: tuple[dict[str, object], ...] = ({}, {"contacts": []}, {"count": 1}, {"errors": ["late"]})
    for nothing in refused:
        with pytest.raises(UnusableAnswer):
            contract.read_detail(said(200, {"error": "late", **nothing}))


def test_complaints() -> None:
    """An error beside or in rows, or a partial status, is reported."""
    contract, row = Incontact(HOST), {"agentId": 1, "agentStateId": 1, "agentStateName": "Available"}
    whole = {"agentStates": [row]}
    assert contract.read_states(said(200, whole)).complaint == ""
    for name in ("errors", "Error_Message", "exception-details"):
        assert contract.read_states(said(200, {**whole, name: "late"})).complaint == "rows beside an error: late"
    assert contract.read_states(said(206, whole)).complaint == "the status is 206 Partial Content"
    failed = contract.read_states(said(200, {"agentStates": [row, {"agentId": 2, "error": "late"}]}))
    assert (len(failed.rows), failed.unnamed) == (1, 0)
    assert failed.complaint == "no state that can be used in 1 of 2 rows: late"


def test_another_contract() -> None:
    """The probe for `v2` goes to the host itself, without credentials."""
    ((name, request),) = Incontact(HOST).other_contracts()
    assert (name, request.method, request.target) == ("v2", "GET", "/api/v2/agents?page=1&pageSize=1")
    assert (request.base, request.headers, request.form) == ("", (), None)


def test_no_scopes() -> None:
    """This API has no scopes."""
    assert (Incontact(HOST).roster_scope, Incontact(HOST).states_scope) == ("", "")
