"""User login in a browser: authorize page, codes, refresh tokens.

Both contracts have it, at different paths. RFC 6749, RFC 7636 (PKCE) and RFC 8252 (loopback redirects).
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from html import escape
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.oauth import base64url, same
from cxone_rollcall.emulator.settings import ContractName
from cxone_rollcall.emulator.tenant import Tenant
from cxone_rollcall.emulator.wire import Answer, Call

CODE_LIFE = 60
"""Seconds until an authorization code expires."""
USER = "key.owner@example.com"
"""The user who logs in, whatever name is typed."""
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_PAGE = f"""<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Emulated sign-in</title></head>
<body>
<h1>Emulated sign-in</h1>
<p>This is rollcall's emulator, not CXone. It accepts any user.</p>
<form method="post" action="{{action}}">
<label>User name <input name="username" value="{USER}"></label>
<button name="decision" value="allow">Sign in</button>
<button name="decision" value="deny">Cancel</button>
</form>
</body>
</html>
"""


class Code(NamedTuple):
    """What an authorization code was issued for."""

    redirect_uri: str
    challenge: str
    nonce: str
    scopes: tuple[str, ...]
    issued_at: float


class Renewal(NamedTuple):
    """A refresh token and what it was issued for. The user hub's has no client."""

    text: str
    client_id: str
    scopes: tuple[str, ...]
    issued_at: float


class Logins:
    """The logins of one tenant in one contract.

    `read_scopes` returns the scopes that a request for the page asks for; its ValueError explains wrong ones.
    """

    def __init__(self, tenant: Tenant, contract: ContractName, read_scopes: Callable[[Call], tuple[str, ...]]) -> None:
        self._tenant, self._contract, self._read_scopes = tenant, contract, read_scopes
        self._codes: dict[str, Code] = {}
        self._renewals: dict[str, Renewal] = {}
        self._given = 0

    def authorize(self, call: Call) -> Answer:
        """Return the page, or the redirect of its form."""
        wrong = _wrong_for_the_user(call)
        if wrong:
            return _html(400, f"<!DOCTYPE html><title>Sign-in failed</title><p>{escape(wrong)}</p>")
        back, error = call.parameter("redirect_uri"), _wrong_for_the_client(call)
        if error:
            return _redirect(call, back, {"error": error[0], "error_description": error[1]})
        try:
            scopes = self._read_scopes(call)
        except ValueError as refused:
            return _redirect(call, back, {"error": "invalid_scope", "error_description": str(refused)})
        if call.method == "GET":
            given = {name: values[-1] for name, values in call.query.items()}
            return _html(200, _PAGE.format(action=escape(f"{call.path}?{urlencode(given)}")))
        if b"decision=deny" in call.body:
            return _redirect(call, back, {"error": "access_denied", "error_description": "The user refused the login."})
        text = self._secret("code")
        self._codes[text] = Code(
            redirect_uri=back,
            challenge=call.parameter("code_challenge"),
            nonce=call.parameter("nonce"),
            scopes=scopes,
            issued_at=self._tenant.now(),
        )
        return _redirect(call, back, {"code": text})

    def take_code(self, text: str, redirect_uri: str, verifier: str) -> Code | None:
        """Return what a code was issued for, once. None if code or verifier is wrong, or the code expired or used."""
        code = self._codes.pop(text, None)
        if code is None or self._tenant.now() >= code.issued_at + CODE_LIFE or code.redirect_uri != redirect_uri:
            return None
        proof = base64url(hashlib.sha256(verifier.encode()).digest()).decode()
        return code if same((proof, ""), (code.challenge, "")) else None

    def take_renewal(self, call: Call, faults: Iterable[Fault], text: str, client_id: str) -> Renewal | None:
        """The refresh token to use next, or None if it is refused.

        It is refused if it is wrong, expired or another client's.
        """
        readings = self._tenant.settings.readings
        renewal = self._renewals.get(text)
        if renewal is None or renewal.client_id != client_id or not all(fault.renews(call) for fault in faults):
            return None
        if self._tenant.now() >= renewal.issued_at + readings.refresh_life:
            return None
        if not readings.refresh_rotates:
            return renewal
        del self._renewals[text]
        return self.give_renewal(client_id, renewal.scopes)

    def give_renewal(self, client_id: str, scopes: tuple[str, ...]) -> Renewal:
        """Return a new refresh token."""
        renewal = Renewal(self._secret("refresh"), client_id, scopes, self._tenant.now())
        self._renewals[renewal.text] = renewal
        return renewal

    def _secret(self, purpose: str) -> str:
        self._given += 1
        of = f"{self._tenant.tenant_id}:{self._contract}:{purpose}:{self._given}"
        return hashlib.sha256(of.encode()).hexdigest()


def _wrong_for_the_user(call: Call) -> str:
    """Return why the browser cannot be redirected, or ""."""
    if call.parameter("client_id") != call.tenant.settings.client_id:
        return "The client id is unknown."
    if call.parameter("tenantId").lower() not in {"", call.tenant.tenant_id}:
        return "The tenant id is unknown."
    try:
        back = urlsplit(call.parameter("redirect_uri"))
        host = back.hostname
    except ValueError:
        return "The redirect URI cannot be read."
    if back.scheme != "http" or host not in _LOOPBACK or back.fragment:
        return "The redirect URI must be http on a loopback address: this emulator redirects nowhere else."
    return ""


def _wrong_for_the_client(call: Call) -> tuple[str, str] | None:
    if call.parameter("response_type") != "code":
        return "unsupported_response_type", "The response type must be code."
    if call.parameter("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(call.parameter("code_challenge")):
        return "invalid_request", "A code_challenge is needed, by the method S256."
    return None


def _html(status: int, text: str) -> Answer:
    return Answer(status, text.encode(), "text/html; charset=utf-8").with_header("Cache-Control", "no-store")


def _redirect(call: Call, back: str, given: dict[str, str]) -> Answer:
    state = call.parameter("state")
    query = urlencode({**given, **({"state": state} if state else {})})
    target = f"{back}{'&' if urlsplit(back).query else '?'}{query}"
    # A line break would end the header, so it is encoded.
    target = target.replace("\r", "%0D").replace("\n", "%0A").replace("\0", "%00")
    return Answer(302, content_type="").with_header("Location", target).with_header("Cache-Control", "no-store")
