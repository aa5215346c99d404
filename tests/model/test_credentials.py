"""Credentials that cannot work are refused when they are made."""

from __future__ import annotations

from typing import Any

import pytest

from cxone_rollcall import Credentials, Secret, SettingError

CLIENT: dict[str, Any] = {"client_id": "id", "client_secret": Secret("s")}
KEY: dict[str, Any] = {"access_key_id": "key", "access_key_secret": Secret("k")}


@pytest.mark.parametrize(
    "given",
    [
        CLIENT,
        {"grant_type": "password", **KEY},
        {"grant_type": "password", **KEY, "client_id": "public"},
        {"grant_type": "password", **KEY, **CLIENT},
        {"grant_type": "authorization_code", "client_id": "public"},
        {"grant_type": "authorization_code", **CLIENT},
    ],
)
def test_complete_credentials_are_accepted(given: dict[str, Any]) -> None:
    """Each grant takes what it needs, and an optional client."""
    assert Credentials(**given).grant_type == given.get("grant_type", "client_credentials")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "client_id, client_secret"),
        ({"client_id": "id"}, "client_secret"),
        ({"client_id": "", "client_secret": Secret("s")}, "client_id"),
        (KEY, "client_id, client_secret"),
        ({"grant_type": "password", **CLIENT}, "access_key_id, access_key_secret"),
        ({"grant_type": "password", "access_key_id": "key"}, "access_key_secret"),
        ({"grant_type": "password", **KEY, "client_secret": Secret("s")}, "client_id"),
        ({**CLIENT, "access_key_id": "key"}, "access_key_secret"),
        ({"grant_type": "authorization_code"}, "client_id"),
        ({"grant_type": "implicit", **CLIENT}, "client_credentials, password, authorization_code"),
    ],
)
def test_what_cannot_work_is_refused(given: dict[str, Any], words: str) -> None:
    """What is missing or unknown is named. Only a forgotten grant has a line to paste."""
    with pytest.raises(SettingError, match=f"{words}$") as caught:
        Credentials(**given)
    if not words.startswith("client_credentials"):
        assert caught.value.example == ('grant_type="password"  # the grant of an access key' if given is KEY else "")


def test_a_plain_text_is_no_secret() -> None:
    """A secret as plain text is refused, because logs would show it."""
    with pytest.raises(SettingError, match="client_secret must be a Secret") as caught:
        Credentials(client_id="id", client_secret="hunter2")  # type: ignore[arg-type]
    assert caught.value.example == 'client_secret=Secret(os.environ["CXONE_CLIENT_SECRET"])'
    assert "hunter2" not in str(caught.value)
