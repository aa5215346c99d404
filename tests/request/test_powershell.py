"""What each part of a PowerShell command means. Requests are compared as a whole."""

from __future__ import annotations

from typing import Any

import pytest
from tests.request.test_options import HOST, OUR_TOKEN, PATH, parts
from tests.support.many_values import together

from cxone_rollcall.errors import SettingError
from cxone_rollcall.request import read

URL = f'"{HOST}{PATH}"'
SESSION = """$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession
$session.UserAgent = "me/1"
$session.Cookies.Add((New-Object System.Net.Cookie("a", "b", "/", "a.example")))
$session.Cookies.Add((New-Object System.Net.Cookie('c', 'd`e', "/", "a.example")))
"""

COMMANDS: dict[str, dict[str, Any]] = {
    f"Invoke-WebRequest {URL}": {},
    f"irm -UseBasicParsing {URL}": {},
    f"irm {URL} -UseBasicParsing": {},
    f"irm {URL} -TimeoutSec": {},
    f"iwr -Uri {URL} -Method Get -TimeoutSec 5 -MaximumRedirection 0": {},
    f"Invoke-RestMethod -uri: {URL} -ContentType 'a/b' `\n -Method 'GET' # it": {},
    f"irm (({URL})) | Format-List": {},
    f"irm {URL}; $x, [y]": {},
    f"INVOKE-restmethod {URL} -METHOD get": {},
    f"irm {URL} -UserAgent 'me/1'": {"headers": (("User-Agent", "me/1"),)},
    f"irm -Headers @{{ 'A' = 'b'; \"C\"=\"d`\"e\"\n F='g' }} -Uri {URL}": {
        "headers": (("A", "b"), ("C", 'd"e'), ("F", "g"))
    },
    f"irm {URL} -Headers @{{'Authorization'='Bearer $T'}} -SkipCertificateCheck": {
        "remarks": (OUR_TOKEN,),
        "token_left_out": True,
        "unsent": {("Authorization", "Bearer $T")},
    },
    f"$h = @{{'A'='b'}}\n$h.Add('C', 'd')\n$h.ADD(\"E\", \"f\")\nirm {URL} -Headers $h": {
        "headers": (("C", "d"), ("E", "f"), ("A", "b"))
    },
    f"{SESSION}Invoke-WebRequest -Uri {URL} -WebSession $session -Headers @{{'method'='GET'; 'path'='/x'"
    f"; 'scheme'='https'; 'authority'='a'; 'X'='y'}}": {
        "headers": (("Cookie", "a=b; c=d`e"), ("User-Agent", "me/1"), ("X", "y"))
    },
}
"""Commands, and what of the request is not bare."""


@together("text", list(COMMANDS))
def test_each_part(text: str) -> None:
    """Options, tables of headers, and sessions are read by PowerShell's rules."""
    request = read(text.encode())
    assert parts(request) == COMMANDS[text]
    assert request.form == "PowerShell command"


REFUSED = {
    f"irm {URL} -Body 'a'": "it sends a body",
    f"irm {URL} -InFile a": "it sends a body",
    f"irm {URL} -Form @{{}}": "it sends a body",
    f"irm {URL} -Method POST": "it is a POST request",
    f"irm {URL} -SkipCertificateCheck -Method POST": "it is a POST request",
    f"irm {URL} -OutFile x": "it has an option that rollcall does not know",
    f"irm {URL} , x": "its quotes do not end where they should",
    f'irm {URL} "x': "its quotes do not end where they should",
    "irm -Uri $url": "its address is a variable: write the value there",
    "irm": "it has no address",
    "irm -Uri": "one of its options has no value",
    f"irm {URL} -Method -UseBasicParsing": "one of its options has no value",
    f"irm {URL}\niwr {URL}": "it has two requests: keep the one to explain",
    'irm "https://a.example/$(id)"': "runs nothing",
}


@together("text", list(REFUSED))
def test_each_refusal(text: str) -> None:
    """Each command but one plain GET request is refused."""
    with pytest.raises(SettingError, match=REFUSED[text]):
        read(text.encode())
