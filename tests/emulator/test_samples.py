"""The emulator answers the samples of each contract.

Status, names and types agree. The emulator's own credentials, tokens and ids replace those of the sample.
"""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from tests.emulator.logins import BACK, LOGINS, VERIFIER
from tests.support.thorough import sampled

from cxone_rollcall.emulator import Readings
from cxone_rollcall.emulator.readings import list_readings

Visit = Any  # the fixture of conftest.py, which import-mode importlib does not let a test import
Visitor = Any

SAMPLES = {
    f"{path.parent.name}/{path.stem}": json.loads(path.read_bytes())
    for path in sorted((Path(__file__).parents[1] / "contracts" / "samples").glob("*/*.json"))
}
NOW = 1_795_339_800.0
"""2026-11-22T09:30:00Z, the moment of the samples."""

TENANTS: Mapping[str, dict[str, Any]] = {
    "v2/roster-end": {"agents": 100},
    "v2/states-scope-missing": {"scopes": ("agent:read",)},
    "v2/states-throttled": {"rate": 1},
    "incontact/discovery-tenant-needed": {"tenant_needed": True},
    "incontact/token-client-refused-camel-case": {"spelling": "errorDescription"},
    "incontact/token-client-refused-mixed-case": {"spelling": "error_Description"},
    "incontact/token-key-refused-camel-case": {"spelling": "errorDescription"},
    "incontact/token-key-refused-mixed-case": {"spelling": "error_Description"},
    "incontact/roster-page-relative": {"next_link": "relative"},
    "incontact/roster-last-page": {"agents": 4},
    "incontact/roster-last-page-without-next": {"agents": 4, "last_link": "absent"},
    "incontact/roster-followed": {"agents": 4},
    "incontact/roster-followed-by-a-path": {"agents": 4, "next_link": "relative"},
    "incontact/roster-page-total": {"total_records": "page"},
    "incontact/roster-old-names": {"shape": "v23"},
    "incontact/roster-wrapped": {"result_set": True},
    "incontact/roster-restricted": {"agents": 40, "hidden_teams": ("101",)},
    "incontact/roster-nobody": {"agents": 0},
    "incontact/roster-nobody-listed": {"agents": 0, "no_agents": "200"},
    "incontact/roster-conflict": {"scopes": (), "no_permission": "409"},
    "incontact/roster-forbidden": {"scopes": (), "spelling": "errorDescription"},
    "incontact/roster-of-another-version": {"newest": 23},
    "incontact/states": {"agents": 40},
    "incontact/states-old-shape": {"shape": "v23"},
    "incontact/states-wrapped": {"agents": 40, "result_set": True},
    "incontact/states-old-shape-wrapped": {"shape": "v23", "result_set": True},
    "incontact/states-delta-no-content": {"no_states": "204"},
    "incontact/states-delta-no-body": {"no_states": "empty"},
    "incontact/states-nobody": {"agents": 0},
    "incontact/states-conflict": {"scopes": (), "no_permission": "409", "spelling": "error_Description"},
    "incontact/states-reason-in-a-header": {"scopes": (), "errors": "html"},
    "incontact/states-reason-without-a-body": {"scopes": (), "errors": "empty"},
    "incontact/states-throttled": {"rate": 1},
}
"""The tenant of a sample: settings and readings. The usual one if it is not listed."""

NOT_ASKED: Mapping[str, str] = {
    "v2/roster-ids-alone": "a healthy tenant counts its agents",
    "v2/states-elsewhere": "rows under another key are a fault",
    "v2/states-no-content": "a healthy tenant answers an empty list",
    "v2/states-reason-in-a-header": "it takes any id, and gives its reasons in the body",
    "v2/states-sign-in-page": "a page in place of the API is a fault",
    "v2/token-bare": "a healthy tenant says how long a token lives",
    "v2/token-grant-refused": "it serves the password grant",
}
"""The samples that the emulator cannot be asked, and why."""

WITHOUT_ACCEPT = "incontact/states-not-rendered"
ENDED_TOKEN = "incontact/states-token-refused"
IDS = {"30000000001": "Available", "30000000002": "Break", "1002": "Break"}
"""The samples' ids that are agents, with their states. 30000000003 is logged out."""


async def own_values(visitor: Visitor, contract: str, asks: str) -> dict[str, str]:
    """Return what the emulator has in place of what the samples compose."""
    of, truth = visitor.emulator.credentials, visitor.emulator.truth()
    own = {
        "composed-client": of.client_id,
        "composed secret=%+": of.client_secret,
        "COMPOSED-KEY": of.access_key_id,
        "composed/key=secret": of.access_key_secret,
        "00000000-0000-4000-8000-00000000000a": visitor.emulator.tenant.tenant_id,
        **{one: next((who.agent_id for who in truth if who.state == state), one) for one, state in IDS.items()},
        "30000000003": next((who.agent_id for who in truth if who.state is None), "30000000003"),
        "composed-verifier-composed-verifier-composed-v": VERIFIER,
        "http://127.0.0.1:8765/callback": BACK,
    }
    login = next(one for one in LOGINS if one.contract == contract)
    if asks == "code":
        own["composed code"] = await login.code(visitor)
    if asks == "renewal":
        key = {"accessKeyId": of.access_key_id, "accessKeySecret": of.access_key_secret}
        hub = await visitor.ask("POST", "/authentication/v1/token/access-key", json=key)
        given = await login.redeem(visitor, await login.code(visitor))
        own["composed+refresh=token"] = given.json["refresh_token"]
        own["composed+hub-refresh=token"] = hub.json["refresh_token"] if hub.status == 200 else ""
    return own


async def ask(visitor: Visitor, name: str) -> Any:
    """Ask what a sample asks."""
    sample = SAMPLES[name]
    contract, request = name.partition("/")[0], sample["request"]
    visitor.token = await token(visitor, contract)
    own = await own_values(visitor, contract, next(iter(sample["asks"])))
    target = re.sub(r"[\w-]+", lambda word: own.get(word[0], word[0]), request["target"])
    more: dict[str, Any] = {}
    if "form" in request:
        pairs = parse_qsl(request["form"], strict_parsing=True)
        more["data"] = urlencode([(field, own.get(value, value)) for field, value in pairs])
        more["headers"] = {"Content-Type": "application/x-www-form-urlencoded"}
    if "json" in request:
        more["json"] = {field: own.get(value, value) for field, value in request["json"].items()}
    if "headers" in request:
        basic = base64.b64decode(request["headers"]["Authorization"].removeprefix("Basic ")).decode()
        pair = ":".join(own.get(one, one) for one in basic.split(":"))
        more["headers"] |= {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
    if name == WITHOUT_ACCEPT:
        more["skip_auto_headers"] = ["Accept"]
    if request["method"] == "POST" or name == ENDED_TOKEN:
        more["token"] = "" if request["method"] == "POST" else "ended"
    return await visitor.ask(request["method"], target, **more)


async def token(visitor: Visitor, contract: str) -> str:
    """Return a token of the API."""
    of = visitor.emulator.credentials
    form = {"grant_type": "password", "username": of.access_key_id, "password": of.access_key_secret}
    client = {"client_id": of.client_id, "client_secret": of.client_secret}
    path = "/oauth/token" if contract == "v2" else "/auth/token"
    given: str = (await visitor.ask("POST", path, data={**form, **client}, token="")).json["access_token"]
    return given


def differences(sample: Any, emulated: Any, at: str = "") -> Iterator[str]:
    """Yield where two values differ in names and types. Rows are compared together, column by column."""
    if isinstance(sample, dict) and isinstance(emulated, dict):
        if sample.keys() != emulated.keys():
            yield f"{at}: {sorted(sample.keys() ^ emulated.keys())} stand on one side alone"
        for name in sample.keys() & emulated.keys():
            yield from differences(sample[name], emulated[name], f"{at}/{name}")
    elif isinstance(sample, list) and isinstance(emulated, list):
        if bool(sample) != bool(emulated):
            yield f"{at}: {len(sample)} rows, and {len(emulated)} of the emulator"
        elif sample and all(isinstance(row, dict) for row in (*sample, *emulated)):
            theirs, ours = columns(sample), columns(emulated)
            if theirs.keys() != ours.keys():
                yield f"{at}: {sorted(theirs.keys() ^ ours.keys())} are in the rows of one side alone"
            for name in theirs.keys() & ours.keys():
                if theirs[name] and ours[name] and theirs[name] != ours[name]:  # some columns may be null throughout
                    yield f"{at}/*/{name}: {theirs[name]}, and {ours[name]} of the emulator"
        elif set(map(kind, sample)) != set(map(kind, emulated)):
            yield f"{at}: {sample}, and {emulated} of the emulator"
    elif kind(sample) != kind(emulated):
        yield f"{at}: {sample!r}, and {emulated!r} of the emulator"


def columns(rows: list[dict[str, Any]]) -> dict[str, set[str]]:
    """Return the names in rows with their types, without null."""
    names = {name for row in rows for name in row}
    return {name: {kind(row[name]) for row in rows if row.get(name) is not None} for name in names}


def kind(value: Any) -> str:
    """The type of a JSON value. Of a text, also whether it is a URL or a path."""
    if isinstance(value, str):
        return "URL" if re.match("https?://", value) else "path" if value.startswith("/") else "text"
    return type(value).__name__


def body(text: str) -> Any:
    """Return a body as JSON, else a description of it."""
    try:
        return json.loads(text)
    except ValueError:
        return ("a page",) if text.startswith("<") else (text,)


async def compared(visit: Visit, name: str) -> list[str]:
    """Ask a sample of the emulator; return how the answer differs."""
    readings = {reading.name for reading in list_readings()}
    of = TENANTS.get(name, {})
    settings = {one: value for one, value in of.items() if one not in readings}
    whole = Readings(**{one: value for one, value in of.items() if one in readings})
    contract = name.partition("/")[0]
    async with visit(contracts=(contract,), log_in=False, now=lambda: NOW, readings=whole, **settings) as visitor:
        reply = await ask(visitor, name)
    answer = SAMPLES[name]["answer"]
    wanted = answer["body"] if "body" in answer else body(answer["text"])
    found = list(differences(wanted, body(reply.body.decode())))
    if reply.status != answer["status"]:
        found.append(f"status {answer['status']}, and {reply.status} of the emulator")
    found += [f"no header {one}" for one in answer["headers"] if one not in reply.headers]
    media = (answer["headers"].get("content-type", ""), reply.headers.get("content-type", ""))
    return found if not media[0] or media[0] == media[1] else [*found, f"{media[0]}, and {media[1]} of the emulator"]


@pytest.mark.parametrize("name", sampled([name for name in SAMPLES if name not in NOT_ASKED], every=3))
async def test_emulator_and_sample_agree(visit: Visit, name: str) -> None:
    """The emulator's response has the sample's status, names and types."""
    assert await compared(visit, name) == []


@pytest.mark.parametrize("name", NOT_ASKED)
async def test_a_sample_that_is_left_out(visit: Visit, name: str) -> None:
    """A sample is left out only if an equivalent one is tested."""
    assert await compared(visit, name) != []


def test_every_tenant_is_of_a_tested_sample() -> None:
    """Each tenant described belongs to a tested sample."""
    assert set(TENANTS) <= set(SAMPLES) - set(NOT_ASKED)
