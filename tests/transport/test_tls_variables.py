"""Variables of Python, OpenSSL and other tools that affect certificate checks."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.thorough import mostly_thorough
from tests.transport.raw import listening, saying

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
OPENSSL = shutil.which("openssl")
UNTRUSTED = "RC103"

pytestmark = pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed: no certificate can be made")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a self-signed certificate, also named for OpenSSL."""
    place = tmp_path_factory.mktemp("authorities")
    command = f"{OPENSSL} req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    more = ["-keyout", "key", "-out", "crt", "-subj", "/CN=rollcall test", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command.split(), *more], check=True, capture_output=True, cwd=place)
    hashed = subprocess.run(
        [str(OPENSSL), "x509", "-in", "crt", "-noout", "-hash"], check=True, capture_output=True, text=True, cwd=place
    )
    shutil.copy(place / "crt", place / f"{hashed.stdout.strip()}.0")
    return place


async def codes(folder: Path, cwd: Path, **variables: str) -> set[str]:
    """Return the finding codes of a check against that certificate. Run as a process with these variables."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "crt", folder / "key")
    ours = ("CXONE_", "ROLLCALL_", "SSL", "PYTHONHTTPS", "REQUESTS_", "CURL_")
    environment = {name: text for name, text in os.environ.items() if not name.startswith(ours)}
    async with listening(saying(OK), tls=context) as url:
        settings = {"CXONE_INSTANCE": url, "CXONE_CLIENT_ID": "me", "CXONE_CLIENT_SECRET": "hunter2hunter2"}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "cxone_rollcall", "check", "--format", "json"),
            env={**environment, **settings, "XDG_CONFIG_HOME": str(cwd), **variables},
            cwd=cwd,
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await process.communicate()
    return {finding["code"] for finding in json.loads(out)["findings"]}


WITHOUT_EFFECT = [
    {"PYTHONHTTPSVERIFY": "0", "REQUESTS_CA_BUNDLE": "{crt}", "CURL_CA_BUNDLE": "{crt}"},
    {"PYTHONHTTPSVERIFY": "0"},
    {"REQUESTS_CA_BUNDLE": ""},
    {"CURL_CA_BUNDLE": ""},
    {"NODE_TLS_REJECT_UNAUTHORIZED": "0", "GIT_SSL_NO_VERIFY": "1", "CXONE_VERIFY": "0", "CXONE_CA_BUNDLE": ""},
]


@pytest.mark.parametrize("variables", mostly_thorough(WITHOUT_EFFECT, quick=1), ids=str)
async def test_no_variable_turns_checks_off(folder: Path, tmp_path: Path, variables: dict[str, str]) -> None:
    """Other tools' variables do not turn certificate checks off."""
    given = {name: text.format(crt=folder / "crt") for name, text in variables.items()}
    assert UNTRUSTED in await codes(folder, tmp_path, **given)


@pytest.mark.parametrize("name", mostly_thorough(["SSL_CERT_FILE", "SSL_CERT_DIR", "CXONE_CA_BUNDLE"], quick=1))
async def test_what_names_authorities(folder: Path, tmp_path: Path, name: str) -> None:
    """OpenSSL's variables name the authorities, if they are in the environment."""
    text = str(folder if name.endswith("DIR") else folder / "crt")
    found = await codes(folder, tmp_path, **{name: text})
    assert found
    assert UNTRUSTED not in found
    if not name.startswith("CXONE_"):
        (tmp_path / ".env").write_text(f"{name}={text}\n")
        assert UNTRUSTED in await codes(folder, tmp_path)


@pytest.mark.parametrize("name", mostly_thorough(["SSL_CERT_FILE", "CXONE_CA_BUNDLE"], quick=1))
async def test_keys_are_written_on_request(folder: Path, tmp_path: Path, name: str) -> None:
    """Connection keys are written only to the environment's SSLKEYLOGFILE."""
    keys, authority = tmp_path / "keys", {name: str(folder / "crt")}
    (tmp_path / ".env").write_text(f"SSLKEYLOGFILE={keys}\n")
    await codes(folder, tmp_path, **authority)
    assert os.listdir(tmp_path) == [".env"]  # noqa: PTH208
    await codes(folder, tmp_path, **authority, SSLKEYLOGFILE=str(keys))
    assert b"TRAFFIC_SECRET" in keys.read_bytes()
