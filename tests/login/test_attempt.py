"""One attempt to log in: its values and the callback's checks."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxone_rollcall.login.attempt import (
    Attempt,
    LoginDenied,
    LoginFailed,
    NoCode,
    WrongNonce,
    WrongState,
    check_nonce,
    read_callback,
    read_pasted,
)
from cxone_rollcall.model.secret import Secret

ATTEMPT = Attempt("our-state", "our-nonce", Secret("our-verifier"))
BACK = "http://127.0.0.1:8765/callback"


def test_each_value_is_random() -> None:
    """State, nonce and verifier are random and differ. Each has 32 random bytes in 43 characters."""
    drawn = iter([b"a" * 32, b"b" * 32, b"c" * 32])
    asked = []

    def chance(count: int) -> bytes:
        asked.append(count)
        return next(drawn)

    attempt = Attempt.begin(chance)
    values = {attempt.state, attempt.nonce, attempt.verifier.reveal()}
    assert {len(one) for one in values} == {43}
    assert len(values) == 3
    assert asked == [32, 32, 32]


def test_the_challenge_is_that_of_the_rfc() -> None:
    """The challenge of the example in RFC 7636 is correct."""
    attempt = Attempt("s", "n", Secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"))
    assert attempt.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_an_attempt_shows_nothing_of_itself() -> None:
    """State, nonce and verifier are in no repr."""
    assert "our" not in repr(ATTEMPT)


def test_a_callback_of_ours_gives_its_code() -> None:
    """With our state, the code is accepted, decoded once."""
    assert read_callback(urlencode({"code": "a+b/c=%2", "state": "our-state"}), ATTEMPT) == "a+b/c=%2"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "code=abc",
        "code=abc&state=",
        "code=abc&state=theirs",
        "code=abc&state=our-stat",
        "code=abc&state=our-state&state=our-state",
        "error=access_denied",
        "error=access_denied&state=theirs",
        "code=abc&state=%ff%fe",
        "code=abc&state=\ud800",
    ],
)
def test_without_our_state_nothing_is_believed(query: str) -> None:
    """A callback with another, missing or repeated state is WrongState. Only its error is quoted."""
    with pytest.raises(WrongState) as stray:
        read_callback(query, ATTEMPT)
    error = " (error access_denied)" if "access_denied" in query else ""
    assert str(stray.value) == (
        f"the browser sent a response that does not belong to this login: its state differs{error}"
    )


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("access_denied", "cancelled"),
        ("invalid_request", "registered"),
        ("odd_one", "the tenant refused the login: odd_one"),
    ],
)
def test_an_error_of_the_tenant_is_reported(error: str, words: str) -> None:
    """The tenant's message is quoted in one line."""
    query = urlencode({"error": error, "error_description": "said\r\n\x1b[31mso", "state": "our-state"})
    with pytest.raises(LoginDenied, match="said") as denied:
        read_callback(query, ATTEMPT)
    assert words in str(denied.value)
    assert str(denied.value).isprintable()
    assert denied.value.error == error


def test_an_error_may_have_no_description() -> None:
    """Without a description nothing follows the error."""
    with pytest.raises(LoginDenied, match=r": odd_one$"):
        read_callback("state=our-state&error=odd_one", ATTEMPT)


def test_a_long_error_is_cut() -> None:
    """160 characters of an error are quoted. Dots stand for the rest."""
    assert LoginDenied("e" * 160).error == "e" * 160
    assert LoginDenied("e" * 161).error == "e" * 160 + "..."


@pytest.mark.parametrize("query", ["state=our-state", "state=our-state&code=", "state=our-state&code=a&code=b"])
def test_our_state_without_one_code_is_no_code(query: str) -> None:
    """A callback must have exactly one code."""
    with pytest.raises(NoCode, match="the response belongs to this login but has no code"):
        read_callback(query, ATTEMPT)


@pytest.mark.parametrize(
    "text",
    [
        "the-code%3D",
        "  the-code%3D\n",
        '"the-code="',
        f"{BACK}?code=the-code%3D&state=our-state",
        f"<{BACK}?state=our-state&code=the-code%3D#top>",
        "127.0.0.1:8765/callback?state=our-state&code=the-code%3D",
        "?state=our-state&code=the-code%3D",
        "code=the-code%3D&state=our-state",
    ],
)
def test_a_code_is_read_from_any_paste(text: str) -> None:
    """A pasted code, redirect address or query gives the code."""
    assert read_pasted(text, ATTEMPT) == "the-code="


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        (f"{BACK}?code=the-code&state=theirs", WrongState, "belong"),
        (f"{BACK}?code=the-code", WrongState, "belong"),
        (f"{BACK}?error=access_denied&state=our-state", LoginDenied, "cancelled"),
        (BACK, NoCode, "has no code"),
        ("https://tenant/authorize?state=our-state&code_challenge=x&nonce=y", NoCode, "address to open"),
        ("y", NoCode, "neither"),
        ("two words", NoCode, "neither"),
        ("pass\x1bword", NoCode, "neither"),
        ("", NoCode, "neither"),
    ],
)
def test_each_wrong_paste_has_its_message(text: str, kind: type[LoginFailed], words: str) -> None:
    """Each kind of wrong paste has its own message. It does not quote the text."""
    with pytest.raises(kind, match=words) as failed:
        read_pasted(text, ATTEMPT)
    assert "the-code" not in str(failed.value)


@given(st.text())
def test_any_paste_is_a_code_or_a_failed_login(text: str) -> None:
    """Any pasted text gives a code or one of our errors."""
    try:
        assert read_pasted(text, ATTEMPT)
    except LoginFailed as failed:
        assert str(failed)


def test_an_id_token_carries_our_nonce() -> None:
    """An id token is accepted with our nonce. A response without an id token is accepted, too."""
    check_nonce({"nonce": "our-nonce", "sub": "x"}, ATTEMPT)
    check_nonce({}, ATTEMPT)


@pytest.mark.parametrize("claims", [{"nonce": "theirs"}, {"sub": "x"}, {"nonce": None}, {"nonce": 7}, {"nonce": ""}])
def test_an_id_token_with_another_nonce_is_refused(claims: dict[str, object]) -> None:
    """An id token without our nonce is refused."""
    with pytest.raises(WrongNonce, match="the login was not stored"):
        check_nonce(claims, ATTEMPT)


@pytest.mark.parametrize(("claims", "seen"), [({"sub": "x"}, "missing"), ({"nonce": "theirs"}, "different")])
def test_a_missing_nonce_is_told_from_another(claims: dict[str, object], seen: str) -> None:
    """A refused id token has no nonce, or another one."""
    with pytest.raises(WrongNonce, match=f"its nonce is {seen}"):
        check_nonce(claims, ATTEMPT)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("access_denied", "may not use the application"),
        ("invalid_request", "redirect address is not registered"),
        ("unauthorized_client", "grant authorization_code"),
        ("unsupported_response_type", "grant authorization_code"),
        ("invalid_scope", "requested scopes"),
        ("server_error", "try again"),
        ("temporarily_unavailable", "try again later"),
        ("login_required", "sign in first"),
        ("another_error", "the tenant refused the login"),
    ],
)
def test_each_error_of_a_tenant_has_its_words(error: str, words: str) -> None:
    """Each error of RFC 6749 has its words, and is named. Without a description nothing follows."""
    denied = LoginDenied(error)
    assert denied.error == error
    assert words in str(denied)
    assert str(denied).endswith(f": {error}")
    assert str(LoginDenied(error, "No way.")).endswith(f": {error} (No way)")


def test_a_long_text_of_a_tenant_is_cut() -> None:
    """Up to 160 characters are quoted whole. Dots show that a longer text was cut."""
    fits = f"a {'x' * 158}"
    assert LoginDenied(f"\x1b{fits}\n").error == fits
    assert LoginDenied(f"{fits}x").error == f"{fits}..."
    assert str(LoginDenied("odd", fits)).endswith(f": odd ({fits})")
    assert str(LoginDenied("odd", f"{fits}x.\n")).endswith(f": odd ({fits}...)")


def test_the_challenge_is_the_hash_without_padding() -> None:
    """S256 is the SHA-256 of the verifier in base64url, unpadded."""
    digest = base64.urlsafe_b64decode(ATTEMPT.challenge + "=")
    assert digest == hashlib.sha256(b"our-verifier").digest()
