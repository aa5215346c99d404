"""OAuth for both contracts: errors, and checking and issuing tokens. Sources: RFC 6749, RFC 6750."""

import base64
from collections.abc import Callable, Iterable, Mapping
from secrets import compare_digest

from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.tenant import Grant
from cxone_rollcall.emulator.wire import Answer, Call, answer_json, problem


def refusal(status: int, error: str, description: str) -> Answer:
    """Return an error of the token endpoint."""
    return answer_json(status, {"error": error, "error_description": description})


def turn_away(call: Call, faults: Iterable[Fault], scope: str | None) -> Answer | None:
    """The refusal of a call without a valid token; None accepts it.

    A token without `scope`, if one is needed, is refused too.
    """
    kind, token = call.authorization
    if kind != "bearer" or not token:
        return problem(401, "An access token is needed.").with_header("WWW-Authenticate", "Bearer")
    grant = call.tenant.grants.get(token)
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


def issue(
    call: Call, faults: Iterable[Fault], grant: Grant, respond: Callable[[Grant], Mapping[str, object]]
) -> Mapping[str, object]:
    """Issue a token, as the faults leave it. Returns the token endpoint's response, which `respond` makes."""
    for fault in faults:
        grant = fault.grant(call, grant)
    answer = respond(grant)
    for fault in faults:
        answer = fault.token(call, answer)
    call.tenant.grants[str(answer["access_token"])] = grant
    return answer


def base64url(data: bytes) -> bytes:
    """Return bytes in base64url without padding, as in a JWT."""
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def same(given: tuple[str, str], wanted: tuple[str, str]) -> bool:
    """Whether a name and its secret are correct. Texts from JSON may have lone surrogates."""
    pairs = zip(given, wanted, strict=True)
    return all(compare_digest(one.encode("utf-8", "surrogatepass"), other.encode()) for one, other in pairs)
