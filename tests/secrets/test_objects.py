"""Values that hold a secret never show it. They are printed, logged, copied and serialized."""

from __future__ import annotations

import copy
import dataclasses
import json
import logging
import pickle
import pprint
import traceback
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import pytest
from rich.pretty import pretty_repr
from tests.secrets.searching import found
from tests.support.scripted_client import OK, Script, said

from cxone_rollcall.client import Client
from cxone_rollcall.config.settings import Settings
from cxone_rollcall.config.sources import environment_source, pick
from cxone_rollcall.contracts.v2 import V2
from cxone_rollcall.login.attempt import Attempt
from cxone_rollcall.model.credentials import Credentials
from cxone_rollcall.model.exchange import Request
from cxone_rollcall.model.instance import Instance
from cxone_rollcall.model.login import Login
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.token import Token
from cxone_rollcall.target import Target

MARK = "mK7held0by4nObject7Km"
HELD = Secret(MARK)
REFUSED = (TypeError, AttributeError, pickle.PicklingError)
"""The exceptions of ways that a value does not support or permit."""

CREDENTIALS = Credentials(client_id="me", client_secret=HELD, access_key_id="key", access_key_secret=HELD)
SETTINGS = Settings(
    instance=Instance.parse("tenant.example"),
    contract="auto",
    grant_type="password",
    client_id="me",
    client_secret=HELD,
    access_key_id="key",
    access_key_secret=HELD,
    tenant_id=None,
    api_version=None,
    profile=None,
    ca_bundle=None,
    request_timeout=20.0,
    sources={},
    hints=(),
)


def client() -> Client:
    """Return a client that knows the credentials."""
    return Client(V2(), Script(lambda request: OK), CREDENTIALS)


HOLDERS: dict[str, Callable[[], object]] = {
    "Secret": lambda: HELD,
    "Credentials": lambda: CREDENTIALS,
    "Token": lambda: Token(access_token=HELD, refresh_token=HELD, granted_at=1.0, expires_at=None),
    "Login": lambda: Login(refresh_token=HELD, instance="i", client_id="me", contract="v2", granted_at=1.0),
    "Request": lambda: Request(
        method="POST", target="/token", purpose="a token", form=(("code", HELD),), headers=(("Authorization", HELD),)
    ),
    "Settings": lambda: SETTINGS,
    "Target": lambda: Target(base_url="", shown="", title="", credentials=CREDENTIALS, request_timeout=20.0),
    "Client": client,
    "Recorder": lambda: client().log.recorder,
    "Secrets": lambda: client().secrets,
    "redact": lambda: client().secrets.redact,
    "in a list": lambda: [HELD],
    "in a dict": lambda: {"secret": CREDENTIALS},
}


def logged(value: object) -> str:
    """A log with the value as `%s`, `%r` and the message."""
    record = logging.LogRecord("a", logging.DEBUG, __file__, 1, "%s %r", (value, value), None)
    return record.getMessage() + logging.makeLogRecord({"msg": value}).getMessage()


def in_a_traceback(value: object) -> str:
    """A traceback that shows local variables."""
    try:
        raise ValueError(value)
    except ValueError as error:
        return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())


def fields(value: object) -> str:
    """The `vars` of a value and of all that is in it."""
    inner = [vars(one) for one in vars(value).values() if hasattr(one, "__dict__")]
    return repr((vars(value), inner))


def state(value: object) -> str:
    """What a value returns for copying."""
    return repr((value.__getstate__(), value.__reduce_ex__(4)))


def as_dict(value: object) -> dict[str, object]:
    """The fields of a struct or a dataclass."""
    if isinstance(value, msgspec.Struct):
        return msgspec.structs.asdict(value)
    made: dict[str, object] = dataclasses.asdict(value)  # type: ignore[call-overload]
    return made


def replaced(value: object) -> str:
    """The repr of a copy with other fields."""
    if isinstance(value, msgspec.Struct):
        return repr(msgspec.structs.replace(value))
    return repr(dataclasses.replace(value))  # type: ignore[type-var]


WAYS: dict[str, Callable[[object], str | bytes]] = {
    "repr": repr,
    "str": str,
    "format": lambda value: f"{value}",
    "format with a width": lambda value: f"{value:>80}",
    "percent": lambda value: "%s %r %a" % (value, value, value),  # noqa: UP031  it is one of the ways
    "pprint": pprint.pformat,
    "rich": pretty_repr,
    "logging": logged,
    "traceback": in_a_traceback,
    "vars": fields,
    "asdict": lambda value: repr(as_dict(value)),
    "astuple": lambda value: repr(tuple(as_dict(value).values())),
    "replace": replaced,
    "state": state,
    "pickle": pickle.dumps,
    "pickle in text": lambda value: pickle.dumps(value, protocol=0),
    "copy": lambda value: repr(copy.copy(value)),
    "deepcopy": lambda value: repr(copy.deepcopy(value)),
    "json": json.dumps,
    "json by str": lambda value: json.dumps(value, default=str),
    "json by repr": lambda value: json.dumps(value, default=repr),
    "json by vars": lambda value: json.dumps(value, default=vars),
    "msgspec": msgspec.json.encode,
    "msgspec by str": lambda value: msgspec.json.encode(value, enc_hook=str),
    "msgpack": msgspec.msgpack.encode,
    "to_builtins": lambda value: repr(msgspec.to_builtins(value)),
}


@dataclass
class Open:
    """A value that hides nothing."""

    text: str = MARK


def shown(way: str, value: object) -> bytes:
    """The text that a way makes of a value, or the error."""
    try:
        said = WAYS[way](value)
    except REFUSED as refusal:
        said = repr(refusal)
    return said if isinstance(said, bytes) else said.encode()


@pytest.mark.parametrize("holder", HOLDERS)
def test_nothing_shows_it(holder: str) -> None:
    """No way of showing, copying or serializing a value reveals its secret."""
    showing = [way for way in WAYS if found([MARK], shown(way, HOLDERS[holder]()))]
    assert showing == []


def test_the_ways_show_values_that_hide_nothing() -> None:
    """Each way shows or refuses a value that hides nothing."""
    unable = {"json", "format with a width"}
    assert {way for way in WAYS if not found([MARK], shown(way, Open()))} == unable
    assert all(found([MARK], shown(way, [MARK])) for way in ("json", "copy", "pickle"))


@pytest.mark.parametrize("take", [copy.copy, copy.deepcopy, as_dict])
def test_a_copy_of_a_secret_is_the_secret(take: Callable[[object], object]) -> None:
    """A copy of a secret is the secret itself. So values that hold one can be copied."""
    assert copy.copy(HELD) is HELD
    taken = take(CREDENTIALS)
    assert (taken["client_secret"] if isinstance(taken, dict) else taken.client_secret) is HELD  # type: ignore[attr-defined]


async def test_what_a_client_has_learned() -> None:
    """A client with a token does not show it. Neither do its recorder and its responses."""
    answer = said(200, {"access_token": MARK, "expires_in": 3600}, **{"set-cookie": f"a={MARK}"})
    client = Client(
        V2(),
        Script(lambda request: OK, grant=lambda: answer),
        Credentials(client_id="id", client_secret=Secret("other")),
    )
    token = await client.token()
    assert token.access_token.reveal() == MARK
    assert client.secrets.redact(f"a {MARK} b") == "a *** b"
    for value in (client, client.log.recorder, client.secrets, token, client.log.exchanges):
        assert [way for way in WAYS if found([MARK], shown(way, value))] == []
    assert not found([MARK], f"{answer} {answer!r}".encode())


def test_what_settings_are_read_from(tmp_path: object) -> None:
    """Sources of settings and picked values print no value."""
    from pathlib import Path

    from cxone_rollcall.config.definitions import BY_NAME

    source = environment_source({"CXONE_CLIENT_SECRET": MARK, "CXONE_CLIENT_ID": MARK}, Path())
    for value in (source, pick(BY_NAME["client_secret"], [source])):
        assert value is not None
        for way in ("repr", "str", "format", "percent", "logging", "traceback", "pprint", "rich"):
            assert found([MARK], shown(way, value)) == [], way


def test_what_binds_a_login_is_not_printed() -> None:
    """No text of an attempt shows state, nonce or verifier."""
    attempt = Attempt(MARK, MARK, HELD)
    for way in ("repr", "str", "format", "percent", "logging", "traceback", "pprint", "rich"):
        assert found([MARK], shown(way, attempt)) == [], way
