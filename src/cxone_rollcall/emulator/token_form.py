"""Forms at the token endpoint of either contract. Clients, access keys, codes and refresh tokens (RFC 6749)."""

import base64
import json
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, unquote_plus

from cxone_rollcall.emulator.authorize import Code, Logins, Renewal
from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.oauth import refusal, same
from cxone_rollcall.emulator.tenant import Grant
from cxone_rollcall.emulator.wire import Call

_FORM = "application/x-www-form-urlencoded"
# These grants need no client secret: a code has a PKCE verifier, and a token is secret itself.
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105  a type, not a secret
_PUBLIC = {"authorization_code", "refresh_token", EXCHANGE}


class Refused(Exception):
    """A token request is refused with `answer`."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.answer = refusal(status, error, description)


def read_form(call: Call) -> dict[str, str]:
    """Return the form of a token request, or raise Refused."""
    lenient = call.contract == "incontact" and call.tenant.settings.readings.grant_body == "any"
    try:
        if lenient and call.body.lstrip().startswith(b"{"):
            return _of_json(call.body)
        return _parsed(call, any_label=lenient)
    except ValueError as malformed:
        raise Refused(400, "invalid_request", str(malformed)) from None


def redeem(
    call: Call, faults: Iterable[Fault], form: Mapping[str, str], logins: Logins
) -> tuple[Code | None, Renewal | None]:
    """Check a form, or raise Refused. Returns its code and the next refresh token, if any."""
    of = call.tenant.settings
    if not _client_is_right(call, form):
        raise Refused(401, "invalid_client", "The client id or the client secret is wrong.")
    match form["grant_type"]:
        case "password":
            check_key(call, form.get("username"), form.get("password"), 400)
        case "authorization_code":
            given = (form.get("code", ""), form.get("redirect_uri", ""), form.get("code_verifier", ""))
            code = logins.take_code(*given)
            if code is None:
                raise Refused(400, "invalid_grant", "The code is wrong, expired or used, or its proof is.")
            return code, None
        case "refresh_token":
            return None, renew(call, faults, logins, form.get("refresh_token", ""), of.client_id, 400)
        case other if other == EXCHANGE and call.contract == "incontact":
            if form.get("subject_token_type") != ACCESS_TOKEN:
                raise Refused(400, "invalid_request", f"The subject_token_type must be {ACCESS_TOKEN}.")
            check_token(call, form.get("subject_token", ""), 400)
        case "client_credentials" if call.contract == "v2" or of.readings.client_credentials:
            pass
        case other:
            raise Refused(400, "unsupported_grant_type", f"The grant type {other!r} is not supported.")
    return None, None


def check_key(call: Call, key_id: object, secret: object, status: int) -> None:
    """Raise Refused, with this status, if the access key is wrong."""
    of = call.tenant.settings
    wanted = (of.access_key_id, of.access_key_secret)
    if not (isinstance(key_id, str) and isinstance(secret, str) and same((key_id, secret), wanted)):
        raise Refused(status, "invalid_grant", "The access key id or its secret is wrong, or was revoked.")


def check_token(call: Call, text: object, status: int) -> Grant:
    """Return what a user's token permits. Raise Refused, with this status, if it is unknown, expired or no user's."""
    grant = call.tenant.grants.get(text) if isinstance(text, str) else None
    left = 0.0 if grant is None else grant.issued_at + grant.life - call.tenant.now()
    if grant is None or left <= 0 or grant.contract != call.contract or not grant.user:
        raise Refused(status, "invalid_grant", "The token is unknown or expired, or names no user.")
    return grant


def renew(call: Call, faults: Iterable[Fault], logins: Logins, text: str, client_id: str, status: int) -> Renewal:
    """The refresh token to use after this one. Raises Refused with this status."""
    renewal = logins.take_renewal(call, faults, text, client_id)
    if renewal is None:
        raise Refused(status, "invalid_grant", "The refresh token is wrong, expired or used.")
    return renewal


def _of_json(body: bytes) -> dict[str, str]:
    """The texts of a JSON object. Some clients send one in place of a form."""
    try:
        form = json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError("The body is no JSON object that can be read.") from None
    texts = {name: value for name, value in form.items() if isinstance(value, str)}
    if not texts.get("grant_type"):
        raise ValueError("The parameter grant_type is missing.")
    return texts


def _parsed(call: Call, *, any_label: bool) -> dict[str, str]:
    """The form in the body. NICE's JavaScript SDK labels it application/json."""
    if not any_label and call.headers.get("Content-Type", "").partition(";")[0].strip().lower() != _FORM:
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


def _client_is_right(call: Call, form: Mapping[str, str]) -> bool:
    """Whether client id and secret are correct, and in the right place.

    RFC 6749, section 2.3.1: both are form-encoded inside a Basic header. Real clients of `incontact` may not do so.
    """
    of, published = call.tenant.settings, call.contract == "incontact"
    at = of.readings.client_at if published else "any"
    wanted = (of.client_id, of.client_secret)
    kind, encoded = call.authorization
    if kind == "basic":
        try:
            client_id, _, secret = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")
        except ValueError:
            return False
        decoded = (unquote_plus(client_id), unquote_plus(secret))
        return at != "body" and (same(decoded, wanted) or (published and same((client_id, secret), wanted)))
    if form["grant_type"] == "refresh_token" and published and not {"client_id", "client_secret"} & set(form):
        return of.readings.refresh_client == "optional"
    if form["grant_type"] in _PUBLIC and "client_secret" not in form:
        return form.get("client_id", "") == of.client_id
    return at != "header" and same((form.get("client_id", ""), form.get("client_secret", "")), wanted)
