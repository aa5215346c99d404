"""No secret of a request is shown or written, even if echoed."""

from __future__ import annotations

import asyncio
import gzip
import json
from dataclasses import field
from pathlib import Path
from typing import NamedTuple

import pytest
from quality.common.run_command import command as run_command
from tests.request.conftest import TOKEN, grant
from tests.secrets.searching import found
from tests.secrets.tenant import spellings
from tests.support.thorough import crossed

from cxone_rollcall.cli import main
from cxone_rollcall.emulator.faults import Fault
from cxone_rollcall.emulator.wire import Answer, Call
from cxone_rollcall.testing import emulator_of

SECRET = "mK7p4st'd-s3cr+t/7Km"
PLAIN = "mK7plains3cret7Km"
SIGNED = "eyJhbGciOiJub25lIn0.eyJrZXkiOiJtSzdzaWduZWQ3S20ifQ.bUs3c2lnbmF0dXJlN0tt"
STATES = "/api/v2/agents/states?agentIds=30000000002"


class Place(NamedTuple):
    """A text with a secret in one place. `{url}` is the tenant's, `{token}` a token that it accepts."""

    text: str
    secret: str


PLACES = {
    "bearer": Place("curl '{url}" + STATES + "' -H 'Authorization: Bearer " + PLAIN + "'", PLAIN),
    "signed bearer": Place("curl '{url}" + STATES + "' -H 'Authorization: Bearer " + SIGNED + "'", SIGNED),
    "another scheme": Place("curl '{url}" + STATES + "' -H 'Authorization: ApiKey " + PLAIN + "'", PLAIN),
    "user and password": Place("curl '{url}" + STATES + "' -u 'me:" + PLAIN + "'", PLAIN),
    "oauth2-bearer": Place("curl '{url}" + STATES + "' --oauth2-bearer " + PLAIN, PLAIN),
    "a header of any name": Place(
        "curl '{url}" + STATES + "' -H 'Authorization: Bearer {token}' -H \"X-Odd: " + SECRET + '"', SECRET
    ),
    "a harmless header": Place(
        "curl '{url}" + STATES + "' -H 'Authorization: Bearer {token}' -A '" + SIGNED + "'", SIGNED
    ),
    "a cookie": Place(
        "curl '{url}" + STATES + "' -H 'Authorization: Bearer {token}' -b 'a=1; sid=" + PLAIN + "'", PLAIN
    ),
    "a referer": Place(
        "curl '{url}" + STATES + "' -H 'Authorization: Bearer {token}' -e 'https://x.example/?t=" + PLAIN + "'", PLAIN
    ),
    "the address": Place("{url}" + STATES + "&access_token=" + PLAIN, PLAIN),
    "the address, any name": Place("{url}" + STATES + "&x=" + PLAIN, PLAIN),
    "the address, no name": Place("{url}" + STATES + "&" + PLAIN, PLAIN),
    "the fragment": Place("{url}" + STATES + "#" + PLAIN, PLAIN),
    "the path": Place("{url}/" + PLAIN + STATES, PLAIN),
    "a body": Place("curl -X GET '{url}" + STATES + "' -d 'key=" + PLAIN + "'", PLAIN),
    "a message": Place(
        "GET {url}" + STATES + " HTTP/1.1\nAuthorization: Bearer {token}\nX-Odd: " + PLAIN + "\n", PLAIN
    ),
    "another entry": Place(
        json.dumps(
            {
                "log": {
                    "entries": [
                        {"request": {"method": "POST", "url": "{url}/" + PLAIN, "headers": []}},
                        {
                            "request": {
                                "method": "GET",
                                "url": "{url}" + STATES,
                                "headers": [{"name": "Authorization", "value": f"Bearer {PLAIN}"}],
                            }
                        },
                    ]
                }
            }
        ),
        PLAIN,
    ),
}
WAYS = (
    "--format account -vv",
    "--format json --save case.json",
    "--format html -o page.html -v",
    "--format junit --save case.gz -vv",
    "--format account --probes deep -vv --save case.json --anonymize",
)
ECHOES = (None, "body", "page", "header")


class Echoing(Fault, name="echoing"):
    """Repeats a secret in every spelling, in the responses for states."""

    secret: str = ""
    at: str | None = None
    seen: list[str] = field(default_factory=list)

    def after(self, call: Call, answer: Answer) -> Answer:
        """Repeat it."""
        words = " ".join(spellings(self.secret))
        if self.at is None or call.endpoint not in ("states", "other"):
            return answer
        if self.at == "header":
            return answer.with_header("X-Debug", words).with_header("WWW-Authenticate", f"Bearer error={words}")
        if self.at == "page":
            page = f"<html><title>{words}</title></html>".encode()
            return answer._replace(status=200, body=page, content_type="text/html")
        return answer._replace(status=400, body=json.dumps({"error": words, "message": words}).encode())


def written(folder: Path, *, but: Path) -> bytes:
    """Everything in the files of a folder."""
    parts = []
    for path in folder.iterdir():
        if path.is_file() and path != but:
            data = path.read_bytes()
            parts.append(gzip.decompress(data) if path.suffix == ".gz" else data)
    return b"".join(parts)


@pytest.mark.parametrize(("place", "echo", "way"), crossed(PLACES, ECHOES, WAYS, every=6))
async def test_nothing_is_shown(
    place: str, echo: str | None, way: str, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """No secret of a request appears in output, files or logs."""
    pasted = PLACES[place]
    emulator = emulator_of(12, faults=[Echoing(secret=pasted.secret, at=echo)])
    grant(emulator, "v2", TOKEN)
    file = tmp_path / "request.txt"
    async with emulator.running() as address:
        file.write_text(pasted.text.replace("{url}", address.url).replace("{token}", TOKEN))
        code = await run_command(["request", str(file), *way.split()], emulator.environment(address.url))
    out, err = capsysbinary.readouterr()
    told = out + err + written(tmp_path, but=file)
    assert code in (0, 1, 3, 4, 5), err.decode()
    assert b"states" in told
    assert b"Traceback" not in told
    assert found([pasted.secret, TOKEN.rpartition(".")[2]], told) == []


REFUSED = {
    "another method": f"curl -X POST 'https://api-na1.niceincontact.com/x?key={PLAIN}' -d '{PLAIN}'",
    "another host": f"curl 'https://{PLAIN}.example.com{STATES}' -H 'Authorization: Bearer {PLAIN}'",
    "two requests": f"curl https://a.example/{PLAIN}; curl https://b.example/{PLAIN}",
    "a user": f"curl https://{PLAIN}:{PLAIN}@api-na1.niceincontact.com{STATES}",
    "another path": f"https://api-na1.niceincontact.com/{PLAIN}",
    "an option": f"curl --{PLAIN.lower()} https://api-na1.niceincontact.com{STATES}",
    "a program": f"import requests\nrequests.get('x', headers={{'Authorization': '{PLAIN}'}})",
    "a command": f"rm -rf /{PLAIN}",
    "a secret alone": PLAIN,
    "json": json.dumps({"token": PLAIN}),
    "broken json": f'{{"log": {PLAIN}',
    "a header": f"GET {STATES} HTTP/1.1\n{PLAIN}\n",
    "open quotes": f"curl 'https://api-na1.niceincontact.com{STATES} -H {PLAIN}",
    "a port": f"https://api-na1.niceincontact.com:{PLAIN}{STATES}",
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_refusal_quotes_nothing(
    name: str, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A text that is refused is not repeated, and nothing is requested."""
    (tmp_path / "request.txt").write_text(REFUSED[name])
    emulator = emulator_of(12)
    async with emulator.running() as address:
        monkeypatch.setenv("CXONE_INSTANCE", address.url)
        for key, value in emulator.environment(address.url).items():
            monkeypatch.setenv(key, value)
        assert await asyncio.to_thread(main.run, ["request", "request.txt", "-vv"]) == 2
    out, err = capsysbinary.readouterr()
    assert not emulator.requests
    assert (out, b"Nothing was requested" in err or b"neither" in err) == (b"", True), err.decode()
    secret = PLAIN if name != "another host" else "only the host is named"
    assert found([secret], err.lower()) == [], err.decode()
