"""What each option of a command means, and each quote. Requests are compared as a whole."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from tests.support.many_values import together

from cxone_rollcall.errors import SettingError
from cxone_rollcall.request import read
from cxone_rollcall.request.pasted import Pasted
from cxone_rollcall.request.secrets import headers_of, secrets_of
from cxone_rollcall.request.shells import bash, cmd, powershell_text

HOST = "https://a.example"
PATH = "/api/v2/agents"
URL = f"'{HOST}{PATH}'"
LEFT_OUT = "its body was left out: a GET request has none"
OUR_TOKEN = "its token is a variable: rollcall's own token is sent"

OF_A_CONNECTION = (
    *("Host", "content-length", "Connection", "Proxy-Connection", "Keep-Alive", "TE", "Transfer-Encoding", "Upgrade"),
    *("Expect", "Content-Type", "Accept-Encoding", "Range", "If-Range", "If-Match", "If-None-Match"),
    *("If-Modified-Since", "If-Unmodified-Since"),
)
"""Headers about a connection, a body, a part or a cached copy. Source: RFC 9110."""


def basic(text: str) -> str:
    """Return a header's value for a user and password."""
    return f"Basic {base64.b64encode(text.encode()).decode()}"


def parts(request: Pasted) -> dict[str, Any]:
    """Return what differs from a bare request for this URL."""
    found = {
        "base": request.base,
        "path": request.path,
        "query": request.query,
        "headers": tuple((name, value.reveal()) for name, value in request.headers),
        "remarks": request.remarks,
        "unsent": {(name, value.reveal()) for name, value in request.unsent} - {("", "")},
        "token_left_out": request.token_left_out,
    }
    bare = {"base": HOST, "path": PATH, "token_left_out": False}
    return {name: value for name, value in found.items() if value and bare.get(name) != value}


OPTIONS: dict[str, dict[str, Any]] = {
    URL: {},
    f"-- {URL}": {},
    f"--URL {URL}": {},
    f"--url={URL}": {},
    f"{URL} -X get": {},
    f"{URL} --request=GET": {},
    f"-sSXGET {URL}": {},
    f"{URL} -H 'A: b: c '": {"headers": (("A", "b: c"),)},
    f"{URL} -H 'A: b' -H 'X: 1' -H 'a:2'": {
        "headers": (("a", "2"), ("X", "1")),
        "unsent": {("A", "b")},
    },
    f"{URL} -H 'A;'": {},
    f"{URL} -b 'c=d; e=f'": {"headers": (("Cookie", "c=d; e=f"),)},
    f"{URL} -A me/1 -e {HOST}/x": {"headers": (("User-Agent", "me/1"), ("Referer", f"{HOST}/x"))},
    f"{URL} -u me:pass": {"headers": (("Authorization", basic("me:pass")),)},
    f"{URL} --oauth2-bearer t": {"headers": (("Authorization", "Bearer t"),)},
    f"{URL} -k -X GET -d a=b": {
        "remarks": ("--insecure was left out: rollcall always checks the certificate", LEFT_OUT),
        "unsent": {("", "a=b")},
    },
    f"{URL} -X GET -d a -d b --data-raw c": {"remarks": (LEFT_OUT,), "unsent": {("", "a b c")}},
    f"{URL} -x http://p:1 -k -k": {
        "remarks": (
            "its proxy was left out: rollcall uses the one of the environment",
            "--insecure was left out: rollcall always checks the certificate",
        )
    },
    f"{URL} -G -d a=1 --data-ascii b=2 --data-binary c=3": {"query": (("a", "1"), ("b", "2"), ("c", "3"))},
    f"'{HOST}{PATH}?z=0' --get -d a=1": {"query": (("z", "0"), ("a", "1"))},
    f"{URL} -G --data-urlencode 'a=b c/' --data-urlencode '=d e' --data-urlencode 'f g'": {
        "query": (("a", "b%20c%2F"), ("d%20e", ""), ("f%20g", ""))
    },
    f"{URL} -H 'Authorization: Bearer $T' -H 'X-A: {{{{x}}}}' -A '$x'": {
        "headers": (("User-Agent", "$x"),),
        "remarks": (OUR_TOKEN, "the header X-A holds a variable: left out"),
        "unsent": {("Authorization", "Bearer $T"), ("X-A", "{{x}}")},
        "token_left_out": True,
    },
    f"{URL} -H 'A b: c'": {
        "remarks": ("a header was left out: its name has other characters than letters, digits and hyphens",),
        "unsent": {("A b", "c")},
    },
    f"{URL} -H $'A: b\\x7fc'": {
        "remarks": ("the header A has a control character inside: left out",),
        "unsent": {("A", "b\x7fc")},
    },
    " ".join((URL, *(f"-H '{name}: x'" for name in OF_A_CONNECTION))): {},
    f"'{HOST}{PATH}#the-rest'": {"unsent": {("", "the-rest")}},
    "A.Example.:443/api": {"path": "/api"},
    "HTTPS://a.example:8443": {"base": "https://a.example:8443", "path": "/"},
    "http://127.0.0.1:80/x": {"base": "http://127.0.0.1", "path": "/x"},
    "localhost:9/x": {"base": "http://localhost:9", "path": "/x"},
    "'https://[::1]:443/x?a=\u00e4&&=b&c'": {
        "base": "https://[::1]",
        "path": "/x",
        "query": (("a", "%C3%A4"), ("c", "")),
    },
    f"{URL} | jq . > x": {},
    f"{URL} >& x": {},
    f"{URL} |& jq": {},
    f"{URL} ;": {},
}
"""Words after `curl`, and what of the request is not bare."""


@together("words", list(OPTIONS))
def test_each_option(words: str) -> None:
    """Each option has its effect, and no other one."""
    request = read(f"curl {words}".encode())
    assert parts(request) == OPTIONS[words]
    assert request.form == "curl command"


FLAGS = """
--silent --show-error --include --location --location-trusted --compressed --fail --verbose --globoff --http1.0
--http1.1 --http2 --http2-prior-knowledge --http3 --no-buffer --ipv4 --ipv6 --tlsv1 --tlsv1.0 --tlsv1.1 --tlsv1.2
--tlsv1.3 --ssl-no-revoke --no-progress-meter --progress-bar --fail-with-body --no-keepalive --disable --remote-name
--path-as-is --raw -sSiLfvgN046#jqO12
"""
WITH_VALUES = """
--output --write-out --max-time --connect-timeout --cookie-jar --dump-header --retry --resolve --cacert --capath --cert
--key --pass --ciphers --tls-max --retry-delay --retry-max-time --proxy-user --interface --limit-rate --max-redirs
--noproxy --range --stderr --trace-ascii --trace --keepalive-time --dns-servers --proto --proto-default --connect-to
--speed-limit --speed-time -o -w -m -c -D -E -r
"""


def test_options_without_effect() -> None:
    """Options that do not change the request are skipped, with their values."""
    values = " ".join(f"{name} it" for name in WITH_VALUES.split())
    assert parts(read(f"curl {' '.join(FLAGS.split())} {values} {URL}".encode())) == {}


REFUSED = {
    f"-Q {URL}": "it has an option of curl that rollcall does not know",
    f"--unknown {URL}": "it has an option of curl that rollcall does not know",
    f"{URL} -H": "its option --header has no value: copy the whole command",
    f"{URL} --url": "its option --url has no value: copy the whole command",
    f"{URL} -d @x": "its option --data reads a file",
    f"{URL} --data-binary @x": "its option --data-binary reads a file",
    f"{URL} --data-ascii @x": "its option --data-ascii reads a file",
    f"{URL} --json @x": "its option --json reads a file",
    f"{URL} -b jar": "its option --cookie reads a file: put the cookies there instead",
    f"{URL} -K x": "it reads its options from a file",
    f"{URL} -F a=b": "it is a POST request",
    f"{URL} --form-string a=b": "it is a POST request",
    f"{URL} --json '{{}}'": "it is a POST request",
    f"{URL} -T x": "it is a POST request",
    f"{URL} --data-raw x": "it is a POST request .it sends data.",
    f"{URL} -I": "it is a HEAD request",
    f"{URL} --head": "it is a HEAD request",
    f"{URL} -X 'G T'": "it is no GET request",
    f"{URL} -: {URL}": "it has two requests",
    f"{URL} | C:/x/CURL.exe {URL}": "it has two requests",
    f"{URL} & x": "an & outside of quotes",
    f"{URL} ; x": "more than one command",
    f"{URL} {URL}": "it requests several addresses: keep one",
    "-s": "it has no address",
    "'https://me@a.example/x'": "its address holds a user or a password",
    "'https://a_b..example/x'": "its address names no host",
    "'https://a.example:99999/x'": "its address is no URL",
    "http://a.example/x": "its address is plain http",
    "ftp://a.example/x": "its address is neither https nor http",
    "$'https://a.example/\\x7f'": "its address has a line break or another control character",
}


@together("words", list(REFUSED))
def test_each_refusal(words: str) -> None:
    """Each command but one plain GET request is refused."""
    with pytest.raises(SettingError, match=REFUSED[words]):
        read(f"curl {words}".encode())


BASH = {
    "a  b\tc": ["a", "b", "c"],
    "a\\\n b\\\r\n\tc": ["a", "b", "c"],
    "'a b'\"c d\"e": ["a bc de"],
    "'a\\n\"b'": ['a\\n"b'],
    '"a\\"b\\\\c\\$d\\`e\\nf\\\ng"': ['a"b\\c$d`e\\nfg'],
    "$'a\\n\\t\\r\\a\\b\\f\\v\\e\\E\\'\\\\\\q'": ["a\n\t\r\a\b\f\v\x1b\x1b'\\q"],
    "$'\\u41\\U1F511\\x41\\101\\U110000'": ["A\U0001f511AA\ufffd"],
    "$'\\ud83d\\ude00\\ud83d'": ["\U0001f600\ufffd"],
    "a\\ b\\'c": ["a b'c"],
    "a #b\nc": ["a", "\n", "c"],
    "a#b $ $c": ["a#b", "$", "$c"],
    "a|b;c&&d>e": ["a", "|", "b", ";", "c", "&&", "d", ">", "e"],
    "''": [""],
}
CMD = {
    'a  "b c"d': ["a", "b cd"],
    'a ^\r\n  "b"': ["a", "b"],
    "a|b&c>d\ne": ["a", "|", "b", "&", "c", ">", "d", "\n", "e"],
    '"a\\"b\\\\c""d\\e"': ['a"b\\c"d\\e'],
    '^"a^%^b^"': ["a%b"],
    "a%%20b": ["a%20b"],
    "C:\\x\\y": ["C:\\x\\y"],
}


@together("text", list(BASH))
def test_words_of_bash(text: str) -> None:
    """Quotes and escapes of bash are read by its rules."""
    assert [word.text for word in bash(text)] == BASH[text]


@together("text", list(CMD))
def test_words_of_cmd(text: str) -> None:
    """Quotes and carets of cmd are read by its rules."""
    assert [word.text for word in cmd(text)] == CMD[text]


def test_a_quote_of_cmd_that_does_not_end() -> None:
    """A command that was copied in part is refused."""
    with pytest.raises(SettingError, match="quotes do not end"):
        list(cmd('curl "https://x'))


@pytest.mark.parametrize("text", ["'a", '"a', "a\\", "$(a)", "`a`", '"$(a)"', '"`a"'])
def test_no_words_of_bash(text: str) -> None:
    """Open quotes and commands within the command are refused."""
    with pytest.raises(SettingError, match=r"quotes do not end|runs nothing"):
        list(bash(text))


@pytest.mark.parametrize(
    ("quoted", "text"),
    [
        ("'a''b`n$c'", "a'b`n$c"),
        ('"a""b`"c``$d"', 'a"b"c`$d'),
        ('"`n`t`r`0`a`b`e`f`v`q`$(x)"', "\n\t\r\a\b\x1b\f\vq$(x)"),
    ],
)
def test_texts_of_powershell(quoted: str, text: str) -> None:
    """Quotes and backticks of PowerShell are read by its rules."""
    assert powershell_text(quoted) == text


SECRETS = {
    "-H 'Authorization: Bearer the-token'": {"Bearer the-token", "the-token"},
    "-u 'user:password1'": {
        basic("user:password1"),
        basic("user:password1")[6:],
        "user",
        "password1",
    },
    "-b 'a=cookie%2Fone; b=\"cookie2\"; c=no'": {
        'a=cookie%2Fone; b="cookie2"; c=no',
        "cookie%2Fone",
        "cookie/one",
        "cookie2",
    },
    "-H 'X-Any: value'": {"value"},
    "-H 'X-Any: abc'": set(),
    "-H 'X-Any: TRUE'": set(),
    "-H 'X-Any: Busy'": set(),
    "-A 'agent/1'": set(),
    "-A 'eyJa.eyJb.c'": {"eyJa.eyJb.c"},
    f"-e {HOST}/a-path/": set(),
    f"-e '{HOST}/a?b=value'": {f"{HOST}/a?b=value", "value"},
    "-H 'Origin: https://a.example:8443'": set(),
    "-H 'Accept: a/json' -H 'sec-ch-ua-platform: ?0123'": set(),
    "-G -d agentIds=12345 -d key=a%2Bb%20c+d -d flagged -d no=abc": {"a%2Bb%20c+d", "a+b c+d", "a+b c d", "flagged"},
    "-X GET -d the-body": {"the-body"},
    "-H 'a: first-one' -H 'A: second'": {"first-one", "second"},
    "-H 'Host: the-host-name'": set(),
}
"""Words after the URL, and what may be secret of them."""


@together("words", list(SECRETS))
def test_what_may_be_secret(words: str) -> None:
    """Values of headers, cookies and unknown parameters may be secret."""
    request = read(f"curl {URL} {words}".encode())
    found = {one.reveal() for one in secrets_of(request)}
    assert found == SECRETS[words]
    shown = {value for _, value in headers_of(request) if isinstance(value, str)}
    assert not shown & found


PARAMETERS = """
agentIds agentId ids id agents agent userIds userId agentIds[] ids[] state page pageSize updatedSince fields top skip
orderBy reqBUIds isActive searchString AGENTIDS
"""


def test_known_parameters_are_no_secrets() -> None:
    """The values of the API's own parameters are no secrets."""
    query = "&".join(f"{name}=a-value" for name in PARAMETERS.split())
    assert set(secrets_of(read(f"curl -g '{HOST}{PATH}?{query}'".encode()))) == set()


ANYWHERE = (
    *("true", "FALSE", "null", "None", "JSON", "application/json", "text/json", "keep-alive", "no-cache"),
    *("available", "Busy", "Break", "NOT READY"),
)


def test_words_of_any_response_are_no_secrets() -> None:
    """Words that any response may have are never hidden."""
    shown = " ".join(f"-H 'X-{place}: {word}'" for place, word in enumerate(ANYWHERE))
    assert set(secrets_of(read(f"curl {URL} {shown}".encode()))) == set()


def test_secrets_of_a_path() -> None:
    """Long parts of the path before the agents may be secret. Words of the API are not."""
    request = read(b"https://a.example/Gateway/services/long%2Dsecret-1/short678/agents/not-this-one/agents")
    assert {one.reveal() for one in secrets_of(request)} == {"long%2Dsecret-1", "long-secret-1"}
