"""Composed requests and answers, one a file, which everybody who speaks the contract must agree on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from rollcall.contracts.base import UnusableAnswer
from rollcall.contracts.v2 import V2
from rollcall.model.credentials import Credentials
from rollcall.model.exchange import Request, Response
from rollcall.model.secret import Secret

SAMPLES = sorted((Path(__file__).parent / "samples" / "v2").glob("*.json"))
CONTRACT = V2()


def asked(asks: dict[str, Any]) -> Request:
    """Ask what a sample asks."""
    match asks:
        case {"token": of}:
            of = {name: Secret(text) if name.endswith("secret") else text for name, text in of.items()}
            return CONTRACT.token_request(Credentials(**of))
        case {"roster": of}:
            return CONTRACT.roster_request(**of)
        case {"states": of}:
            return CONTRACT.states_request(of["agent_ids"], state=of.get("state"), separator=",")
    raise AssertionError(f"what does {asks} ask?")


def read(asks: dict[str, Any], response: Response) -> dict[str, Any]:
    """Read the answer to what a sample asks, as plain values."""
    try:
        if "token" in asks:
            token = CONTRACT.read_token(response, now=1000.0)
            return {
                "access_token": token.access_token.reveal(),
                "token_type": token.token_type,
                "life": None if token.expires_at is None else token.expires_at - 1000,
                "scopes": None if token.scopes is None else sorted(token.scopes),
            }
        if "roster" in asks:
            page = CONTRACT.read_roster(response)
            agents = [{name: getattr(one, name) for name in one.__struct_fields__} for one in page.agents]
            more = {name: getattr(page, name) for name in ("total", "unnamed", "found_at", "no_content")}
            return {"agents": agents, **more}
        rows = CONTRACT.read_states(response)
        said = [[row.agent_id, row.state, row.sub_state] for row in rows.rows]
        return {"rows": said, **{name: getattr(rows, name) for name in ("unnamed", "found_at", "no_content")}}
    except UnusableAnswer as unusable:
        return {"kind": unusable.kind.value, "error": unusable.error, "detail": unusable.detail}


@pytest.mark.parametrize("path", SAMPLES, ids=[path.stem for path in SAMPLES])
def test_sample(path: Path) -> None:
    """The contract asks what the sample asks, to the byte, and reads its answer as the sample says."""
    sample = json.loads(path.read_bytes())
    request = asked(sample["asks"])
    form = request.form and [(name, one.reveal() if isinstance(one, Secret) else one) for name, one in request.form]
    sent = {"method": request.method, "target": request.target, **({"form": urlencode(form)} if form else {})}
    assert sent == sample["request"]
    answer = sample["answer"]
    body = json.dumps(answer["body"]) if "body" in answer else answer["text"]
    response = Response(status=answer["status"], headers=answer["headers"], body=body.encode())
    assert read(sample["asks"], response) == sample["read"]


def test_there_are_samples() -> None:
    """There are samples of each question."""
    assert {next(iter(json.loads(path.read_bytes())["asks"])) for path in SAMPLES} == {"token", "roster", "states"}
