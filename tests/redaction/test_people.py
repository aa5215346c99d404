"""The stand-in of a person depends on the kind of text."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from tests.support.many_values import together

from cxone_rollcall.redaction.people import People


@pytest.mark.parametrize(
    ("typed", "stand_in"),
    [
        ("kavya.alsayed", "person1"),
        ("kavya@example.com", "person1@anonymized.invalid"),
        ("kavya@intranet", "person1@anonymized.invalid"),
        ("Kavya Al-Sayed", "Person 1"),
        ("  Kavya Al-Sayed ", "Person 1"),
        ("王伟", "Person 1"),
        ("30000000001", None),
        ("0f8fad5b-d9cb-469f-a165-70867728950e", None),
        ("", None),
        ("  ", None),
    ],
)
def test_what_a_user_typed(typed: str, stand_in: str | None) -> None:
    """A typed text is a user name, an address or a name. Ids are kept."""
    people = People()
    people.meet_typed(typed)
    assert people.known(typed) == stand_in


def test_agents_who_share_an_address_are_two_people() -> None:
    """Two agents with one e-mail address have two numbers. A text of one of them is that one's."""
    people = People()
    people.meet(agent_id="7", name="Ann Lee", email="desk@example.com")
    people.meet(agent_id="8", name="Cy Ng", email="desk@example.com")
    people.meet(agent_id="7", user_name="ann.lee")
    assert people.without("Ann Lee, Cy Ng, ann.lee") == "Person 1, Person 2, person1"


def test_a_text_that_is_known_is_the_same_person() -> None:
    """A typed text that names a known person has that person's stand-in."""
    people = People(frozenset({"7"}))
    people.meet(agent_id="7", name="Ann Lee", user_name="ann.lee", email="ann@example.com")
    for typed in ("ANN LEE", "ann.lee", "Ann@Example.com"):
        before = people.known(typed)
        people.meet_typed(typed)
        assert people.known(typed) == before
    people.meet_typed("bo")
    assert people.known("bo") == "person2"


@pytest.mark.parametrize(
    ("role", "stand_in"),
    [
        ("name", "Person 1"),
        ("user_name", "person1"),
        ("user_id", "00000000-0000-4000-9000-000000000001"),
        ("email", "person1@anonymized.invalid"),
    ],
)
def test_another_text_of_an_agent(role: str, stand_in: str) -> None:
    """Each role of a text has its own kind of stand-in."""
    people = People(frozenset({"7"}))
    people.meet(agent_id="7", name="Ann Lee")
    people.meet(agent_id="7", **{role: "zz-top"})
    assert people.known("zz-top") == stand_in


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize(("around", "special"), [("{} >>>>", "+-"), ("{} \u00ff\u00ff", "/_")])
def test_a_name_in_either_alphabet_of_base64(encode: Callable[[bytes], bytes], around: str, special: str) -> None:
    """A name is replaced in both alphabets of base64. The text around it makes each alphabet necessary."""
    people = People()
    people.meet(agent_id="7", name="Ann Lee")
    word = encode(around.format("Ann Lee").encode()).decode()
    assert set(word) & set(special)
    changed = people.without(word)
    assert base64.b64decode(changed + "==", b"-_").decode() == around.format("Person 1")


ESCAPES: dict[str, Callable[[str], str]] = {
    "html": lambda text: "".join(f"&#{ord(one)};" for one in text),
    "json": lambda text: "".join(f"\\u{ord(one):04x}" for one in text),
    "url": lambda text: "".join(f"%{ord(one):02X}" for one in text),
}


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("escape", ESCAPES)
def test_a_name_in_escapes(escape: str, times: int) -> None:
    """A name in escapes is replaced, and other names stay. Each letter is escaped once or twice."""
    people = People()
    people.meet(agent_id="7", name="Ann Lee")
    text = "Ann Lee"
    for _ in range(times):
        text = ESCAPES[escape](text)
    assert people.without(f"for {text}, and Bo") == "for Person 1, and Bo"


def test_several_people_in_a_text() -> None:
    """Every name of a text is replaced, and all between them stays."""
    people = People()
    people.meet(agent_id="7", name="Ann Lee", user_name="ann.lee")
    people.meet(agent_id="8", name="Cy Ng", email="cy@example.com")
    text = "Ann Lee (ann.lee) called Cy Ng <cy@example.com>, then Cy Ng left."
    assert (
        people.without(text) == "Person 1 (person1) called Person 2 <person2@anonymized.invalid>, then Person 2 left."
    )


@pytest.mark.parametrize("text", ["Lee, Ann", "lee ann", "Ann.Lee", "lee.ann", "Ann Lee", "ann@example.com"])
def test_a_team_named_after_a_person(text: str) -> None:
    """The name of a thing holds no full name, in any order. This holds for people who are met later, too."""
    people = People()
    assert people.of_things(f"Team {text}").startswith("Team ")
    people.meet("Ann", "Lee", agent_id="7", name="Ann Lee", email="ann@example.com")
    stand_in = "person1@anonymized.invalid" if "@" in text else "Person 1"
    assert people.of_things(f"Team {text}") == f"Team {stand_in}"


def test_the_first_part_of_an_address() -> None:
    """The first part of an e-mail address stands for its person. Not if it is another person's user name."""
    people = People()
    people.meet(agent_id="7", name="Ann Lee", email="al77@example.com")
    people.meet(agent_id="8", name="Cy Ng", email="cn42@example.com")
    people.meet(agent_id="9", name="Bo Berg", user_name="cn42")
    assert people.without("al77 called cn42") == "person1 called person3"


def met() -> People:
    """People of every kind of text."""
    people = People(frozenset({"7", "8", "Cy Ng", "55555", "0F8FAD5B-d9cb-469f-a165-70867728950e"}))
    people.meet("Ann", "Lee", agent_id="7", name="Ann Mary Lee", user_name="ann7", email="al77@example.com")
    people.meet(agent_id=" b-smith ", name="Smith, Bo", email="bo.s@example.com", user_id="u-1")
    people.meet(agent_id="8", name="Cy Ng", user_name="55555", email="CY@example.com")
    people.meet("", " ", name="Di", user_name="66666")
    people.meet(user_name="4444")
    people.meet("\u738b", "\u4f1f", name="\u738b\u4f1f")
    people.meet(name="Available")
    people.meet()
    return people


WHOLE = {
    " ANN mary LEE ": "Person 1",
    "Lee, Ann": "Person 1",
    "Lee Ann": "Person 1",
    "Ann.Lee": "Person 1",
    "Lee.Ann": "Person 1",
    "AnnLee": "person1",
    "AnnMaryLee": "person1",
    "LeeAnn": "person1",
    "ann7": "person1",
    "al77@example.com": "person1@anonymized.invalid",
    "al77": "person1",
    "7": None,
    "Ann": None,
    "b-smith": "person2",
    "Smith, Bo": "Person 2",
    "bo.s@example.com": "person2@anonymized.invalid",
    "bo.s": "person2",
    "Smith": None,
    "SmithBo": "person2",
    "BoSmith": "person2",
    "u-1": "00000000-0000-4000-9000-000000000002",
    "Cy Ng": "Person 3",
    "CyNg": None,
    "cy@EXAMPLE.com": "person3@anonymized.invalid",
    "cy": "person3",
    "55555": "person3",
    "Di": "Person 4",
    "66666": "person4",
    "4444": "person5",
    "\u738b\u4f1f": "Person 6",
    "\u4f1f\u738b": "Person 6",
    "available": "Person 7",
    "": None,
}
"""Whole texts and who they are. Agent ids that are numbers or UUIDs are nobody's stand-in."""


def test_who_a_whole_text_is() -> None:
    """A whole text about a person has the stand-in of its kind. Ids and first names have none."""
    people = met()
    assert {text: people.known(text) for text in WHOLE} == WHOLE | {"55555": None}


WITHIN = {
    "ann mary lee, Lee, Ann": "Person 1, Person 1",
    "xLeeAnn2 and AnnMaryLee": "xperson12 and person1",
    "Ann met Lee and Mary": "Person met Person and Person",
    "ann7 ann77 al77": "person1 ann77 person1",
    "7 8 55555": "7 8 55555",
    "id 66666, 666667 and 4444": "id person4, 666667 and 4444",
    "b-smith Smith smithy": "person2 Person smithy",
    "Cy Ng's Ng and Cy": "Person 3's Ng and person3",
    "Di and Diana, Bo": "Person 4 and Diana, Bo",
    "\u4f1f\u738b \u738b": "Person 6 \u738b",
    "he is available": "he is available",
    "cy@example.com cy%40EXAMPLE.com": "person3@anonymized.invalid person3%40anonymized.invalid",
    "new@example.com, new%40example.com": "person8@anonymized.invalid, person8%40anonymized.invalid",
    "person9@anonymized.invalid": "person9@anonymized.invalid",
    "a@b and a%40b.c": "a@b and person8%40anonymized.invalid",
    "@ and %40 and a@ @b": "@ and %40 and a@ @b",
}
"""Texts and what is left of them."""


@together("text", list(WITHIN))
def test_who_is_named_within_a_text(text: str) -> None:
    """Within texts, short names are replaced only as words.

    Numbers are replaced only if they are long."""
    assert met().without(text) == WITHIN[text]


@pytest.mark.parametrize(("length", "is_replaced"), [(3, True), (1_000, True), (2, False), (1_001, False)])
def test_the_length_of_a_first_name(length: int, is_replaced: bool) -> None:
    """A first name of 3 to 1,000 letters is replaced. Others would hide words, or take too long."""
    people, first = People(), "y" * length
    people.meet(first, "Lee", name="Lee")
    assert people.without(first) == ("Person" if is_replaced else first)
