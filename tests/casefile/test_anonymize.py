"""An anonymized file names no person, and stand-ins are consistent."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus, unquote, unquote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.casefile.runs import Ran, ran
from tests.casefile.texts import nested_texts
from tests.support.thorough import crossed

from cxone_rollcall.redaction.people import WORD_OR_EMAIL, People
from cxone_rollcall.redaction.person_fields import REMOVED, meet_all, parsed, role_of, without_people
from cxone_rollcall.roll import Selection

WORD = re.compile(r"\w+(?:['’-]\w+)*")


def people_of(run: Ran) -> Iterator[tuple[str, str, str]]:
    """Yield first name, last name and user name of each agent."""
    world = run.emulator.tenant.world
    for index in range(world.agents):
        person = world.person(index)
        yield *person.name, person.user_name


def assert_no_person(run: Ran, file: bytes) -> None:
    """Assert that a file names no person of the tenant, however spelled."""
    document = json.loads(file)
    assert document["anonymized"] is True
    said = list(nested_texts(document))
    whole = "\n".join((file.decode(), *{unquote(unquote_plus(text)) for text in said})).lower()
    words = set(WORD.findall(whole))
    for first, last, user_name in people_of(run):
        for name in (f"{first} {last}", f"{last}, {first}", f"{last} {first}", user_name, f"{user_name}@example.com"):
            for spelt in (name, quote(name), quote(name, safe=""), quote_plus(name), json.dumps(name)[1:-1]):
                assert spelt.lower() not in whole
        if len(first) > 1 and len(last) > 1:
            assert not {first.lower(), last.lower()} & words


TYPED = Selection(agents=("kavya.alsayed", "WEISS TORSTEN", "miles hughes", "30000000009"))


FAULTS = ("", "server-error-some", "roster-shifts", "no-total", "html-page=labelled=json,at=states")


@pytest.mark.parametrize(
    ("fault", "selection", "contract"), crossed(FAULTS, [None, TYPED], ["v2", "incontact"], every=3)
)
async def test_no_person_is_left(fault: str, selection: Selection | None, contract: str) -> None:
    """No name, user name or e-mail of the tenant is left.

    Nor is the text that a user typed for one.
    """
    run = await ran(*filter(None, (fault,)), agents=60, selection=selection, contracts=(contract,))
    file = run.file(anonymize=True)
    assert_no_person(run, file)
    assert "weiss torsten" not in file.decode().lower()


async def test_without_the_option_all_people_stay() -> None:
    """Without --anonymize, the file has the names from the responses."""
    run = await ran()
    file = run.file().decode()
    assert all(user_name in file for _, _, user_name in people_of(run))
    assert json.loads(file)["anonymized"] is False


async def test_one_person_has_one_stand_in() -> None:
    """A person has the same stand-in everywhere. It is in roll, observations, bodies, addresses and what was typed."""
    run = await ran(selection=Selection(agents=("kavya.alsayed", "Kavya Al-Sayed", "30000000002")))
    document = json.loads(run.file(anonymize=True))
    (entry,) = document["roll"]
    name, user_name, email = (entry["agent"][key] for key in ("name", "user_name", "email"))
    assert re.fullmatch(r"Person \d+", name)
    assert email.partition("@")[0] == user_name
    rows = [row for one in document["exchanges"] for row in json.loads(one["response_body"]).get("entities", ())]
    (row,) = [row for row in rows if row.get("id") == 30000000002 and "userName" in row]
    assert (f"{row['firstName']} {row['lastName']}", row["userName"], row["email"]) == (name, user_name, email)
    (selected,) = [one["facts"] for one in document["observations"] if one["kind"] == "Selected"]
    assert selected["agents"] == [user_name, name, "30000000002"]
    named = await ran(selection=Selection(agents=("kavya.alsayed",)))
    document = json.loads(named.file(anonymize=True))
    targets = [one["target"] for one in document["exchanges"]]
    assert any(user_name in target for target in targets)


async def test_two_people_are_never_one() -> None:
    """No two agents share a user name, e-mail or id. Agents with the same name still share one."""
    run = await ran(agents=900)
    agents = [entry["agent"] for entry in json.loads(run.file(anonymize=True))["roll"]]
    before = [entry.agent for entry in run.account.roll.entries]
    for key in ("agent_id", "user_name", "email"):
        assert len({agent[key] for agent in agents}) == len({getattr(agent, key) for agent in before})
    assert len({agent["name"] for agent in agents}) == len({agent.name for agent in before})
    assert [agent["agent_id"] for agent in agents] == [agent.agent_id for agent in before]
    assert [agent["team"] for agent in agents] == [agent.team for agent in before]


def test_shared_addresses_and_namesakes() -> None:
    """People who share a mailbox or a name stay apart. So do those whose user name is another's first and last name."""
    people = People(frozenset({"1", "2", "3"}))
    rows = [
        {"agentId": 1, "firstName": "Ann", "lastName": "Lee", "userName": "alee", "email": "desk@a.example"},
        {"agentId": 2, "firstName": "Ann", "lastName": "Lee", "userName": "ann.lee", "email": "desk@a.example"},
        {"agentId": 3, "firstName": "Bo", "lastName": "Ng", "userName": "desk", "email": "bo@a.example"},
        {"agentId": 1, "userName": "alee", "email": "ann.lee@a.example"},
    ]
    meet_all(people, rows)
    assert [people.known(str(row["userName"])) for row in rows] == ["person1", "person2", "person3", "person1"]
    assert people.known("Ann Lee") == people.known("Lee, Ann") == "Person 1"
    assert people.known("desk@a.example") == "person1@anonymized.invalid"


def test_a_body_of_too_many_levels_is_not_read() -> None:
    """A body that nests too deeply counts as unreadable."""
    assert parsed("[" * 100 + "]" * 100) is not None
    for deep in (500, 5_000):
        assert parsed("[" * deep + "]" * deep) is None


@pytest.mark.parametrize("fault", ["html-page=labelled=json,at=states", "body-cut", "server-error=states"])
async def test_a_body_that_cannot_be_read_is_left_out(fault: str) -> None:
    """An unreadable body is left out of the file, with the reason."""
    run = await ran(fault)
    kept = json.loads(run.file(anonymize=True))["exchanges"]
    for whole, without in zip(run.account.exchanges, kept, strict=True):
        try:
            json.loads(whole.response_body or "{}")
        except ValueError:
            assert without["response_body"] == ""
            assert "no complete JSON" in without["left_out"]
        else:
            assert without["left_out"] == ""


def known() -> People:
    """Return the people of whom these tests speak."""
    people = People(frozenset({"1001"}))
    row = {
        "agentId": 1001,
        "firstName": "Ann",
        "lastName": "O'Lee",
        "userName": "ann.olee",
        "emailAddress": "a@b.example",
    }
    meet_all(people, {"agents": [row]})
    people.meet(agent_id="1002", name="Zoë 王", user_name="support", email="zoe@b.example")
    people.meet(agent_id="1003", name="Break Busy", user_name="break", email="c@b.example")
    return people


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("ANN O'LEE is off", "Person 1 is off"),
        ("/x?name=Ann%20O%27Lee&y", "/x?name=Person%201&y"),
        ("/x?name=ann+o'lee", "/x?name=Person+1"),
        ("O'Lee, Ann", "Person 1"),
        ("a%40b.example, A@B.EXAMPLE", "person1%40anonymized.invalid, person1@anonymized.invalid"),
        ("x" * 400 + "ann.olee" + "y", "x" * 400 + "person1" + "y"),
        ("Zo\\u00eb \\u738b", "Person 2"),
        ("/x?name=ZO%C3%8B%20%e7%8e%8b", "/x?name=Person%202"),
        ("Ann called Anna at %20Ann", "Person called Anna at %20Person"),
        ("write to who.ever@c.example", "write to person4@anonymized.invalid"),
        ("a break is no Break", "a break is no Break"),
        ("1001 asked", "1001 asked"),
        ("", ""),
    ],
)
def test_names_in_any_spelling(text: str, without: str) -> None:
    """A name is found in any spelling and letter case. A first name only as a word, an e-mail address by its form."""
    assert known().without(text) == without


LOCAL = r"[\w.+'-]"
PLAIN = re.compile(rf"{LOCAL}+(?:@|%40)\w[\w-]*(?:\.\w[\w-]*)+")
"""The simplest pattern of an e-mail address, tried at each letter."""


@given(st.text(alphabet="a.@-+'%40 é", max_size=40))
def test_addresses_are_found_by_their_form(text: str) -> None:
    """An address is found wherever the plain form finds one."""
    assert [found[0] for found in WORD_OR_EMAIL.finditer(text) if found[1]] == PLAIN.findall(text)


@pytest.mark.parametrize("text", ["a" * 99, "a." * 50, "a@" * 50, "@" * 99, "a@b" * 33, "a%40b-" * 17, "a@b.@" * 20])
def test_no_letter_is_begun_with_twice(text: str) -> None:
    """A text that begins no address is skipped as a whole.

    Retrying from each letter would take hours for a megabyte.
    """
    spans = [found.span() for found in WORD_OR_EMAIL.finditer(text)]
    passed = {place for start, end in spans for place in range(start, end)}
    assert all(place in passed for place, one in enumerate(text) if re.match(LOCAL, one))
    assert all(start == 0 or not re.match(LOCAL, text[start - 1]) for start, _ in spans)


@pytest.mark.parametrize("piece", ["a", "Bo_", "渡"])
def test_a_name_too_long_to_search(piece: str) -> None:
    """A name of over 1,000 characters is replaced only as a whole. It is not searched in texts."""
    people, long = People(), piece * (100_000 // len(piece))
    people.meet(agent_id="1", name=long, user_name=f"{long}1")
    people.meet(agent_id="2", name="Ann Lee")
    assert people.own(f" {long.upper()} ") == "Person 1"
    assert people.own(f"{long}1") == "person1"
    assert people.without(f"{long} is Ann Lee") == f"{long} is Person 2"


def test_names_of_things_stay() -> None:
    """A team or state keeps a name that shares a user's word. A person's whole name is replaced there, too."""
    people = known()
    assert people.of_things("Support Tier 1") == "Support Tier 1"
    assert people.of_things("Break") == "Break"
    assert people.of_things("Team of Ann O'Lee") == "Team of Person 1"
    assert people.own("support") == "person2"


BODY = {
    "totalRecords": 2,
    "agents": [
        {
            "agentId": 1,
            "FIRSTNAME": "Ivy",
            "last_name": "Ng",
            "userName": "ivy",
            "contact": {"E-Mail": ["ivy@c.example", "ng@c.example"], "phoneNumber": 491234567, "Mobile": None},
            "teamName": "Ivy League",
            "team": {"id": 7, "name": "Night"},
            "reportToName": "Bo Berg",
            "isActive": True,
        },
        {"id": 2, "name": "Bo Berg", "teamId": 7, "note": "Ask Ivy", "userId": "0b6c3f1e-1111-4222-8333-444455556666"},
    ],
    "skills": [{"id": 3, "name": "Berg"}],
    "Bo Berg": {"seen by": "ng@c.example and Ivy Ng"},
}


def test_fields_about_a_person() -> None:
    """Fields about a person are known by their keys.

    Nesting and letter case make no difference, and things keep their names.
    """
    people = People()
    meet_all(people, BODY)
    changed = json.loads(without_people(people, json.dumps(BODY), BODY))
    first, second = changed["agents"]
    assert (first["FIRSTNAME"], first["last_name"], first["userName"]) == ("Person", "1", "person1")
    assert first["contact"]["phoneNumber"] == REMOVED
    assert first["contact"]["Mobile"] is None
    assert all(email.endswith("@anonymized.invalid") for email in first["contact"]["E-Mail"])
    assert (first["teamName"], first["team"]["name"], first["isActive"]) == ("Ivy League", "Night", True)
    assert first["reportToName"] == second["name"]
    assert second["userId"].startswith("00000000-0000-4000-9000-")
    assert second["note"] == REMOVED
    assert changed["skills"] == [{"id": 3, "name": "Berg"}]
    assert changed[second["name"]]["seen by"].endswith(" and Person 1")
    assert changed["totalRecords"] == 2


@pytest.mark.parametrize(
    ("fields", "stand_in"),
    [
        ({"userName": "zz-top"}, "person1"),
        ({"email": "zz@top.example"}, "person1@anonymized.invalid"),
        ({"userId": "0b6c3f1e-1111-4222-8333-444455556666"}, "00000000-0000-4000-9000-000000000001"),
        ({"fullName": "Zed Top"}, "Person 1"),
        ({"firstName": "Zed", "lastName": "Top"}, "Person 1"),
    ],
)
def test_each_field_makes_its_value_known(fields: dict[str, str], stand_in: str) -> None:
    """A person's field makes its value known. The value has its stand-in everywhere else."""
    people = People()
    meet_all(people, {"agents": [{"id": 7, **fields}]})
    assert people.known(" ".join(fields.values())) == stand_in


@pytest.mark.parametrize(
    ("keys", "role"),
    [
        (("firstName", "FirstName", "first_name", "agentFirstName", "middleName"), "first"),
        (("lastName", "surname", "family-name"), "last"),
        (("email", "emailAddress", "E-Mail", "userEmail", "mail"), "email"),
        (("userName", "username", "agentUserName", "ntLoginName"), "user_name"),
        (("userId", "userID", "userUuid"), "user_id"),
        (("fullName", "displayName", "agentName", "reportToName", "supervisorName"), "name"),
        (("phone", "phoneNumber", "mobilePhone", "ani", "fromAddress", "address1", "city"), "other"),
        (("agentId", "teamName", "lastLogin", "skillName", "agentStateName", "businessUnitId", "isActive", "name"), ""),
    ],
)
def test_the_role_of_a_key(keys: tuple[str, ...], role: str) -> None:
    """A field's role is recognized by its key, in any spelling."""
    assert {key: role_of(key) for key in keys} == dict.fromkeys(keys, role)
