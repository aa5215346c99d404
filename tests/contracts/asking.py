"""A sample's request, as a question of each contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.contracts.playing import NOTHING, play, question_of, said

from cxone_rollcall.contracts.incontact import Incontact
from cxone_rollcall.contracts.incontact.discovery import discover
from cxone_rollcall.contracts.protocol import Question
from cxone_rollcall.contracts.v2 import V2
from cxone_rollcall.model.credentials import Credentials
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.secret import Secret

NOW = 1000.0
"""The server's time at which tokens are read."""
HOST = "https://na1.nice-incontact.com"


def ask_v2(asks: Mapping[str, Any]) -> Question[Any]:
    """Return the question of the `v2` contract."""
    contract = V2()
    match asks:
        case {"token": of}:
            return next(contract.tokens.sign_in(credentials(of), now=lambda: NOW))
        case {"code": of}:
            return next(contract.tokens.redeem(*_code(of), credentials(of), now=lambda: NOW))
        case {"renewal": of}:
            return next(contract.tokens.renew(Secret(of["refresh_token"]), credentials(of), now=lambda: NOW))
        case {"roster": of}:
            return Question(contract.roster_request(**of), contract.read_roster)
        case {"states": of}:
            request = contract.states_request(of["agent_ids"], state=of.get("state"), separator=",")
            return Question(request, contract.read_states)
    raise AssertionError(f"what does {asks} ask?")


def ask_incontact(asks: Mapping[str, Any]) -> Question[Any]:
    """Return the question of incontact, after answering its prerequisites."""
    contract = Incontact(HOST)
    match asks:
        case {"discovery": of}:
            return question_of(discover(HOST, of.get("tenant_id")), 1 if of["wanted"] == "endpoints" else 2, _host)
        case {"token": of}:
            steps = contract.tokens.sign_in(credentials(of), now=lambda: NOW)
            return question_of(steps, 4 if of.get("client_in") == "body" else 3, _host)
        case {"code": of}:
            return question_of(contract.tokens.redeem(*_code(of), credentials(of), now=lambda: NOW), 3, _host)
        case {"renewal": of}:
            who = credentials(of)
            at_hub = who.client_id is None
            if at_hub:  # which renews what it has given itself
                play(contract.tokens.sign_in(who, now=lambda: NOW), _host)
            steps = contract.tokens.renew(Secret(of["refresh_token"]), who, now=lambda: NOW)
            return question_of(steps, 1 if at_hub else 3, _host)
        case {"roster": of}:
            return Question(contract.roster_request(of["skip"], of["top"]), contract.read_roster)
        case {"links": of}:
            links = contract.next_request(of["link"], contract.roster_request(of["skip"], of["top"]))
            assert links is not None
            return Question(links, contract.read_roster)
        case {"states": of}:
            return Question(contract.states_request(of["skip"], of["top"], since=of.get("since")), contract.read_states)
        case {"state": of}:
            return Question(contract.state_request(of["agent_id"]), contract.read_states)
    raise AssertionError(f"what does {asks} ask?")


ASK: Mapping[str, Callable[[Mapping[str, Any]], Question[Any]]] = {"v2": ask_v2, "incontact": ask_incontact}
"""The contracts that there are samples of."""


def credentials(of: Mapping[str, Any]) -> Credentials:
    """Return the credentials that a sample names."""
    names = ("grant_type", "client_id", "client_secret", "access_key_id", "access_key_secret")
    named: dict[str, Any] = {name: of[name] for name in names if name in of}
    for name in named:
        if name.endswith("secret"):
            named[name] = Secret(named[name])
    return Credentials(**named)


def _code(of: Mapping[str, Any]) -> tuple[Secret, Secret, str]:
    return Secret(of["code"]), Secret(of["code_verifier"]), of["redirect_uri"]


def _host(request: Request) -> Response:
    """Answer discovery with the host itself; accept only access keys."""
    if request.target.startswith("/.well-known/cxone-configuration"):
        return said(200, {"api_endpoint": HOST, "auth_endpoint": HOST, "area": "na1"})
    if request.target.startswith("/.well-known/"):
        return NOTHING
    if request.target.startswith("/authentication/"):
        return said(200, {"access_token": "composed.hub-token", "refresh_token": "composed.hub-refresh"})
    return said(401, {"error": "invalid_client"})
