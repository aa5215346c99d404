"""Looks for absent agents elsewhere: which, what counts, at what cost."""

from __future__ import annotations

from typing import Any

import pytest

from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.observations.probes import ActivityAsked
from cxone_rollcall.model.observations.states import AgentsAskedAlone, Alone, AskedAlone, StatesAsked
from cxone_rollcall.model.roll import Roll, RollEntry, Standing
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.probes.activity import ACTIVITY, open_contact, open_login
from cxone_rollcall.probes.json_search import rows

from .scripted import Asked, seen, tenant

STATES = StatesAsked(exchange=3, batches=1, asked=9, rows=1, listed=True)
CONTACT = {"activeContacts": [{"contactId": 7, "agentId": 1001, "contactStart": "2026-03-02T10:00:00Z"}]}
OPEN = {"agentLoginHistory": [{"agentId": 1001, "loginDate": "2026-03-02T08:00:00Z", "logoutDate": None}]}
OVER = {"agentLoginHistory": [{"agentId": 1001, "loginDate": "2026-03-02T08:00:00Z", "logoutDate": "2026-03-02T09"}]}


def roll(*absent: str, told: bool = True, inactive: str = "", named: str = "") -> Roll:
    """Return a roll with absent agents; `told`: logged-out agents have rows."""
    entries = [RollEntry(Agent("1", active=True), Standing.LOGGED_OUT if told else Standing.PRESENT)]
    entries += [
        RollEntry(Agent(one, active=one != inactive), Standing.ABSENT, asked_as="Ann" if one == named else None)
        for one in absent
    ]
    return Roll(entries, roster_complete=True)


async def look(client: Asked, of: Roll) -> ActivityAsked:
    """Ask the probe."""
    given: Any = client
    found = await ACTIVITY.ask(given, seen(STATES), of)
    assert isinstance(found, ActivityAsked)
    return found


async def test_an_open_contact_is_enough() -> None:
    """After an open contact, logins are not requested."""
    client = Asked(details={"contacts/active?agentId=1001": CONTACT})
    (item,) = (await look(client, roll("1001"))).items
    assert (item.agent_id, item.what, item.pointer, item.certain) == (
        *("1001", "an open contact", "/activeContacts/0"),
        True,
    )
    assert item.seen == "contactId 7, contactStart 2026-03-02T10:00:00Z"
    assert item.repeated
    contacts = "contacts/active?agentId=1001"
    assert client.sent == [contacts, "alone 1001", "alone 1001", contacts]


@pytest.mark.parametrize(
    ("then", "scripted"),
    [
        (CONTACT, {"alone": {"1001": (AgentState("1001", "Available"),)}}),
        (CONTACT, {"failing": {"alone": FailureKind.SERVER_TROUBLE}}),
        (CONTACT, {"most": 1}),
        (None, {}),
        ({"activeContacts": [{"contactId": 8, "agentId": 1001}]}, {}),
        (CONTACT, {"complaint": "no id that can be read in 1 of 1 row"}),
    ],
    ids=["a row alone", "no answer", "nothing left to ask with", "no contact any more", "another contact", "damaged"],
)
async def test_a_contact_that_is_not_repeated(then: object, scripted: dict[str, Any]) -> None:
    """A contact counts as repeated only if both answers stay the same.

    The agent has no row alone, and then the same contact.
    """

    class Changing(Asked):
        async def state_of(self, agent_id: str) -> Any:
            self.details = {"contacts/active": then}
            return await super().state_of(agent_id)

    (item,) = (await look(Changing(details={"contacts/active": CONTACT}, **scripted), roll("1001"))).items
    assert (item.certain, item.repeated) == (True, False)


async def test_the_first_contacts_are_repeated() -> None:
    """Only as many contacts are requested again as fit into the budget. All are kept."""
    bodies = {one: {"activeContacts": [{"contactId": 7, "agentId": one}]} for one in ("1001", "1002", "1003")}
    client = Asked(details={f"contacts/active?agentId={one}": body for one, body in bodies.items()})
    found = await look(client, roll(*bodies))
    assert [(item.agent_id, item.repeated) for item in found.items] == [
        ("1001", True),
        ("1002", True),
        ("1003", False),
    ]


async def test_the_cost_is_the_most_requests() -> None:
    """The cost is what the search sends at worst. Two contacts are repeated, and six agents have none."""
    client = Asked(details={"contacts/active?agentId=100": {"activeContacts": [{"contactId": 7}]}, "": None})
    found = await look(client, roll("1001", "1002", "3", "4", "5", "6", "7", "8", "9"))
    assert [item.repeated for item in found.items] == [True, True]
    assert len(client.sent) == ACTIVITY.cost


@pytest.mark.parametrize("shows", [1, 2])
async def test_two_backends_prove_no_contact(shows: int) -> None:
    """Two backends that answer alternately prove nothing. One of them has the agent's row."""

    class Backends(Asked):
        async def state_of(self, agent_id: str) -> Any:
            alone = sum(path.startswith("alone") for path in self.sent) + 1
            self.alone = {agent_id: (AgentState(agent_id, "Available"),)} if alone == shows else {}
            return await super().state_of(agent_id)

    (item,) = (await look(Backends(details={"contacts/active": CONTACT}), roll("1001"))).items
    assert not item.repeated


async def test_the_last_day_by_the_servers_clock() -> None:
    """Without a contact the logins of the last 24 hours are requested. The dates have a Z."""
    client = Asked(details={"contacts/active": None, "agents/1001/login-history": OPEN})
    found = await look(client, roll("1001"))
    assert client.sent[1] == ("agents/1001/login-history?startDate=2026-03-01T10:30:00Z&endDate=2026-03-02T10:30:00Z")
    assert [(item.what, item.certain) for item in found.items] == [("a login of the last day without a logout", False)]


@pytest.mark.parametrize("body", [None, [], {}, "no", {"activeContacts": []}, {"activeContacts": None}, {"n": 7}])
async def test_nothing_is_no_sign(body: object) -> None:
    """A response without rows is no sign. The agent counts as requested."""
    client = Asked(details={"contacts/active": body, "agents/": body})
    assert await look(client, roll("1001")) == ActivityAsked(asked=("1001",), items=())


ROWS: tuple[tuple[str, object, bool], ...] = (
    ("its id as text", [{"agentId": "1001", "contactId": 1}], True),
    ("a bare list", [{"AgentID": 1001}], True),
    ("wrapped", {"resultSet": {"activeContacts": [{"agentId": 1001}]}}, True),
    ("no agent id, and a contact", {"contacts": [{"contactId": 5}]}, True),
    ("another agent", {"contacts": [{"contactId": 5, "agentId": 1002}]}, False),
    ("no agent id, and nothing of contacts", {"skills": [{"skillId": 5}]}, False),
    ("links", {"_links": [{"contactId": 5}], "links": [{"contactId": 5}]}, False),
    ("over", {"contacts": [{"contactId": 5, "agentId": 1001, "endDate": "2026-03-02T10:00:00Z"}]}, False),
    ("one that is over, and one that is open", [{"agentId": 1001, "endDate": "2026"}, {"agentId": 1001}], True),
    ("one of another agent, and the agent's", [{"agentId": 1002}, {"agentId": 1001}], True),
    ("within a row of another agent", [{"agentId": 1002, "transfers": [{"agentId": 1001}]}], False),
)


@pytest.mark.parametrize(("body", "counts"), [one[1:] for one in ROWS], ids=[one[0] for one in ROWS])
def test_rows_are_read_leniently(body: object, *, counts: bool) -> None:
    """A row is the agent's by its id. Without one by the request; whatever has ended is no sign."""
    assert (open_contact("1001", 9, rows(body)) is not None) is counts


def test_a_login_that_is_over_is_no_sign() -> None:
    """A login with a logout has ended. Another one beside it has not."""
    assert open_login("1001", 9, rows(OVER)) is None
    both = {"history": [*OVER["agentLoginHistory"], *OPEN["agentLoginHistory"]]}
    found = open_login("1001", 9, rows(both))
    assert found is not None
    assert (found.pointer, found.certain) == ("/history/1", False)


@pytest.mark.parametrize(
    ("row", "counts"),
    [
        ({"agentId": 1001, "loginDate": "2026-03-02T08:00:00Z"}, False),
        ({"agentNo": 1001, "logoutDate": None}, True),
        ({"agentNo": 1002, "logoutDate": None}, False),
        ({"loginDate": "2026-03-02T08:00:00Z", "logoffTime": None}, True),
        ({"sessionId": 5, "sessionEndTime": None}, True),
        ({"skillId": 5, "endDate": None}, False),
    ],
)
def test_logins_are_read_leniently(row: dict[str, object], *, counts: bool) -> None:
    """A login counts if its field for the end is empty. It is the agent's by its id, or has none."""
    assert (open_login("1001", 9, rows([row])) is not None) is counts


def test_no_person_is_named_in_the_evidence() -> None:
    """Evidence quotes ids and dates, no names, addresses or numbers."""
    row = {"agentId": 1001, "contactId": 5, "contactName": "Ann Lee", "contactAddress": "+1", "firstName": "Ann"}
    found = open_contact("1001", 9, rows([row]))
    assert found is not None
    assert found.seen == "contactId 5"
    row = {"contactId": 5, "sessionId": 6, "loginDate": "1", "loginTime": 2, "aStart": 3, "contactEnd": None}
    found = open_contact("1001", 9, rows([row]))
    assert found is not None
    assert found.seen == "contactId 5, sessionId 6, loginDate 1, loginTime 2, aStart 3, contactEnd null"


ENDS = ("logoutAt", "logoffAt", "chatEndDate", "chatEndTime", "isEnded", "endedBy", "sessionEnd", "contactEndAt")


@pytest.mark.parametrize("end", ENDS)
def test_an_end_has_many_names(end: str) -> None:
    """A contact with an end is over. With an empty one it is open."""
    for value, is_open in (("2026-03-02T10:00:00Z", False), (None, True)):
        found = open_contact("1001", 9, rows([{"agentId": 1001, end: value}]))
        assert (found is not None) is is_open


@pytest.mark.parametrize(
    ("row", "quoted"),
    [
        ({"contactId": "7" * 100}, f"contactId {'7' * 70}"),
        ({"sessionId": 5, "startTime": None, "contacts": {"contactId": 6}}, "sessionId 5, startTime null"),
        ({"skillName": "Sales"}, "a row"),
    ],
)
def test_evidence_is_short(row: dict[str, object], quoted: str) -> None:
    """Of a row its ids and dates are quoted. At most 80 characters are."""
    found = open_contact("1001", 9, rows([{"agentId": 1001, **row}]))
    assert found is not None
    assert found.seen == quoted


def test_only_suspicious_agents_are_requested() -> None:
    """A healthy tenant gets no requests. All have rows, or logged-out agents have none."""
    assert ACTIVITY.not_needed(seen(STATES), roll())
    assert ACTIVITY.not_needed(seen(STATES), roll("1001", told=False))
    assert ACTIVITY.not_needed(seen(STATES), roll("1001", inactive="1001"))
    assert ACTIVITY.not_needed(seen(), roll("1001"))
    alone = AgentsAskedAlone(items=(AskedAlone(agent_id="1", said=Alone.ROW, exchange=4),))
    assert ACTIVITY.not_needed(seen(STATES, alone), roll("1001"))
    assert "contract" in ACTIVITY.not_needed(seen(tenant("v2"), STATES), roll("1001"))
    assert ACTIVITY.not_needed(seen(STATES), roll("1001")) == ""
    assert ACTIVITY.not_needed(seen(STATES), roll("1001", "1002", told=False, named="1002")) == ""


async def test_at_most_eight_agents_are_searched() -> None:
    """Activity of at most eight absent agents is requested, none inactive. Those that the user named come first."""
    client = Asked(details={"contacts/active": None, "agents/": None})
    many = [str(2000 + number) for number in range(40)]
    found = await look(client, roll(*many, inactive="2000", named="2039"))
    assert found.asked == ("2039", *many[1:8])
    assert len(client.sent) == 16


async def test_a_refused_question_is_not_put_to_all() -> None:
    """A kind of request refused twice is given up, the other not."""
    client = Asked(details={"agents/": OPEN}, failing={"contacts/active": FailureKind.FORBIDDEN})
    await look(client, roll("1001", "1002", "1003", "1004"))
    assert sum(path.startswith("contacts/") for path in client.sent) == 2
    assert sum(path.startswith("agents/") for path in client.sent) == 4


async def test_a_question_that_was_answered_is_put_to_all() -> None:
    """A request that was answered once is sent for each agent. Later failures do not count."""
    client = Asked(details={"contacts/active?agentId=1001": None, "agents/": None})
    found = await look(client, roll("1001", "1002", "1003", "1004"))
    assert sum(path.startswith("contacts/") for path in client.sent) == 4
    assert found == ActivityAsked(asked=("1001", "1002", "1003", "1004"), items=())


async def test_without_any_answer_there_is_no_fact() -> None:
    """Without any answer the probe fails, without an observation."""
    with pytest.raises(RequestFailed):
        await look(Asked(), roll("1001", "1002"))


async def test_an_unusual_id_stays_in_its_place() -> None:
    """An unusual id stays within its part of the path or query."""
    client = Asked(details={"": None})
    await look(client, roll("../x?y"))
    contacts, logins = client.sent
    assert contacts == "contacts/active?agentId=..%2Fx%3Fy"
    assert logins.startswith("agents/..%2Fx%3Fy/login-history?startDate=")
