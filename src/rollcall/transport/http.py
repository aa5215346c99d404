"""The transport over HTTP, with aiohttp."""

from __future__ import annotations

import json
import os
import ssl
import zlib
from ipaddress import ip_address
from typing import TYPE_CHECKING, Self
from urllib.parse import urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from yarl import URL

from rollcall.model.exchange import Request, Response
from rollcall.model.failure import FailureKind
from rollcall.model.secret import Secret
from rollcall.transport.base import TransportFault
from rollcall.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

LARGEST_BODY = 64 * 1024 * 1024
"""Bytes of one answer, decompressed; an agent's row takes some 300 of them, and a page has 100 rows."""
LONGEST_CONNECT = 10.0
_PLAIN = frozenset({"", "identity"})
_COMPRESSED = frozenset({"gzip", "x-gzip", "deflate"})
_ANY_WINDOW = zlib.MAX_WBITS + 32
"""Tells zlib to look for itself whether the header is that of gzip or of zlib."""


class HttpTransport:
    """Sends where a request says, by default to one host: a redirect elsewhere is handed back as what it is.

    `timeout` is the seconds that one answer may take from the sending of the request to its last byte. The
    certificate is always checked, against `ca_bundle` where that is set. Proxies are taken from the environment,
    as everywhere, but for loopback; a `.netrc` is not read: it would put another secret in the place of ours.
    """

    def __init__(
        self,
        base_url: str,
        *,
        timeout: float,
        clock: Callable[[], float],
        ca_bundle: Path | None = None,
    ) -> None:
        self._base = base_url
        self._clock = clock
        self._timeout = timeout
        self._ca_bundle = ca_bundle
        self._session: aiohttp.ClientSession | None = None
        self._proxies: dict[str, str | None] = {}

    async def __aenter__(self) -> Self:
        # aiohttp made a context with the system's authorities when it was imported; another one takes 20 ms.
        secure = True if self._ca_bundle is None else ssl.create_default_context(cafile=self._ca_bundle)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ssl=secure, ttl_dns_cache=300),
            timeout=aiohttp.ClientTimeout(total=self._timeout, sock_connect=min(LONGEST_CONNECT, self._timeout)),
            headers={
                "User-Agent": f"rollcall/{__version__}",
                "Accept": "application/json",
                "Accept-Encoding": "gzip, deflate",
            },
            auto_decompress=False,  # aiohttp takes a gzip body that was cut short for a whole one, even an empty one
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,  # which is about `.netrc` too
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def send(self, request: Request) -> Response:
        """Send once and read the whole body; a redirect is handed back, with where it leads within this host."""
        if self._session is None:
            raise RuntimeError("HttpTransport is used inside 'async with'")
        started, base = self._clock(), request.base or self._base
        try:
            async with self._session.request(
                request.method,
                URL(base + request.target, encoded=True),
                data=_encode_form(request),
                headers=_headers(request),
                allow_redirects=False,
                proxy=self._proxy(base),
            ) as answer:
                body = await _read_whole(answer)
                headers = {name.lower(): value for name, value in answer.headers.items()}
                return Response(
                    status=answer.status,
                    headers=headers,
                    body=body,
                    seconds=self._clock() - started,
                    onward=_onward(base, request, answer.status, headers.get("location", "")),
                )
        except zlib.error as error:
            raise TransportFault(FailureKind.DAMAGED, "the compressed body cannot be decompressed") from error
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise _fault(error, urlsplit(base).hostname or base, self._timeout) from error

    def _proxy(self, base: str) -> str | None:
        """Return the proxy that the environment names for a host, which may hold a user and a password."""
        if base not in self._proxies:
            asked = urlsplit(base)
            direct = _is_loopback(asked.hostname or "") or proxy_bypass(asked.hostname or "")
            self._proxies[base] = None if direct else getproxies().get(asked.scheme)
        return self._proxies[base]


def _onward(base: str, request: Request, status: int, location: str) -> str | None:
    """Return where the same question is asked again: a GET, on the same host, with the query that it had."""
    if request.method != "GET" or not 300 <= status < 400:
        return None
    if location.startswith(base + "/"):
        location = location.removeprefix(base)
    elif location.startswith((path := urlsplit(base).path) + "/"):
        location = location.removeprefix(path)  # an API may stand behind a path of a gateway's
    asks_the_same = location.partition("?")[2] == request.target.partition("?")[2]
    return location if asks_the_same and location.startswith("/") and not location.startswith("//") else None


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _encode_form(request: Request) -> bytes | None:
    if request.form is None:
        return None
    fields = [(name, value.reveal() if isinstance(value, Secret) else value) for name, value in request.form]
    if request.as_json:
        return json.dumps(dict(fields)).encode("ascii")
    return urlencode(fields, errors="surrogateescape").encode("ascii")


def _headers(request: Request) -> dict[str, str]:
    headers = {name: value.reveal() if isinstance(value, Secret) else value for name, value in request.headers}
    if request.form is not None:
        headers["Content-Type"] = "application/json" if request.as_json else "application/x-www-form-urlencoded"
    return headers


async def _read_whole(answer: aiohttp.ClientResponse) -> bytes:
    encoding = answer.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in _PLAIN | _COMPRESSED:
        raise TransportFault(FailureKind.DAMAGED, f"the body is encoded as {encoding}, which was not asked for")
    inflate = zlib.decompressobj(_ANY_WINDOW) if encoding in _COMPRESSED else None
    chunks: list[bytes] = []
    size = received = 0
    async for raw in answer.content.iter_any():
        received += len(raw)
        chunk = raw if inflate is None else inflate.decompress(raw, LARGEST_BODY + 1 - size)
        size += len(chunk)
        if size > LARGEST_BODY:
            raise TransportFault(FailureKind.DAMAGED, f"the body is larger than {LARGEST_BODY >> 20} MiB")
        chunks.append(chunk)
    if inflate is not None and received and (not inflate.eof or inflate.unused_data):
        raise TransportFault(FailureKind.DAMAGED, "the compressed body does not end where it should")
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _fault(error: Exception, host: str, timeout: float) -> TransportFault:
    """Name what the network did. The order matters: aiohttp's errors inherit from one another."""
    match error:
        case aiohttp.ClientConnectorDNSError():
            return TransportFault(FailureKind.HOST_NOT_FOUND, f"no address is known for {host}")
        case aiohttp.ClientSSLError():
            return TransportFault(FailureKind.CERTIFICATE, _certificate_reason(error))
        case aiohttp.ConnectionTimeoutError():
            return TransportFault(FailureKind.UNREACHABLE, "the connection was not taken in time")
        case aiohttp.ClientConnectorError():
            return TransportFault(FailureKind.UNREACHABLE, _connection_reason(error))
        case TimeoutError():
            return TransportFault(FailureKind.TIMED_OUT, f"no whole answer within {timeout:.3g} s")
        case aiohttp.ClientPayloadError():
            return TransportFault(FailureKind.DAMAGED, "the connection ended in the middle of the body")
        case aiohttp.ServerDisconnectedError() | OSError():
            return TransportFault(FailureKind.UNREACHABLE, "the connection was closed without an answer")
        case _:
            return TransportFault(FailureKind.NOT_THE_API, f"what answers is not HTTP: {type(error).__name__}")


def _connection_reason(error: aiohttp.ClientConnectorError) -> str:
    return os.strerror(error.errno).lower() if error.errno else str(error.os_error)


def _certificate_reason(error: aiohttp.ClientSSLError) -> str:
    cause: object = getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error
    return getattr(cause, "verify_message", "") or str(cause)
