"""A secret is found however a server escapes and encodes it. What only looks like one stays readable."""

import base64
import html
import json
import random
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.support.awkward_secrets import SECRETS
from tests.support.many_values import together

from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.redaction.people import People
from cxone_rollcall.redaction.secrets import Secrets
from cxone_rollcall.transport.recorder import LONGEST_KEPT, LONGEST_REDACTED, Recorder

Escape = Callable[[str], str]


def numbered(pattern: str, which: str) -> Escape:
    """A function that writes characters by their numbers.

    They are those of `which`, or all but ASCII letters and digits.
    """

    def escape(text: str) -> str:
        written = []
        for one in text:
            units = one.encode("utf-16-be") if "\\u" in pattern else ord(one).to_bytes(4, "big")
            step = 2 if "\\u" in pattern else 4
            numbers = [int.from_bytes(units[at : at + step], "big") for at in range(0, len(units), step)]
            plain = (one not in which) if which else (one.isascii() and one.isalnum())
            written.append(one if plain else "".join(pattern.format(number) for number in numbers))
        return "".join(written)

    return escape


def in_json_of(**options: bool) -> Escape:
    """Return what writes a text into a JSON string."""
    return lambda text: json.dumps(text, **options)[1:-1]  # type: ignore[arg-type]


ESCAPES: dict[str, Escape] = {
    "json": in_json_of(),
    "json, not ascii": in_json_of(ensure_ascii=False),
    "json, solidus": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "json, .net": numbered("\\u{:04X}", "\\\"'&<>+`\x7f\u00e4"),
    "json, gson": numbered("\\u{:04x}", "\\\"'&<>="),
    "json, all": numbered("\\u{:04x}", ""),
    "html": html.escape,
    "html, no quotes": lambda text: html.escape(text, quote=False),
    "html, decimal": numbered("&#{};", ""),
    "html, hex": numbered("&#x{:X};", ""),
    "html, zeros": numbered("&#x{:06x};", ""),
    "html, names": lambda text: html.escape(text).replace("+", "&plus;").replace("=", "&equals;").replace("/", "&sol;"),
    "url": lambda text: quote(text, safe=""),
    "url, small": lambda text: quote(text, safe="").replace("%2B", "%2b").replace("%2F", "%2f").replace("%3D", "%3d"),
    "url, path": quote,
    "url, form": quote_plus,
    "url, every byte": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "javascript": lambda text: "".join(f"\\x{byte:02x}" for byte in text.encode()) if text.isascii() else quote(text),
    "javascript, old": lambda text: "".join(f"%u{ord(one):04X}" if ord(one) < 0x10000 else quote(one) for one in text),
}
CODES: dict[str, Escape] = {
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64url": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "base64, behind others": lambda text: base64.b64encode(b"id:" + text.encode()).decode(),
    "hex": lambda text: text.encode().hex(),
    "HEX": lambda text: text.encode().hex().upper(),
    "hex, .net": lambda text: text.encode().hex("-").upper(),
    "hex, colons": lambda text: text.encode().hex(":"),
}
AWKWARD = [one for one in SECRETS if len(one.encode()) > 7]
AWKWARD += ["Zx9+kQ2m'Lr7/Vt3&wB==", 'a"b\\c%41\\u0041&amp;d', "%2B%25&#43;-and-more"]


def left_of(secret: str, written: str) -> str:
    """What a redacted text shows of the secret that it contains."""
    secrets = Secrets()
    secrets.keep(Secret(secret))
    return secrets.redact(f"before [{written}] after")


@together("secret", AWKWARD)
@pytest.mark.parametrize("name", ESCAPES)
def test_each_escape_of_each_secret(name: str, secret: str) -> None:
    """A secret in one escape, or twice in it, is hidden whole. The text around it stays."""
    once = ESCAPES[name](secret)
    assert left_of(secret, once) == "before [***] after"
    assert left_of(secret, ESCAPES[name](once)) == "before [***] after"


@settings(deadline=None)
@given(
    st.sampled_from(AWKWARD) | st.text("aB3+/=&%\\\"'<> -_\u00e4\u5bc6\U0001f511;#x", min_size=8, max_size=20),
    st.lists(st.sampled_from(sorted(ESCAPES)), max_size=4),
)
@example('a"quote-in-it', ["json", "json"])
@example('a"quote-in-it', ["json", "json", "json, .net", "html"])
@example('333333"\\', ["html", "html"])
@example('333333"\\', ["html", "html", "javascript"])
@example("3<\\=\\%33", ["html, names", "html", "html", "html"])
def test_escapes_within_escapes(secret: str, names: list[str]) -> None:
    """A secret in escapes within other escapes is hidden whole."""
    secret = secret.strip()
    if len(secret) < 4:
        return
    written = secret
    for name in names:
        written = ESCAPES[name](written)
    assert left_of(secret, written) == "before [***] after"


@together("secret", AWKWARD)
@pytest.mark.parametrize("before", ["", "json", "json, not ascii", "html", "url", "url, form", "json, .net"])
@pytest.mark.parametrize("code", CODES)
def test_an_encoded_secret_in_escapes(code: str, before: str, secret: str) -> None:
    """A secret in base64 or hex is hidden despite escapes.

    It was escaped before it was encoded, and its code is escaped.
    """
    if before == "json, .net" and not secret.isascii():
        return
    encoded = CODES[code](ESCAPES[before](secret) if before else secret)
    for name in ("", "json, all", "html, hex", "url", "url, every byte"):
        written = ESCAPES[name](encoded) if name else encoded
        shown = left_of(secret, written)
        assert "***" in shown
        assert len(shown) < len("before [***] after") + 12 * (6 if name else 1)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("again", ["base64", "base64url", "hex"])
def test_a_secret_encoded_twice(code: str, again: str) -> None:
    """A secret that is encoded twice is hidden."""
    if "behind" not in code and code != "HEX":
        assert "***" in left_of("a-client-secret+1", CODES[again](CODES[code]("a-client-secret+1").rstrip("=")))


def test_other_pieces_of_an_answer_stay() -> None:
    """Text without a secret is shown exactly, whatever escapes it holds."""
    secrets = Secrets()
    secrets.keep(Secret("Zx9+kQ2m'Lr7"))
    for text in (
        '{"name": "Zx9 \\u002B kQ2m", "note": "100%25 &amp; \\"more\\"", "path": "C:\\\\new\\\\token"}',
        "/api/v2/agents/states?agentIds=1%2C2&state=Not%20Ready",
        "the token endpoint answers 401, password grants are off, secret=",
        "<p>Zx9&#43;kQ2m&amp;&nbsp;&copy; %zz \\q \\u12 &#xFFFFFFFF; &nothing;</p>",
        "version 1.2.3 of host.example.com, id 5d2c.4f1e.9b3a, see eyJ.a.b and a.b.c",
        "Bearer realm=example, charset=utf-8",
    ):
        assert secrets.redact(text).replace("secret=***", "secret=") == text


def test_ordinary_headers_stay_readable() -> None:
    """Of headers only those that carry secrets are hidden."""
    secrets = Secrets()
    secrets.keep(Secret("Zx9+kQ2m'Lr7"))
    for name, value in (
        ("Content-Type", "application/json; charset=utf-8"),
        ("X-Request-Id", "5d2c4f1e-9b3a-4c5d-8e7f-001122334455"),
        ("ETag", 'W/"33a64df551425fcc55e4d42a148795d9f25f89d4"'),
        ("Location", "https://api.example.com/a%2Fb?c=d%20e"),
        ("WWW-Authenticate", 'Bearer realm="api", error="invalid_token"'),
        ("X-Api-Key-Hint", "ask an administrator"),
    ):
        assert secrets.redact_header(name, value) == value


def test_fields_of_secrets_in_escaped_documents() -> None:
    """Only a field with a secret is hidden in nested documents.

    They are JSON within JSON and an address within an address.
    """
    inner = json.dumps({"access_token": 'opaque"-1\\', "expires_in": 3600, "scope": "shown"})
    whole = Secrets().redact(json.dumps({"message": inner, "other": "shown"}))
    assert "opaque" not in whole
    assert json.loads(json.loads(whole)["message"]) == {"access_token": "***", "expires_in": 3600, "scope": "shown"}
    address = quote("https://h/cb?access_token=opaque-2&state=shown", safe="")
    assert Secrets().redact(f"/go?to={address}&x=1") == f"/go?to={address}&x=1".replace("opaque-2", "***")


def test_a_field_ends_at_its_own_quote() -> None:
    """Content that ends with an escaped backslash is hidden to its end. Nothing after it is."""
    text = '{"password": "ends with\\\\", "other": "shown"}'
    assert Secrets().redact(text) == '{"password": "***", "other": "shown"}'
    assert Secrets().redact('{"password": "", "x": "%41"}') == '{"password": "***", "x": "%41"}'


def test_a_megabyte_of_escapes_is_read_in_few_steps() -> None:
    """However a text is escaped, each layer reads a character once. So the number of steps is fixed."""
    secrets = Secrets()
    secrets.keep(Secret("Zx9+kQ2m'Lr7"))
    chance = random.Random(1)
    for piece in ("%25" * 3, "\\\\", "&amp;", "\\u005c", "&#x26;#x26;", "%2525", '\\"'):
        text = piece * (200_000 // len(piece)) + "Zx9%2BkQ2m&#39;Lr7" + str(chance.random())
        shown = secrets.redact(text)
        assert "kQ2m" not in shown
        assert shown.startswith(piece * 10)


@pytest.mark.parametrize("escapes", [" %2541 &amp;amp;", "%25252541&amp;amp;amp;\\\\\\\\", "&#65;%41\\u0041"])
def test_codes_within_codes_are_read_in_few_steps(escapes: str) -> None:
    """Each code within codes and escapes is read once, however deep.

    Each code is in each layer of the escapes beside it, so that the steps would multiply.
    """
    secrets, people = Secrets(), People()
    secrets.keep(Secret("Zx9+kQ2m'Lr7"))
    people.meet(agent_id="7", name="Ann Lee")
    deep = "Ann Lee has Zx9+kQ2m'Lr7"
    for _ in range(8):
        deep = CODES["base64url"](deep + escapes)
    assert secrets.redact(f"before {deep} after") == "before *** after"
    assert deep not in people.without(f"before {deep} after")


def test_a_secret_at_the_end_of_what_is_kept() -> None:
    """The kept beginning of a large body has no secret's beginning. It may be cut anywhere."""
    secret = "Zx9+kQ2m'Lr7" * 20
    for place in (LONGEST_KEPT - 100, LONGEST_REDACTED - 100):
        recorder, request = Recorder(bodies=True), Request(method="GET", target="/", purpose="states")
        recorder.secrets.keep(Secret(secret))
        body = b"." * place + secret.encode() + b"." * 4_000_000
        recorder.record(request, Response(status=200, headers={}, body=body), seconds=0.0)
        kept = recorder.exchanges[0].response_body
        assert "kQ2m" not in kept
        assert kept.startswith("." * 100_000)
        assert kept.endswith(f"... ({len(body)} bytes)")
        assert len(kept) < LONGEST_KEPT + 100
