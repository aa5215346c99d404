"""An anonymized text names nobody, other texts stay as they are. Names may be joined, escaped or encoded."""

import base64
import html
import json
from urllib.parse import quote

import pytest

from cxone_rollcall.redaction.people import People
from cxone_rollcall.redaction.person_fields import meet_all, parsed, without_people


def somebody() -> People:
    """Return people among whom Kavya Alsayed is agent 30000000001."""
    people = People(frozenset({"30000000001"}))
    people.meet(agent_id="30000000001", name="Kavya Alsayed", user_name="k.als77", email="kavya@corp-mail.example")
    people.meet(agent_id="30000000002", name="Ng, Bo", email="bo@intranet")
    return people


TEXTS = ("Kavya Alsayed", "Alsayed, Kavya", "kavya@corp-mail.example", "k.als77", "stranger@elsewhere.example")


@pytest.mark.parametrize(
    "joined",
    ["KavyaAlsayed", "kavyaalsayed", "AlsayedKavya", "kavya_alsayed", "KAVYA-ALSAYED", "report-KavyaAlsayed2.csv"],
)
def test_joined_names(joined: str) -> None:
    """A name without its blank is a name, also within file names."""
    shown = somebody().without(f"see {joined} today").lower()
    assert "kavya" not in shown
    assert "alsayed" not in shown
    assert shown.startswith("see ")


@pytest.mark.parametrize(
    "spelt", ["Jo\u0308rg Mu\u0308ller", "Jorg Muller", "jorg.muller", "JORGMULLER", "Muller, Jorg", "mu\u0308ller"]
)
def test_accents(spelt: str) -> None:
    """A name without its accents, or with separate ones, is a name."""
    people = somebody()
    people.meet("J\xf6rg", "M\xfcller", agent_id="30000000004", name="J\xf6rg M\xfcller")
    people.meet("J\xe4n", "\u5c71\u7530", agent_id="30000000005", name="J\xe4n \u5c71\u7530")
    assert spelt.lower()[-3:] not in people.without(f"see {spelt} today").lower()
    assert people.without("on Jan 3") == "on Jan 3"


@pytest.mark.parametrize("text", TEXTS)
def test_names_and_addresses_in_codes(text: str) -> None:
    """A name or address in base64 or hex is replaced within it. It may be alone or among other words."""
    for whole in (text, f"user={text};role=agent"):
        raw = whole.encode()
        for code in (
            base64.b64encode(raw).decode(),
            base64.urlsafe_b64encode(raw).decode(),
            raw.hex(),
            raw.hex().upper(),
        ):
            shown = somebody().without(f"cookie {code} end")
            assert code.rstrip("=") not in shown
            assert shown.startswith("cookie ")
            assert shown.endswith(" end")


@pytest.mark.parametrize("text", TEXTS)
def test_names_and_addresses_in_escapes(text: str) -> None:
    """A name or an address in escapes within escapes is replaced."""
    numbered = "".join(one if one.isalnum() else f"&#{ord(one)};" for one in text)
    for spelt in (
        quote(quote(text, safe=""), safe=""),
        numbered,
        html.escape(numbered),
        json.dumps("".join(f"\\u{ord(one):04x}" for one in text))[1:-1],
        json.dumps({"m": json.dumps({"to": text})}),
    ):
        shown = somebody().without(f"<{spelt}>")
        assert spelt not in shown
        assert text not in shown


def test_an_address_without_a_dot() -> None:
    """An address at an internal host is an address. It may be a field, in a text, or in another field's text."""
    people = somebody()
    assert "bo@" not in people.without("mail bo@intranet now")
    meet_all(people, {"agents": [{"agentId": "30000000003", "email": "guest@intranet"}]})
    for text in ("mail guest@intranet now", "guest%40intranet", '{"to":"guest@intranet"}', "<GUEST@INTRANET>"):
        assert "guest" not in people.without(text).lower()
    assert people.own("bo@intranet").endswith("@anonymized.invalid")


def test_addresses_in_bodies() -> None:
    """A body keeps no address. It may be in a list, in a sentence, a key, or JSON in a text."""
    body = json.dumps(
        {
            "agents": [{"agentId": "30000000001", "emails": ["kavya@corp-mail.example", "two@corp"]}],
            "message": "sent to <third@corp-mail.example>, mailto:fourth@corp.example?cc=fifth%40corp.example",
            "sixth@corp.example": {"raw": json.dumps({"to": "seventh@corp.example"})},
            "address1": "12 High Street",
        }
    )
    people, tree = somebody(), parsed(body)
    meet_all(people, tree)
    shown = without_people(people, body, tree)
    for word in ("kavya@", "two@", "third@", "fourth@", "fifth", "sixth", "seventh", "High Street", "corp"):
        assert word not in shown, word
    assert "30000000001" in shown


def test_what_names_nobody_stays() -> None:
    """What names no person is kept exactly. Such are ids, codes, addresses of servers and ordinary words."""
    for text in (
        "30000000001",
        "5d2c4f1e-9b3a-4c5d-8e7f-001122334455",
        "/api/v2/agents/states?agentIds=30000000001%2C30000000003&state=Not%20Ready",
        base64.b64encode(b"nothing to see, 100%").decode(),
        b"nothing to see here".hex(),
        "https://api.example.com/a?b=c&amp;d=e \\n \\u0041",
        "a bone, knowledge, boring",
    ):
        assert somebody().without(text) == text
