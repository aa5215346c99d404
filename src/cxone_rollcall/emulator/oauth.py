"""OAuth for both contracts (RFC 6749, 6750): errors, forms, and the check of a token."""

import base64
from collections.abc import Iterable
from secrets import compare_digest
from urllib.parse import parse_qsl

from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.wire import Answer, Call, answer_json, problem

_FORM = "application/x-www-form-urlencoded"


def refusal(status: int, error: str, description: str) -> Answer:
    """Return an error of the token endpoint."""
    return answer_json(status, {"error": error, "error_description": description})


def turn_away(call: Call, faults: Iterable[Fault], scope: str | None) -> Answer | None:
    """Return the refusal of a call without a valid token, or without the scope if one is needed; None lets it in."""
    kind, _, token = call.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        return problem(401, "An access token is needed.").with_header("WWW-Authenticate", "Bearer")
    grant = call.tenant.grants.get(token.strip())
    if (
        grant is None
        or grant.contract != call.contract
        or call.tenant.now() >= grant.issued_at + grant.life
        or not all(fault.honours(call, grant) for fault in faults)
    ):
        refused = problem(401, "The access token is unknown, expired or revoked.")
        return refused.with_header("WWW-Authenticate", 'Bearer error="invalid_token"')
    if scope is not None and scope not in grant.scopes:
        refused = problem(403, "The access token does not permit this request.")
        return refused.with_header("WWW-Authenticate", 'Bearer error="insufficient_scope"')
    return None


def base64url(data: bytes) -> bytes:
    """Return bytes in base64url without padding, as in a JWT."""
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def read_form(call: Call) -> dict[str, str]:
    """Return the form of a token request; ValueError explains what is wrong with it."""
    if call.headers.get("Content-Type", "").partition(";")[0].strip().lower() != _FORM:
        raise ValueError(f"The body must be {_FORM}.")
    try:
        pairs = parse_qsl(call.body.decode("utf-8"), keep_blank_values=True, strict_parsing=True, errors="strict")
    except ValueError as unreadable:
        raise ValueError("The body is not a form that can be read.") from unreadable
    form = dict(pairs)
    if len(form) < len(pairs):
        raise ValueError("A parameter is given twice.")
    if not form.get("grant_type"):
        raise ValueError("The parameter grant_type is missing.")
    return form


def same(given: tuple[str, str], wanted: tuple[str, str]) -> bool:
    """Whether a name and its secret are correct."""
    return all(compare_digest(one.encode(), other.encode()) for one, other in zip(given, wanted, strict=True))
