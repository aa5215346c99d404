"""Secrets are found in every spelling. The latest tokens are kept as long as they can be echoed."""

from __future__ import annotations

import base64
import copy
import html
import json
import pickle
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from tests.support.awkward_secrets import SECRETS

from cxone_rollcall.model.secret import Secret
from cxone_rollcall.redaction.secrets import LONGEST_SECRET, MOST_COOKIES, MOST_IN_A_TEXT, MOST_TOKENS, Secrets


def spellings(secret: str) -> list[str]:
    """Return how servers echo a text, by a second author."""
    percent = [quote(secret), quote(secret, safe=""), quote_plus(secret)]
    escaped = [json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]]
    return [secret, *percent, *escaped, html.escape(secret)]


def test_lower_case_percent_encoding() -> None:
    """Percent-encoding is known in small letters too."""
    secrets = Secrets()
    secrets.learn(Secret("a/b+c"))
    assert secrets.redact("a%2fb%2bc A a%2Fb%2Bc") == "*** A ***"


@pytest.mark.parametrize("escaped", [quote, quote_plus, html.escape, lambda text: json.dumps(text)[1:-1]])
@pytest.mark.parametrize("before", ["C:\\", "5%", "5%2", "a&", "\\u00", "\\x"])
def test_an_escape_before_a_secret(before: str, escaped: Callable[[str], str]) -> None:
    """A mark before an escaped secret takes none of its letters. Read as an escape, it would."""
    secret = 'b7ac+12"e&f0'
    secrets = Secrets()
    secrets.keep(Secret(secret))
    assert secrets.redact(f"{before}{escaped(secret)} refused") == f"{before}*** refused"


def test_a_secret_within_a_secret() -> None:
    """If one secret contains another, nothing of the longer one is left."""
    for first, second in (("abcd", "abcdefgh"), ("abcdefgh", "abcd")):
        secrets = Secrets()
        secrets.learn(Secret(first))
        secrets.learn(Secret(second))
        assert secrets.redact("x abcdefgh abcd") == "x *** ***"


@pytest.mark.parametrize(
    "field",
    ["token", "access_token", "ACCESS_TOKEN", "to\u212aen", "Client\u017fecret", "accessKeySecret", "pa\u017fsword"],
)
def test_a_field_of_a_secret_is_known_in_any_letters(field: str) -> None:
    """A secret's field is recognized in any letter case."""
    redacted = Secrets().redact(f'{{"{field}": "hidden-1", "other": "shown"}} {field}=hidden-2&x=shown')
    assert "hidden" not in redacted
    assert redacted.count("shown") == 2


@pytest.mark.parametrize("secret", [*SECRETS, "1234"])
def test_a_secret_in_base64(secret: str) -> None:
    """A secret in base64 is redacted, in both alphabets. Among other bytes it is, too, unless it is short."""
    secrets = Secrets()
    secrets.learn(Secret(secret))
    raw = secret.encode()
    befores = (b"", b"id:", b"a", b"ab") if len(raw) > 7 else (b"",)
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for before in befores:
            word = encode(before + raw).decode().rstrip("=")
            assert "***" in secrets.redact(f'{{"echo": "{word}"}}')
            assert "***" in secrets.redact(f"/x?echo={quote(word, safe='')}")


def test_a_short_secret_hides_nothing() -> None:
    """A secret of three characters is not searched for."""
    secrets = Secrets()
    secrets.learn(Secret("a"))
    assert secrets.redact("a banana") == "a banana"


def of_parts(*parts: str) -> str:
    """Return a token of a real header and these parts."""
    return ".".join((base64.urlsafe_b64encode(b'{"alg":"dir","enc":"A256GCM"}').decode().rstrip("="), *parts))


@pytest.mark.parametrize(
    "token",
    [
        of_parts("c2lnbmVkLWNsYWltcw", "c2lnbmF0dXJl"),
        of_parts("c2lnbmVkLWNsYWltcw", ""),
        of_parts("ZW5jLWtleQ", "aW5pdC12ZWM", "Y2lwaGVydGV4dA", "YXV0aC10YWc"),
        of_parts("", "aW5pdC12ZWM", "Y2lwaGVydGV4dA", "YXV0aC10YWc"),
    ],
)
@pytest.mark.parametrize("frame", ["{}", "see {}, it", "a=b%20{}&c", "line\\n{}\\t", '"x-{}"', "eyJa{}", "a.b {} c.d"])
def test_tokens_that_were_not_given_to_us(token: str, frame: str) -> None:
    """Signed and encrypted tokens of others are hidden in full. The text around them stays."""
    text = Secrets().redact(frame.format(token))
    assert not [part for part in token.split(".") if part and part in text]
    before, _, after = frame.partition("{}")
    assert text == before.removeprefix("eyJa") + "***" + after


@pytest.mark.parametrize("text", ["eyJafjalla has one part", "eyJafjalla.example has two", "eyJ.a.b is too short"])
def test_what_only_begins_like_a_token(text: str) -> None:
    """A text of fewer parts, or without a header, is kept."""
    assert Secrets().redact(text) == text


def test_the_latest_tokens_are_kept() -> None:
    """A token is forgotten after `MOST_TOKENS` later ones. Using it again makes it the latest."""
    secrets = Secrets()
    for number in range(10 * MOST_TOKENS):
        secrets.learn(Secret(f"token-{number:05d}"))
        secrets.learn(Secret("the-refresh-token"))
    last = 10 * MOST_TOKENS - 1
    assert secrets.redact(f"token-{last:05d} the-refresh-token") == "*** ***"
    assert secrets.redact(f"token-{last - MOST_TOKENS + 2:05d}") == "***"
    assert secrets.redact("token-00000") == "token-00000"


def test_configured_secrets_are_kept_for_ever() -> None:
    """A configured secret stays hidden after any number of tokens."""
    secrets = Secrets()
    secrets.learn(Secret("sent-before"))
    secrets.keep(Secret("sent-before"))
    secrets.keep(Secret("configured"))
    for number in range(2 * MOST_TOKENS):
        secrets.learn(Secret(f"token-{number:05d}"))
        secrets.learn_cookie(f"session=value-of-cookie-{number:05d}")
    assert secrets.redact("sent-before configured") == "*** ***"


def test_cookies_do_not_push_out_tokens() -> None:
    """Many cookies do not displace a token; the latest are hidden."""
    secrets = Secrets()
    secrets.learn(Secret("the-token"))
    for number in range(10 * MOST_TOKENS):
        assert secrets.learn_cookie(f"session=value-of-cookie-{number:05d}; Path=/")
    assert secrets.redact(f"the-token value-of-cookie-{10 * MOST_TOKENS - MOST_COOKIES:05d}") == "*** ***"
    assert secrets.redact("value-of-cookie-00000") == "value-of-cookie-00000"


@pytest.mark.parametrize("copy", [pickle.dumps, copy.copy, copy.deepcopy])
def test_secrets_are_not_copied(copy: Callable[[object], object]) -> None:
    """Secrets leave a process by no copy."""
    with pytest.raises(TypeError):
        copy(Secrets())


COOKIES = {
    "session=0123456789abcdef": "0123456789abcdef",
    "session=0123456789abcdef; Path=/; Domain=api.example.com": "0123456789abcdef",
    'session= "0123456789abcdef" ;HttpOnly': "0123456789abcdef",
    "session=01234567=89abcdef": "01234567=89abcdef",
    "session=0123456789abcde; Path=/0123456789abcdef": None,
    "0123456789abcdef": None,
    "": None,
}
"""Cookies, and what is learned of each."""


@pytest.mark.parametrize("cookie", COOKIES)
def test_what_is_learned_of_a_cookie(cookie: str) -> None:
    """A cookie's value is hidden if it has 16 characters or more. Its name, path and host stay."""
    secrets = Secrets()
    assert secrets.learn_cookie(cookie) is (COOKIES[cookie] is not None)
    shown = secrets.redact(cookie)
    assert shown == (cookie.replace(COOKIES[cookie] or cookie, "***") if COOKIES[cookie] else cookie)


GRANTS = {
    '{"a": "0123456789abcdef", "0123456789abcdef": "0123456789abcde"}': (
        '{"a": "***", "0123456789abcdef": "0123456789abcde"}'
    ),
    '{"scope": "one two 0123456789abcde", "x": "one 0123456789abcdef"}': (
        '{"scope": "one two 0123456789abcde", "x": "***"}'
    ),
    '{"a": "01234567\\"89abcdef", "b": 1}': '{"a": "***", "b": 1}',
    '{"a": "0123456789abcdef': '{"a": "***',
    '{"a": "0123456789abcdef\\': '{"a": "***\\',
    "a=0123456789abcd&b=0123456789abc;<c>0123456789abcdef</c>": "***&b=0123456789abc;<c>***</c>",
    "[0123456789abcdef,0123456789abcdef:0123456789abcdef] {0123456789abcdef}": "[***,***:***] {***}",
    '{"access_token": "t", "token_type": "Bearer", "expires_in": 3600}': (
        '{"access_token": "***", "token_type": "Bearer", "expires_in": 3600}'
    ),
    "known-secret 0123456789": "*** 0123456789",
}
"""Bodies of token answers, and how they are shown."""


@pytest.mark.parametrize("body", GRANTS)
def test_what_is_shown_of_a_token_answer(body: str) -> None:
    """A token answer is shown without words of 16 or more characters. Keys, quotes and short words stay."""
    secrets = Secrets()
    secrets.keep(Secret("known-secret"))
    assert secrets.redact_grant(body) == GRANTS[body]


@pytest.mark.parametrize(
    ("name", "value", "shown", "granted"),
    [
        ("Authorization", "x", "***", "***"),
        ("PROXY-AUTHORIZATION", "x", "***", "***"),
        ("cookie", "x", "***", "***"),
        ("Set-Cookie", "x", "***", "***"),
        ("X-Any", Secret("shown"), "***", "***"),
        ("X-Any", "the known-secret", "the ***", "the ***"),
        ("X-Token", "x", "x", "***"),
        ("X-API-KEY", "x", "x", "***"),
        ("x-secret-of-it", "x", "x", "***"),
        ("X-Auth", "x", "x", "***"),
        ("x-cookies", "x", "x", "***"),
        ("Session-Id", "x", "x", "***"),
        ("Date", "x", "x", "x"),
    ],
)
def test_what_is_shown_of_a_header(name: str, value: str | Secret, shown: str, granted: str) -> None:
    """Headers of secrets are hidden. Those of a token answer are hidden by the words of their names, too."""
    secrets = Secrets()
    secrets.keep(Secret("known-secret"))
    assert secrets.redact_header(name, value) == shown
    assert secrets.redact_header(name, value, granted=True) == granted


FIELDS = {
    '{"token": "a", "x": "b"}': '{"token": "***", "x": "b"}',
    '{"my_token" : "a\\"b", "x": "b"}': '{"my_token" : "***", "x": "b"}',
    '{"accessKeySecret":"a","access_key_secret":"b"}': '{"accessKeySecret":"***","access_key_secret":"***"}',
    '{"client_secret":"a","clientSecret":"b"}': '{"client_secret":"***","clientSecret":"***"}',
    '{"password":"line\nbreak","x":"y"}': '{"password":"***","x":"y"}',
    '{"token": "a': '{"token": "***',
    "token=a&x=b": "token=***&x=b",
    "refresh_token=a b": "refresh_token=*** b",
    "<p>password=a</p>": "<p>password=***</p>",
    "password='a' \"password=a\"": "password='a' \"password=***\"",
    "<client_secret>a b</client_secret><x>b</x>": "<client_secret>***</client_secret><x>b</x>",
    "xpassword=a": "xpassword=a",
    '{"token": 7, "tokens": "a", "secret": "b"}': '{"token": 7, "tokens": "a", "secret": "b"}',
    "the password is a": "the password is a",
}
"""Texts with fields of secrets, and how they are shown."""


@pytest.mark.parametrize("text", FIELDS)
def test_what_is_shown_of_a_field(text: str) -> None:
    """A secret's field is hidden to its end: JSON, forms, XML. Other fields stay."""
    assert Secrets().redact(text) == FIELDS[text]


@pytest.mark.parametrize("text", ["known-secret", "KNOWN-SECRET", "Basic known-secret", " Bearer  known-secret "])
def test_the_scheme_is_no_part_of_a_secret(text: str) -> None:
    """A secret is known without the scheme before it, in any letters."""
    for hide in ("keep", "learn"):
        secrets = Secrets()
        getattr(secrets, hide)(Secret(text.strip()))
        assert secrets.redact("a known-secret Known-Secret") == "a *** ***"


def test_base64_without_its_end() -> None:
    """A secret in base64 is known without its padding, too."""
    secrets = Secrets()
    secrets.keep(Secret("c2VjcmV0LXdvcmQ=="))
    assert secrets.redact("c2VjcmV0LXdvcmQ; c2VjcmV0LXdvcmQ==") == "***; ***"


def test_secrets_side_by_side() -> None:
    """Two secrets side by side are hidden, escaped or not."""
    token = of_parts("c2lnbmVkLWNsYWltcw", "c2lnbmF0dXJl")
    secrets = Secrets()
    secrets.keep(Secret("known-secret:"))
    secrets.keep(Secret("other/secret"))
    assert secrets.redact(f"<known-secret:\\u0065{token[1:]}>") == "<******>"
    assert secrets.redact("<known-secret:other%2Fsecretother/secret>") == "<*********>"


def test_signed_tokens_of_an_answer() -> None:
    """Of the signed tokens in an answer, the first ones are learned.

    What stands before a token is no part of it."""
    tokens = [of_parts(f"Y2xhaW1z{number:04d}", "c2lnbmF0dXJl") for number in range(MOST_IN_A_TEXT + 1)]
    secrets = Secrets()
    secrets.keep(Secret("the-first"))
    secrets.learn_signed_tokens(" x-".join(["x", *tokens]))
    shown = [secrets.redact(token.encode().hex()) for token in tokens]
    assert shown[:-1] == ["***"] * MOST_IN_A_TEXT
    assert "***" not in shown[-1]


def test_the_end_of_a_shortened_text() -> None:
    """The end of a shortened text is left out.

    A secret may be cut there."""
    secrets = Secrets()
    secrets.keep(Secret("known-secret"))
    assert secrets.redact_cut("a known-secret b" + "x" * (LONGEST_SECRET - 2)) == "a ***"
    assert secrets.redact_cut("known-secret") == ""
