"""Sample requests and responses, on which client and emulator must agree. Each is a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
from tests.contracts.asking import ASK, NOW
from tests.contracts.playing import shown

from cxone_rollcall.contracts.protocol import UnusableAnswer
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.token import Token

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*/*.json"))
QUESTIONS = {
    "v2": {"token", "renewal", "code", "roster", "states"},
    "incontact": {"discovery", "token", "renewal", "code", "roster", "links", "states", "state"},
}


def sent(request: Request) -> dict[str, Any]:
    """Return the request as sent, without host and common headers."""
    line: dict[str, Any] = {"method": request.method, "target": request.target}
    if request.form is not None:
        form = shown(request.form)
        line |= {"json": form} if request.as_json else {"form": urlencode(form)}
    return {**line, "headers": shown(request.headers)} if request.headers else line


def told(value: Any) -> Any:
    """Return what was read as plain values, without defaults."""
    if isinstance(value, Token):
        life = None if value.expires_at is None else value.expires_at - NOW
        return {**_fields(value, "granted_at", "expires_at"), **({} if life is None else {"life": life})}
    if isinstance(value, msgspec.Struct):
        return _fields(value)
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, Mapping):
        return {name: told(one) for name, one in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    return [told(one) for one in value] if isinstance(value, tuple) else value


def _fields(value: Any, *without: str) -> dict[str, Any]:
    names, defaults = value.__struct_fields__, value.__struct_defaults__
    usual = dict(zip(reversed(names), reversed(defaults), strict=False))
    named = {name: getattr(value, name) for name in names if name not in without}
    return {name: told(one) for name, one in named.items() if one not in (usual.get(name, msgspec.NODEFAULT), {})}


@pytest.mark.parametrize("path", SAMPLES, ids=[f"{path.parent.name}-{path.stem}" for path in SAMPLES])
def test_client_and_sample_agree(path: Path) -> None:
    """The contract sends exactly the sample's request and reads its answer."""
    sample = json.loads(path.read_bytes())
    question = ASK[path.parent.name](sample["asks"])
    assert sent(question.request) == sample["request"]
    answer = sample["answer"]
    body = json.dumps(answer["body"]) if "body" in answer else answer["text"]
    response = Response(status=answer["status"], headers=answer["headers"], body=body.encode())
    try:
        read = told(question.read(response))
    except UnusableAnswer as unusable:
        read = {"kind": unusable.kind.value, "error": unusable.error, "detail": unusable.detail}
    assert read == sample["read"]


@pytest.mark.parametrize("contract", ASK)
def test_there_are_samples(contract: str) -> None:
    """There are samples of each question of each contract."""
    asks = (json.loads(path.read_bytes())["asks"] for path in SAMPLES if path.parent.name == contract)
    assert {name for one in asks for name in one} == QUESTIONS[contract]
