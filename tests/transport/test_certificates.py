"""Only certificates of a known authority or the CA bundle are trusted."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest
from tests.transport.raw import GET, listening, saying, sent

from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.transport.base import TransportFault
from cxone_rollcall.transport.http import HttpTransport

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
OPENSSL = shutil.which("openssl")

pytestmark = pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed: no certificate can be made")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a self-signed certificate for 127.0.0.1 with its key."""
    place = tmp_path_factory.mktemp("tls") / "both.pem"
    command = f"{OPENSSL} req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    subject = ["-subj", "/CN=rollcall test", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(place), "-out", str(place) + ".crt"]
    subprocess.run([*command.split(), *subject, *files], check=True, capture_output=True)
    place.write_bytes(place.read_bytes() + Path(str(place) + ".crt").read_bytes())
    return place


def served(certificate: Path) -> ssl.SSLContext:
    """Return what a server needs to show the certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


async def fault(url: str, bundle: Path | None = None) -> TransportFault:
    """The fault of a request to this address."""
    async with HttpTransport(url, timeout=20, clock=lambda: 0.0, ca_bundle=bundle) as transport:
        with pytest.raises(TransportFault) as raised:
            await transport.send(GET)
    return raised.value


async def test_a_self_signed_certificate(certificate: Path) -> None:
    """A self-signed certificate is not trusted, and the fault says why."""
    async with listening(saying(OK), tls=served(certificate)) as url:
        raised = await fault(url)
    assert raised.kind is FailureKind.CERTIFICATE
    assert "self-signed" in raised.detail or "self signed" in raised.detail


async def test_a_certificate_in_the_bundle(certificate: Path) -> None:
    """A certificate that is in the bundle is trusted."""
    async with (
        listening(saying(OK), tls=served(certificate)) as url,
        HttpTransport(url, timeout=20, clock=lambda: 0.0, ca_bundle=certificate) as transport,
    ):
        assert (await transport.send(GET)).body == b"ok"


async def test_wrong_name(certificate: Path) -> None:
    """A certificate for another name is not trusted, bundle or not."""
    async with listening(saying(OK), tls=served(certificate)) as url:
        raised = await fault(url.replace("127.0.0.1", "localhost"), certificate)
    assert raised.kind is FailureKind.CERTIFICATE


async def test_no_tls_where_tls_was_expected() -> None:
    """A server without TLS at an https address is not reached. Nothing is sent to it unencrypted."""
    async with listening(saying(b"HTTP/1.1 400 Bad Request\r\n\r\n"), until=b"\x16") as url:
        raised = await fault(url.replace("http:", "https:"))
    assert raised.kind in {FailureKind.CERTIFICATE, FailureKind.UNREACHABLE}


async def test_tls_where_none_was_expected(certificate: Path) -> None:
    """A TLS server at an http address gives no answer."""
    async with listening(saying(OK), tls=served(certificate)) as url:
        with pytest.raises(TransportFault):
            await sent(url.replace("https:", "http:"))
