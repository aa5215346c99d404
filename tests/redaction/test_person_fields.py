"""Fields about people are known by their keys. Their values have stand-ins, and everything else stays."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.support.many_values import together

from cxone_rollcall.redaction.people import People
from cxone_rollcall.redaction.person_fields import meet_all, of_something, parsed, role_of, without_people

ROLES = {
    "first": "firstName first_names givenName foreName middleName agentFirstName contactFirstName",
    "last": "lastName family-name surname lastNames supervisorLastName",
    "email": "email e-mail mail mails emailAddress emailAddresses email2 mailAddress1 userEmail reportToEmail",
    "user_name": "userName username login loginName userLogin ntLoginName federatedId federatedUserName upn"
    " userPrincipalName agentUserName ownerLogin modifiedByUserName",
    "user_id": "userId USER_ID userUid userUuid usersId",
    "name": "fullName displayName nickName preferredName commonName screenName agentName supervisorName managerName"
    " ownerName customerName contactName callerName personName employeeName memberName authorName primaryName"
    " workName reportToName createdByName modifiedByName updatedByName customerDisplayName",
    "other": "phone phones telephone mobile cell fax phoneNumber mobilePhone cellPhoneNumbers faxNumber2 workPhone ani"
    " dnis fromAddr toAddress fromAddress address address1 streetName street city postalCode zip zipCode birthDate"
    " birthday dateOfBirth ssn socialSecurity socialSecurityNumber employeeId employeeNumber note notes photo photoUrl"
    " avatar avatarUrl picture pictureUrl callerIdOverride custom1 custom20 customerPhone",
    "": "id agentId name team teamName teamId skillName lastLogin lastPollTime agentStateName isActive profileName"
    " businessUnitId namely firsts mailbox emailed phonetics anime xusername loginNameX userIds customs custom"
    " screenNames citys zips xani myPhone dnisX",
}
"""Keys of each role. The last ones are no person's."""


@pytest.mark.parametrize("role", ROLES)
def test_the_role_of_each_key(role: str) -> None:
    """A key's role depends on its letters alone, and on all."""
    for key in ROLES[role].split():
        for spelt in (key, key.upper(), "_".join(key), f"-{key} "):
            assert (key, role_of(spelt)) == (key, role)


THINGS = "team skill state group queue campaign media tenant unit profile role site station location poc"


def test_keys_of_things() -> None:
    """A key with the word of a thing is a thing's. Others are not."""
    words = THINGS.split()
    keys = [spelt for word in words for spelt in (word, word.upper(), f"primary{word.title()}Name", f"{word}s")]
    assert [key for key in keys if not of_something(key)] == []
    assert [key for key in ("agent", "name", "userName", "te am", "") if of_something(key)] == []


@pytest.mark.parametrize(
    ("body", "tree"),
    [
        ('{"a": [1]}', {"a": [1]}),
        ("[]", []),
        ("{}", {}),
        ('"text"', None),
        ("7", None),
        ("null", None),
        ("", None),
        ('{"a":', None),
        ("<html>", None),
        ("[" * 100_000, None),
    ],
)
def test_bodies_with_fields(body: str, tree: Any) -> None:
    """Only JSON objects and lists have fields. Others, and broken ones, are None."""
    assert parsed(body) == tree


KNOWN: dict[str, tuple[Any, dict[str, str | None]]] = {
    "a full name": ({"fullName": "Zed Top"}, {"Zed Top": "Person 1"}),
    "a name beside an id": ({"id": 7, "name": "Zed Top"}, {"Zed Top": "Person 1"}),
    "a name beside another field": ({"Name": "Zed Top", "email": "z@t.example"}, {"zed top": "Person 1"}),
    "names of two fields": (
        {"firstName": " Zed ", "lastName": "Top"},
        {"Zed Top": "Person 1", "Top, Zed": "Person 1", "top zed": "Person 1", "Zed.Top": "Person 1"},
    ),
    "a last name alone": ({"lastName": "Topham"}, {"Topham": "Person 1"}),
    "an empty name before another": (
        {"firstName": "", "givenName": "Zed", "lastName": "Top"},
        {"Zed Top": "Person 1"},
    ),
    "a name beside an agent's id": ({"teams": [{"agentId": 7, "name": "Zed Top"}]}, {"Zed Top": "Person 1"}),
    "a name beside ids of both": ({"id": 7, "teamId": 1, "name": "Zed Top"}, {"Zed Top": "Person 1"}),
    "a row each, without ids": (
        [
            {"userName": "ztop", "firstName": "Zed", "lastName": "Top"},
            {"userName": "cng", "fullName": "Cy Ng"},
            {"fullName": "Di Ox"},
        ],
        {"ztop": "person1", "Zed Top": "Person 1", "Cy Ng": "Person 2", "Di Ox": "Person 3"},
    ),
    "rows of nobody": (
        [{"id": 1}, {"id": 2, "phone": "123456"}, {"id": 3, "fullName": "Zed Top"}],
        {"Zed Top": "Person 1"},
    ),
    "a first name alone": ({"firstName": "Zed"}, {"Zed": "Person 1"}),
    "another full name beside them": (
        {"id": 7, "displayName": "Zeddy T.", "firstName": "Zed", "lastName": "Top"},
        {"Zeddy T.": "Person 1", "Zed Top": "Person 1", "Top, Zed": "Person 1"},
    ),
    "two of each": (
        {
            "agentId": 7,
            "displayName": "Zed Top",
            "nickName": "Zeddy",
            "userName": "ztop",
            "login": "ztop2",
            "email": "z@t.example",
            "mail": "z2@t.example",
            "userId": "0b6c3f1e-1111-4222-8333-444455556666",
            "userUuid": "0b6c3f1e-2222-4222-8333-444455556666",
        },
        {
            "Zed Top": "Person 1",
            "Zeddy": "Person 1",
            "ztop": "person1",
            "ztop2": "person1",
            "z@t.example": "person1@anonymized.invalid",
            "z2@t.example": "person1@anonymized.invalid",
            "z": "person1",
            "0b6c3f1e-1111-4222-8333-444455556666": "00000000-0000-4000-9000-000000000001",
            "0b6c3f1e-2222-4222-8333-444455556666": "00000000-0000-4000-9000-000000000001",
        },
    ),
    "several in a list": (
        {"id": 7, "emails": ["z@t.example", "z2@t.example", None, ""]},
        {"z@t.example": "person1@anonymized.invalid", "z2@t.example": "person1@anonymized.invalid"},
    ),
    "a user name that is a number": ({"userName": 12345678}, {"12345678": "person1"}),
    "two rows of an agent": (
        [{"agentId": 7, "userName": "ztop"}, {"AGENTID": "7", "fullName": "Zed Top"}],
        {"ztop": "person1", "Zed Top": "Person 1"},
    ),
    "an agent's own id comes first": (
        [{"agentId": 7, "id": 1, "userName": "ztop"}, {"agentId": 8, "id": 1, "fullName": "Cy Ng"}],
        {"ztop": "person1", "Cy Ng": "Person 2"},
    ),
    "an id is an agent's": (
        [{"id": 7, "userName": "ztop"}, {"id": "7", "fullName": "Zed Top"}],
        {"ztop": "person1", "Zed Top": "Person 1"},
    ),
    "an id that is none": (
        [{"id": True, "userName": "ztop"}, {"id": True, "fullName": "Cy Ng"}],
        {"ztop": "person1", "Cy Ng": "Person 2"},
    ),
    "any depth": ({"a": [{"b": {"c": [[{"userName": "ztop"}]]}}]}, {"ztop": "person1"}),
    "things": (
        {"skill": {"id": 1, "name": "Ann"}, "skills": [{"id": 1, "name": "Bo"}], "teamName": "Cy", "other": "Di"},
        {"Ann": None, "Bo": None, "Cy": None, "Di": None},
    ),
    "a name among fields of things": ({"name": "Ann", "teamName": "x"}, {"Ann": None}),
    "a name of fields of no kind": ({"name": "Ann", "color": "x"}, {"Ann": "Person 1"}),
    "telephone numbers": ({"phone": "123456", "note": "Zed"}, {"123456": None, "Zed": None}),
    "no texts": ({"userName": None, "email": True, "fullName": {}, "lastName": ""}, {"None": None, "True": None}),
}
"""Answers, and the stand-ins that they make known."""


@together("name", list(KNOWN))
def test_who_is_known_of_an_answer(name: str) -> None:
    """Fields about a person make their values known."""
    answer, stand_ins = KNOWN[name]
    people = People()
    meet_all(people, answer)
    assert {text: people.known(text) for text in stand_ins} == stand_ins


ANN = {"agentId": 7, "firstName": "Ann", "lastName": "Lee", "userName": "annlee7", "email": "a.l7@a.example"}

CHANGED: dict[str, tuple[Any, Any]] = {
    "all of an agent": (
        ANN,
        {
            "agentId": 7,
            "firstName": "Person",
            "lastName": "1",
            "userName": "person1",
            "email": "person1@anonymized.invalid",
        },
    ),
    "an agent's names alone": (
        {"firstName": "Ann", "lastName": " Lee "},
        {"firstName": "Person", "lastName": "1"},
    ),
    "an empty name after another": (
        {"firstName": "Ann", "givenName": None, "lastName": "Lee"},
        {"firstName": "Person", "givenName": None, "lastName": "1"},
    ),
    "names of nobody known": (
        {"firstName": "Someone", "lastName": "New", "fullName": "Else"},
        {"firstName": "removed", "lastName": "removed", "fullName": "removed"},
    ),
    "one name": ({"lastName": "Lee"}, {"lastName": "removed"}),
    "no texts": (
        {"firstName": None, "userName": "", "email": " ", "phone": False, "fullName": []},
        {"firstName": None, "userName": "", "email": " ", "phone": False, "fullName": []},
    ),
    "numbers": ({"phone": 123, "n": 7, "t": True, "f": 1.5}, {"phone": "removed", "n": 7, "t": True, "f": 1.5}),
    "lists": (
        {"emails": ["a.l7@a.example", "new@a.example", None], "x": ["Ann Lee", 7, ["annlee7"]]},
        {"emails": ["person1@anonymized.invalid", "removed", None], "x": ["Person 1", 7, ["person1"]]},
    ),
    "objects of a field": (
        {"address": {"street": "High", "Ann Lee": "x", "email": "a.l7@a.example"}, "userName": {"name": "annlee7"}},
        {
            "address": {"street": "removed", "Person 1": "removed", "email": "person1@anonymized.invalid"},
            "userName": {"name": "person1"},
        },
    ),
    "a name of things": (
        {"team": {"id": 1, "name": "Ann"}, "teamName": "Ann", "skills": ["Ann", "Ann Lee"]},
        {"team": {"id": 1, "name": "Ann"}, "teamName": "Ann", "skills": ["Ann", "Person 1"]},
    ),
    "a name among fields of things": ({"name": "Ann", "teamId": 1}, {"name": "Person", "teamId": 1}),
    "a name of a person": ({"id": 9, "name": "Ann Lee"}, {"id": 9, "name": "Person 1"}),
    "texts and keys": ({"m": "for Ann Lee", "annlee7": 1}, {"m": "for Person 1", "person1": 1}),
    "letters": ({"m": "\u00e4 \u5bc6"}, {"m": "\u00e4 \u5bc6"}),
    "a list": ([ANN["userName"], None], ["person1", None]),
}
"""Bodies, and what is left of them. The agent `ANN` is known."""


@together("name", list(CHANGED))
def test_what_is_left_of_a_body(name: str) -> None:
    """Fields about people have stand-ins, and names in texts and keys. The rest stays."""
    tree, left = CHANGED[name]
    people = People(frozenset({"7"}))
    meet_all(people, ANN)
    written = without_people(people, json.dumps(tree), tree)
    assert json.loads(written) == left
    assert "\\u" not in written
