"""An emulator behind TLS and a proxy, for third-party clients. Requests are recorded."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import trustme
from tests.conformance.proxy import Proxy, proxying

from cxone_rollcall.emulator import Emulator, EmulatorSettings, Fault, Readings
from cxone_rollcall.emulator.wire import Answer, Call

_LONGEST = 60
"""Seconds that a client may take."""


class Passed(NamedTuple):
    """One request and its answer."""

    call: Call
    answer: Answer

    @property
    def line(self) -> str:
        """What was asked for, without its query."""
        return f"{self.call.method} {self.call.path}"

    @property
    def json(self) -> Any:
        """The body of the answer."""
        return json.loads(self.answer.body)


class Overhearing(Fault, name="overhearing"):
    """Nothing is wrong: every request is written down, with its answer."""

    passed: list[Passed] = field(default_factory=list)

    def after(self, call: Call, answer: Answer) -> Answer:
        """Write both down."""
        self.passed.append(Passed(call, answer))
        return answer


class Ended(NamedTuple):
    """A client's output and exit code."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Stage:
    """A running emulator that clients take for CXone, and their folder."""

    emulator: Emulator
    proxy: Proxy
    passed: list[Passed]
    folder: Path
    ca: Path

    def of(self, endpoint: str) -> list[Passed]:
        """Return what passed to and from one endpoint."""
        return [one for one in self.passed if one.call.endpoint == endpoint]

    def write(self, name: str, value: object) -> Path:
        """Put JSON into the folder."""
        path = self.folder / name
        path.write_text(json.dumps(value))
        return path

    async def run(self, *command: object) -> Ended:
        """Run a client with the proxy and the test CA. Without any other settings of this machine."""
        environment = {
            "PATH": os.defpath,
            "HOME": str(self.folder),  # no .netrc of the user who runs the tests
            "SYSTEMROOT": os.environ.get("SYSTEMROOT", ""),
            "HTTPS_PROXY": self.proxy.url,
            "HTTP_PROXY": self.proxy.url,
            "REQUESTS_CA_BUNDLE": str(self.ca),
            "PYTHONUTF8": "1",
        }
        pipe = asyncio.subprocess.PIPE
        client = await asyncio.create_subprocess_exec(
            *map(str, command),
            cwd=self.folder,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
        )
        try:
            out, err = await asyncio.wait_for(client.communicate(), _LONGEST)
        except TimeoutError:
            client.kill()
            await client.wait()
            raise
        assert client.returncode is not None
        return Ended(client.returncode, out.decode(), err.decode())


@contextlib.asynccontextmanager
async def staged(folder: Path, readings: Readings | None = None, **settings: Any) -> AsyncIterator[Stage]:
    """Run the emulator until the block ends. It answers to NICE's host names, with a certificate for them."""
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("*.niceincontact.com", "*.nice-incontact.com").configure_cert(tls)
    ca = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(ca))
    overhearing = Overhearing()
    whole = EmulatorSettings(contracts=("incontact",), readings=readings or Readings(), **settings)
    emulator = Emulator(whole, [overhearing])
    async with emulator.running(tls=tls) as address, proxying(address.port) as proxy:
        yield Stage(emulator, proxy, overhearing.passed, folder, ca)
