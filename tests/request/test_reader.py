"""A pasted request is read in each form, or refused in words."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.request.pasting import FORMS
from tests.request.test_options import parts

from cxone_rollcall.errors import SettingError
from cxone_rollcall.request import LARGEST, question_of, read
from cxone_rollcall.request.pasted import Pasted

HOST = "https://api-us-01.nice-incontact.com"
ADDRESS = f"{HOST}/api/v2/agents/states?agentIds=1,2&state=Not%20Ready"
HEADERS = {"Authorization": "Bearer a-token-of-a-program", "X-Odd": 'it is "odd"', "Accept": "application/json"}


def sent(request: Pasted) -> tuple[str, dict[str, str]]:
    """Host and target of a request, and its headers in small letters."""
    return request.base + question_of(request).target, {name.lower(): one.reveal() for name, one in request.headers}


@pytest.mark.parametrize("form", [name for name in FORMS if name != "address"])
def test_each_form_is_the_same_request(form: str) -> None:
    """Shells, browsers and Postman write one request in many ways."""
    headers = {name: value.replace('"', "") for name, value in HEADERS.items()}
    target, had = sent(read(FORMS[form](ADDRESS, headers).encode()))
    assert target == ADDRESS
    assert had == {name.lower(): value for name, value in headers.items()}


SPELLINGS = {
    "quotes in quotes": "curl '{}' -H 'X-Odd: it is \"odd\"'",
    "escaped quotes": 'curl "{}" -H "X-Odd: it is \\"odd\\""',
    "ANSI quotes": "curl '{}' -H $'X-Odd: it is \\u0022odd\\x22'",
    "glued options": "curl -sSLXGET '{}' -H'X-Odd: it is \"odd\"' --compressed --max-time 5",
    "an equals sign": "curl --url='{}' --header='X-Odd: it is \"odd\"' -o out.json",
    "lines of Windows": "curl '{}' \\\r\n  -H 'X-Odd: it is \"odd\"'\r\n",
    "a prompt": "$ curl '{}' -H 'X-Odd: it is \"odd\"'",
    "a pipe": "curl '{}' -H 'X-Odd: it is \"odd\"' | jq '.entities' > out.json",
    "comments before it": "#!/bin/sh\n# on Monday\n\ncurl '{}' -H 'X-Odd: it is \"odd\"'",
    "a comment": "curl '{}' -H 'X-Odd: it is \"odd\"' # as on Monday",
    "cmd": 'curl ^"{}^" ^\r\n -H ^"X-Odd: it is ^\\^"odd^\\^"^"',
    "cmd of old": 'curl "{}" ^\r\n -H "X-Odd: it is \\"odd\\""',
    "PowerShell": 'Invoke-WebRequest -Uri "{}" -Headers @{{"X-Odd"="it is `"odd`""}}',
    "Invoke-RestMethod": "$headers = @{{}}\n$headers.Add('X-Odd', 'it is \"odd\"')\nirm '{}' -Headers $headers|fl",
    "HTTP": 'GET {} HTTP/1.1\r\nX-Odd: it is "odd"\r\n\r\n',
    "HTTP with a host": f'GET {ADDRESS.removeprefix(HOST)} HTTP/2\nHost: {HOST[8:]}\nX-Odd: it is "odd"',
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_each_spelling_is_the_same_request(name: str) -> None:
    """Quotes, escapes and options are read by the rules of their shell."""
    target, had = sent(read(SPELLINGS[name].format(ADDRESS).encode()))
    assert (target, had["x-odd"]) == (ADDRESS, 'it is "odd"')


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(encoding: str) -> None:
    """A file may be in UTF-8 or UTF-16, as PowerShell writes it."""
    assert sent(read(ADDRESS.encode(encoding)))[0] == ADDRESS


GAPS = ("$TOKEN", "${TOKEN}", "{{token}}", "%CXONE_TOKEN%", "<token>", "YOUR_TOKEN", "***", "...")


@pytest.mark.parametrize("token", GAPS)
def test_a_token_that_is_left_out(token: str) -> None:
    """A variable or gap is replaced by rollcall's token, with a remark."""
    request = read(f"curl '{ADDRESS}' -H 'Authorization: Bearer {token}'".encode())
    assert (request.token_left_out, len(request.remarks), request.headers) == (True, 1, ())


@pytest.mark.parametrize("quote", ['"', '^"'])
def test_percent_signs_of_cmd(quote: str) -> None:
    """In a command line of cmd, two percent signs are one."""
    address = f"{HOST}/api/v2/agents/states?agentIds=1%2C2"
    command = f"curl {quote}{address.replace('%', '%%')}{quote} ^\r\n -H {quote}A: b{quote}"
    assert sent(read(command.encode()))[0] == address


def test_options_that_make_the_query() -> None:
    """With -G, the data of curl are parameters of the address."""
    text = f"curl -G '{HOST}/api/v2/agents/states' -d agentIds=1,2 --data-urlencode 'state=Not Ready'"
    assert sent(read(text.encode()))[0] == ADDRESS


def test_what_is_left_out_is_said() -> None:
    """A body and -k are left out, with a remark."""
    remarks = read(f"curl -k -X GET '{ADDRESS}' -d a=b".encode()).remarks
    assert [one.partition(" was left out")[0] for one in remarks] == ["--insecure", "its body"]


REFUSED = {
    "nothing": ("", "empty"),
    "blanks": (" \n ", "empty"),
    "POST": (f"curl -X POST '{ADDRESS}'", "POST"),
    "data": (f"curl '{ADDRESS}' -d a=b", "POST"),
    "DELETE": (f"DELETE {ADDRESS} HTTP/1.1\n\n", "DELETE"),
    "HEAD": (f"curl -I '{ADDRESS}'", "HEAD"),
    "an upload": (f"curl -T file '{ADDRESS}'", "POST"),
    "two commands": (f"curl '{ADDRESS}'\ncurl '{ADDRESS}'", "two requests"),
    "two in one line": (f"curl '{ADDRESS}' && curl '{ADDRESS}'", "two requests"),
    "--next": (f"curl '{ADDRESS}' --next '{ADDRESS}'", "two requests"),
    "two addresses": (f"curl '{ADDRESS}' '{ADDRESS}'", "several addresses"),
    "two lines": (f"{ADDRESS}\n{ADDRESS}", "several addresses"),
    "two messages": (f"GET {ADDRESS} HTTP/1.1\n\nGET {ADDRESS} HTTP/1.1\n\n", "two requests"),
    "two of PowerShell": (f"irm '{ADDRESS}'\nirm '{ADDRESS}'", "two requests"),
    "another command": (f"curl '{ADDRESS}'; rm -rf ~", "more than one command"),
    "an assignment": (f"T=a\ncurl '{ADDRESS}'", "more than a curl command"),
    "comments alone": ("# curl\n# later", "empty"),
    "no quotes around &": (f"curl {ADDRESS}", "quotes"),
    "a substitution": (f"curl '{ADDRESS}' -H \"A: $(cat token)\"", "runs nothing"),
    "backticks": (f"curl '{ADDRESS}' -H `cat token`", "runs nothing"),
    "a substitution of PowerShell": (f'irm "{ADDRESS}" -Headers @{{"A"="$(cat token)"}}', "runs nothing"),
    "a file of options": (f"curl -K options '{ADDRESS}'", "from a file"),
    "a file of headers": (f"curl -H @headers '{ADDRESS}'", "reads a file"),
    "open quotes": (f"curl '{ADDRESS}", "quotes"),
    "a shell command": ("rm -rf /", "no request"),
    "a program": ("import requests", "a program"),
    "fetch": (f'fetch("{ADDRESS}")', "cURL"),
    "a variable in the address": (f"curl '{HOST}/api/v2/agents/states?agentIds=$IDS'", "a variable"),
    "a password": (f"curl 'https://me:secret@{ADDRESS[8:]}'", "a password"),
    "plain http": (ADDRESS.replace("https", "http"), "plain http"),
    "another scheme": (f"curl 'ftp{ADDRESS[5:]}'", "neither https"),
    "another path": (f"{HOST}/api/v2/skills", r"neither that of agents nor that of their states\. Nothing"),
    "a wrong path": (f"{HOST}/api/v2/agent/states", "did you mean"),
    "no address": ("curl -H 'A: b'", "no address"),
    "an endless address": (f"curl '{ADDRESS}{'1' * 100_000}'", "longer than 100,000"),
    "a line break in the address": (f"curl '{HOST}/api/v2/agents/states?agentIds=1,\n2'", "a line break"),
    "a port that is none": (f"curl '{HOST}:x/api/v2/agents'", "no URL"),
    "no host": ("GET /api/v2/agents HTTP/1.1\nAccept: */*\n\n", "names no host"),
    "no text": ("a\0b", "no text"),
    "JSON": ("[1]", "no HAR"),
    "an empty HAR": ('{"log": {"entries": []}}', "none of its 0 entries"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    """Anything but one GET request for agents or states is refused."""
    text, why = REFUSED[name]
    with pytest.raises(SettingError, match=why) as refused:
        question_of(read(text.encode()))
    assert "Nothing was requested" in str(refused.value)


def test_a_message_of_http_2() -> None:
    """Headers with a colon in front are HTTP/2's own, and left out."""
    request = read(b"GET /api/v2/agents HTTP/2\n:method: GET\nHost: a.example\n \n:path: /x\nA: b\n")
    assert parts(request) == {"headers": (("A", "b"),)}


def test_too_large() -> None:
    """Ten megabytes are refused."""
    with pytest.raises(SettingError, match="too large"):
        read(ADDRESS.encode() + b" " * LARGEST)


def entries(*requests: tuple[str, str]) -> bytes:
    """A HAR file of these methods and targets."""
    all_ = [{"request": {"method": method, "url": HOST + target, "headers": []}} for method, target in requests]
    return json.dumps({"log": {"entries": all_}}).encode()


def test_one_entry_of_a_har_file() -> None:
    """The only usable entry is read; several are listed to choose from."""
    one = entries(("GET", "/logo.png"), ("GET", "/api/v2/agents"), ("POST", "/api/v2/agents"))
    assert question_of(read(one)).target == "/api/v2/agents"
    secret = "/api/v2/agents?page=1&key=s3cr3tkey"
    two = entries(("GET", secret), ("GET", "/logo.png"), ("GET", "/api/v2/agents/states"))
    with pytest.raises(SettingError, match="2 requests") as refused:
        read(two)
    assert refused.value.example.splitlines() == ["--entry 1   agents with page", "--entry 3   the states of agents"]
    assert question_of(read(two, entry=3)).target == "/api/v2/agents/states"
    with pytest.raises(SettingError, match="1 to 3"):
        read(two, entry=4)
    with pytest.raises(SettingError, match="for HAR files"):
        read(ADDRESS.encode(), entry=1)


def test_a_har_entry_may_lack_members() -> None:
    """An entry without a method is a GET. A header without a value is empty, and a pseudo-header is none."""
    headers = [{"name": "X-Trace"}, {"name": ":authority", "value": "x"}, {"name": "X-Kind", "value": "a"}, {}]
    request = {"url": HOST + "/api/v2/agents", "headers": headers}
    found = read(json.dumps({"log": {"entries": [{"request": request}]}}).encode())
    assert question_of(found).target == "/api/v2/agents"
    assert [(name, value.reveal()) for name, value in found.headers] == [("X-Trace", ""), ("X-Kind", "a")]
    bare = json.dumps({"log": {"entries": [{"request": {}}]}}).encode()
    with pytest.raises(SettingError, match="none of its 1 entries"):
        read(bare)
    with pytest.raises(SettingError, match="it has no address"):
        read(bare, entry=1)


@pytest.mark.parametrize(("count", "last"), [(20, "--entry 20   agents"), (21, "and 1 more"), (23, "and 3 more")])
def test_many_entries_of_a_har_file(count: int, last: str) -> None:
    """The first twenty usable entries are listed. The others are counted."""
    with pytest.raises(SettingError, match=f"it has {count} requests") as refused:
        read(entries(*[("GET", "/api/v2/agents")] * count))
    listed = refused.value.example.splitlines()
    assert listed[:20] == [f"--entry {number}   agents" for number in range(1, 21)]
    assert (listed[-1], len(listed)) == (last, min(count, 21))


def test_a_har_file_without_tokens() -> None:
    """A HAR file without a token is sent with rollcall's own. Browsers leave tokens out. A remark says so."""
    request = read(entries(("GET", "/api/v2/agents")))
    (remark,) = request.remarks
    assert request.token_left_out
    assert "rollcall's own is sent" in remark


def test_a_har_file_with_a_token() -> None:
    """A token that the entry has is the one that is sent."""
    headers = [{"name": "authorization", "value": "Bearer theirs"}]
    request = {"method": "GET", "url": HOST + "/api/v2/agents", "headers": headers}
    found = read(json.dumps({"log": {"entries": [{"request": request}]}}).encode())
    assert (found.token_left_out, found.remarks) == (False, ())
    assert [value.reveal() for _, value in found.headers] == ["Bearer theirs"]


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes(data: bytes) -> None:
    """Any bytes are a request or are refused, without other errors."""
    for begin in (b"", b"curl ", b"curl '", b"GET https://", b"Invoke-WebRequest ", b'{"log":'):
        try:
            question_of(read(begin + data))
        except SettingError as refused:
            assert "Nothing was requested" in str(refused)


LONG = {
    "backslashes": b"curl " + b"\\" * 500_000,
    "backslashes of cmd": b'curl ^"a' + b"\\" * 500_000,
    "open quotes of cmd": b'curl ^"a" "' + b"\\" * 500_000,
    "quotes": b"curl " + b"'a'" * 200_000,
    "quotes of PowerShell": b'irm "' + b'""' * 300_000,
    "comments": b"#\n" * 300_000,
    "words": b"curl" + b" a" * 100_000,
    "gaps": b"curl https://x.example/ -H 'a: " + b"<" * 500_000 + b"'",
}


@pytest.mark.parametrize("name", LONG)
def test_long_texts_end(name: str) -> None:
    """No text makes the reader try the same characters again and again."""
    with pytest.raises(SettingError):
        question_of(read(LONG[name]))
