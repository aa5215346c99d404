"""Requests that users paste: curl commands, PowerShell, HTTP messages, HAR files, addresses."""

from __future__ import annotations

from collections.abc import Iterator

from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.request import question_of, read, secrets_of
from cxone_rollcall.request.corrected import corrected
from cxone_rollcall.request.pasted import Pasted
from cxone_rollcall.request.secrets import headers_of
from quality.fuzz.target import Target, must

TOKEN = "mK7-token-of-a-program-7Km"
ADDRESS = "https://api-us-01.nice-incontact.com/api/v2/agents/states?agentIds=1,2&state=Not%20Ready&key=mK7k3y7Km"


def feed(data: bytes) -> None:
    """Read a text as a request, without and with an entry number."""
    for entry in (None, 1):
        try:
            request = read(data, entry=entry)
            question = question_of(request)
        except SettingError as refused:
            must("Nothing was requested" in str(refused), "a refusal says that nothing was requested", str(refused))
            must(TOKEN not in str(refused) + refused.example, "a refusal quotes nothing", str(refused))
            continue
        _of_a_request(request)
        must(question.target.isascii() and question.target.isprintable(), "a target can be sent", question.target)
        must(" " not in question.target, "a target has no blank", question.target)
        named = question.target + " ".join(name for name, _ in request.headers)
        must(TOKEN in named or TOKEN not in corrected((question,)), "a corrected command has no token", question.target)
        must(all(one.reveal() for one in secrets_of(request)), "a secret is a text")


def _of_a_request(request: Pasted) -> None:
    must(TOKEN not in repr(request), "a token is not shown", repr(request))
    scheme = request.base.partition("://")[0]
    must(scheme == "https" or request.host in ("localhost", "::1") or request.host.startswith("127."), request.base)
    for name, value in headers_of(request):
        text = value.reveal() if isinstance(value, Secret) else value
        must(name.isascii() and name.replace("-", "").replace("_", "").isalnum(), "a header's name is plain", name)
        must(not any(ord(one) < 0x20 or ord(one) == 0x7F for one in text), "a header is one line", name)


def _texts() -> Iterator[bytes]:
    bearer = f"Authorization: Bearer {TOKEN}"
    yield f"curl '{ADDRESS}' \\\n  -H '{bearer}' \\\n  -H $'x: it\\'s \\u0021' -b 'sid={TOKEN}' -k".encode()
    yield f'curl ^"{ADDRESS.replace("%", "^%^")}^" ^\r\n  -H ^"{bearer}^" ^\r\n  -H ^"a: ^\\^"b^\\^"^"'.encode()
    yield f"curl -sS -X GET -G {ADDRESS} -d a=b --data-urlencode 'c=d e' -u me:{TOKEN} | jq .".encode()
    yield (
        f'$session.Cookies.Add((New-Object System.Net.Cookie("sid", "{TOKEN}", "/", "x")))\n'
        f'Invoke-WebRequest -Uri "{ADDRESS}" `\n-Headers @{{\n"authorization"="Bearer {TOKEN}"\n"a"="`"b`""}}'
    ).encode()
    yield f'$headers.Add("Authorization", "Bearer {TOKEN}")\nirm \'{ADDRESS}\' -Headers $headers'.encode()
    yield f"GET /api/v2/agents?page=1 HTTP/1.1\r\nHost: api-us-01.nice-incontact.com\r\n{bearer}\r\n\r\n".encode()
    entry = f'{{"request":{{"method":"GET","url":"{ADDRESS}","headers":[{{"name":"X-Key","value":"{TOKEN}"}}]}}}}'
    yield f'{{"log":{{"entries":[{entry}]}}}}'.encode()
    yield ADDRESS.encode()
    yield ADDRESS.encode("utf-16")


REQUESTS = Target(
    name="requests",
    about="requests of other programs, as users paste them",
    feed=feed,
    seeds=_texts,
    words=(
        *(b"curl ", b" -H ", b"'", b'"', b"\\", b"^", b"`", b"$'", b"$(", b"${", b"{{", b"%2C", b"&", b";", b"|", b"#"),
        *(b"\r\n", b"\n\n", b"HTTP/1.1", b"Host:", b"--next", b"-d ", b"@", b"://", b"[", b"]", b"?", b"\xff\xfe"),
        *(b"Invoke-WebRequest ", b"-Uri ", b"@{", b"}", b'"entries":[', b"\x00", b"/agents/states", b"\xe2\x80\xae"),
    ),
)
TARGETS = (REQUESTS,)
"""All targets."""
