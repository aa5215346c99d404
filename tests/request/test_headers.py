"""Ordinary headers of a request stay readable. Others may hold a secret."""

from __future__ import annotations

import pytest

from cxone_rollcall.redaction.secrets import Secrets
from cxone_rollcall.request import question_of, read, secrets_of

STATES = "/api/v2/agents/states?agentIds=30000000002"
ORDINARY = (
    ("accept", "application/json"),
    ("Accept", "application/json, text/plain, */*"),
    ("Accept-Language", "en-US,en;q=0.9"),
    ("Content-Type", "application/json; charset=utf-8"),
    ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64)"),
    ("Origin", "https://cxone.niceincontact.com"),
    ("Referer", "https://cxone.niceincontact.com/agent/home-page"),
    ("X-Requested-With", "XMLHttpRequest"),
    ("Cache-Control", "max-age=0"),
    ("Accept-Charset", "utf-8"),
    ("Pragma", "no-cache"),
    ("DNT", "1"),
    ("Priority", "u=1, i"),
    ("Sec-Fetch-Dest", "empty"),
    ("Sec-Fetch-Mode", "no-cors"),
    ("Sec-Fetch-Site", "same-origin"),
    ("sec-ch-ua", '"Chromium";v="130", "Not?A_Brand";v="99"'),
    ("sec-ch-ua-platform", '"Linux"'),
)
SECRETS = (
    ("X-Odd", "application/octet-stream"),
    ("Cookie", "sid=mK7s3cret"),
    ("Referer", "https://cxone.niceincontact.com/?t=mK7s3cret"),
    ("Referer", "https://cxone.niceincontact.com/mK7s3cret"),
    ("Referer", "https://cxone.niceincontact.com/#mK7s3cret"),
    ("Origin", "https://me:mK7s3cret@cxone.niceincontact.com"),
    ("Accept", "eyJhbGciOiJub25lIn0.eyJrZXkiOiJtSzdzaWduZWQ3S20ifQ.bUs3c2lnbmF0dXJlN0tt"),
)
FORMS = {
    "curl": "curl 'https://api-na1.niceincontact.com{path}' -H '{name}: {value}'",
    "curl, sent twice": "curl 'https://api-na1.niceincontact.com{path}' -H '{name}: {value}' -H '{name}: x'",
    "message": "GET https://api-na1.niceincontact.com{path} HTTP/1.1\n{name}: {value}\n",
    "message without blanks": "GET https://api-na1.niceincontact.com{path} HTTP/1.1\n{name}:{value}\n",
}


def shown(form: str, name: str, value: str) -> str:
    """A header's value as the output of its request shows it."""
    text = FORMS[form].format(path=STATES, name=name, value=value)
    secrets = Secrets()
    for secret in secrets_of(question_of(read(text.encode())).request):
        secrets.keep(secret)
    return secrets.redact(f"{name}: {value}")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("name", "value"), ORDINARY)
def test_an_ordinary_header_is_readable(form: str, name: str, value: str) -> None:
    """Headers that every browser sends are shown unchanged. This holds for each form of a request."""
    assert shown(form, name, value) == f"{name}: {value}"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("name", "value"), SECRETS)
def test_another_header_is_hidden(form: str, name: str, value: str) -> None:
    """A header that may hold a secret is hidden. This holds if the request has two headers of that name, too."""
    assert value not in shown(form, name, value)
    assert "mK7s3cret" not in shown(form, name, value)


def test_a_header_whose_last_value_is_unknown_is_left_out() -> None:
    """The last value of a header counts. If that is a variable, the header is not sent."""
    text = f"curl 'https://api-na1.niceincontact.com{STATES}' -H 'X-Team: blue' -H 'x-team: $TEAM'"
    asked = read(text.encode())
    assert (asked.headers, asked.remarks) == ((), ("the header x-team holds a variable: left out",))


def test_the_paths_of_the_api_are_readable() -> None:
    """No part of the API's own paths is hidden. A long part before them is."""
    for path in (STATES, "/incontactapi/services/v34.0/agents/states?top=100&skip=0"):
        asked = question_of(read(f"curl 'https://api-na1.niceincontact.com{path}'".encode()))
        assert list(secrets_of(asked.request)) == []
        asked = question_of(read(f"curl 'https://api-na1.niceincontact.com/mK7s3cret{path}'".encode()))
        assert {one.reveal() for one in secrets_of(asked.request)} == {"mK7s3cret"}
