"""The transport over HTTP, with aiohttp."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import ssl
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from yarl import URL

from cxone_rollcall.errors import TOO_MANY_FILES, SettingError
from cxone_rollcall.model.exchange import LARGEST_BODY, Request, Response
from cxone_rollcall.model.failure import HANDSHAKE_FAILED, NO_TLS, FailureKind
from cxone_rollcall.model.host import host_of, is_loopback
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.transport.base import TransportFault
from cxone_rollcall.transport.body import BodyTooLargeError, UndecodableBodyError, read_body
from cxone_rollcall.version import __version__

LONGEST_CONNECT = 10.0
IDENTITY = {"Accept-Encoding": "identity"}
_NOT_TLS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "PACKET_LENGTH_TOO_LONG"})
"""Reasons of OpenSSL for first bytes that are no TLS record."""


class HttpTransport:
    """Sends requests to `base_url`, or to the base that they name. It never follows a redirect.

    `timeout` is the seconds from sending a request to the last byte of its answer. The certificate is always checked,
    against `ca_bundle` if that is set. Proxies are taken from the environment, except for loopback. `.netrc` is not
    read, because it would replace our Authorization header.

    A base whose compressed answer could not be decompressed is asked for uncompressed answers from then on.

    `may_send` is called when a connection is open and the request would be written next. By raising it prevents that.
    """

    def __init__(
        self,
        base_url: str,
        *,
        timeout: float,
        clock: Callable[[], float],
        ca_bundle: Path | None = None,
        may_send: Callable[[], None] | None = None,
    ) -> None:
        self._base = base_url
        self._clock = clock
        self._timeout = timeout
        self._ca_bundle = ca_bundle
        self._traces = [] if may_send is None else [_guard(may_send)]
        self._session: aiohttp.ClientSession | None = None
        self._apart: aiohttp.ClientSession | None = None
        """Opens a connection for each request, and closes it afterwards."""
        self._proxies: dict[str, URL | None] = {}
        self._uncompressed: set[str] = set()
        self._large = asyncio.Lock()
        self._secure: bool | ssl.SSLContext = True

    async def __aenter__(self) -> Self:
        # True uses the context that aiohttp made when it was imported; another one takes 20 ms.
        self._secure = True if self._ca_bundle is None else _context(self._ca_bundle)
        self._session = self._open_session()
        return self

    def _open_session(self, *, apart: bool = False) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ssl=self._secure, ttl_dns_cache=300, force_close=apart),
            timeout=aiohttp.ClientTimeout(total=self._timeout, sock_connect=LONGEST_CONNECT),
            headers={
                "User-Agent": f"rollcall/{__version__}",
                "Accept": "application/json",
                "Accept-Encoding": "gzip, deflate",
            },
            auto_decompress=False,  # aiohttp accepts a truncated gzip body as complete, even an empty one
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,  # would read `.netrc` too
            trace_configs=self._traces,
        )

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for session in (self._session, self._apart):
            if session is not None:
                await session.close()

    async def send(self, request: Request) -> Response:
        """Send once and read the whole body. A redirect is returned, with its target if that is on this host."""
        if self._session is None:
            raise RuntimeError("HttpTransport is used inside 'async with'")
        session = self._session
        if request.apart:
            session = self._apart = self._apart or self._open_session(apart=True)
        started, base = self._clock(), request.base or self._base
        proxy = self._proxy(base)
        try:
            async with session.request(
                request.method,
                URL(base + request.target, encoded=True),
                data=_encode_form(request),
                headers=_headers(request) | (IDENTITY if base in self._uncompressed else {}),
                allow_redirects=False,
                proxy=proxy,
            ) as answer:
                headers = {name.lower(): value for name, value in answer.headers.items()}
                if "set-cookie" in headers:  # each cookie has its own header
                    headers["set-cookie"] = "\n".join(answer.headers.getall("Set-Cookie"))
                body, unread = await self._body(request, answer)
                return Response(
                    status=answer.status,
                    headers=headers,
                    body=body,
                    unread=unread,
                    seconds=self._clock() - started,
                    onward=_onward(base, request, answer.status, headers.get("location")),
                )
        except (UndecodableBodyError, BodyTooLargeError) as error:
            if isinstance(error, UndecodableBodyError):
                self._uncompressed.add(base)
            too_large = isinstance(error, BodyTooLargeError)
            raise TransportFault(FailureKind.TOO_MUCH if too_large else FailureKind.DAMAGED, str(error)) from error
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            if _is_ours(error):
                raise SettingError(TOO_MANY_FILES) from error
            raise _fault(error, host_of(base) or base, self._timeout, _host_of(proxy)) from error

    async def _body(self, request: Request, answer: aiohttp.ClientResponse) -> tuple[bytes, str]:
        """The body, or b"" and why it was not read. A refusal counts even if its page is too large."""
        fine = 200 <= answer.status < 300
        encoding = answer.headers.get("Content-Encoding", "")
        most = request.largest_body if fine else LARGEST_BODY
        try:
            return await read_body(answer.content.iter_any(), encoding, most=most, large=self._large), ""
        except BodyTooLargeError as error:
            if fine:
                raise
            return b"", str(error)

    def _proxy(self, base: str) -> URL | None:
        """The proxy that the environment names for a host. Its URL may contain a password."""
        if base not in self._proxies:
            asked = urlsplit(base)
            direct = is_loopback(host_of(base)) or proxy_bypass(host_of(base))
            found = None if direct else getproxies().get(asked.scheme)
            self._proxies[base] = _usable_proxy(found, f"{asked.scheme.upper()}_PROXY") if found else None
        return self._proxies[base]


def _guard(may_send: Callable[[], None]) -> aiohttp.TraceConfig:
    """Call this before the headers of each request are written.

    A check before the connection is opened would be too early: a process may be stopped while it waits for that.
    """

    async def ask(*_: object) -> None:
        may_send()

    trace = aiohttp.TraceConfig()
    trace.on_request_headers_sent.append(ask)  # aiohttp calls it before they are written
    return trace


def _usable_proxy(address: str, variable: str) -> URL:
    """The URL of a proxy. Raises TransportFault, which does not show the URL, if it is invalid."""
    try:
        proxy = URL(address)
        # With a slash in the password, the user would be parsed as the host.
        if proxy.scheme in ("http", "https") and proxy.host and proxy.port and ("@" in address) == bool(proxy.raw_user):
            return proxy
    except ValueError:
        pass
    named = f"of {variable}"
    why = f"the address of the proxy {named} cannot be used: it must be like http://host:port"
    raise TransportFault(FailureKind.UNREACHABLE, why, proxy=named)


def _host_of(proxy: URL | None) -> str:
    """Return host and port of a proxy, "" without a proxy."""
    return f"{proxy.host_subcomponent}:{proxy.port}" if proxy is not None else ""


def _context(ca_bundle: Path) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_bundle)
    except OSError as error:  # ssl.SSLError is one
        raise SettingError(f"the certificates in {ca_bundle} cannot be used: {error.strerror or error}") from None


def _onward(base: str, request: Request, status: int, location: str | None) -> str | None:
    """Return a redirect's target, or None. Only a GET on the same host with the same query counts."""
    if location is None or request.method != "GET" or not 300 <= status < 400:
        return None
    if location.startswith(base + "/"):
        location = location.removeprefix(base)
    elif location.startswith((path := urlsplit(base).path) + "/"):
        location = location.removeprefix(path)  # a gateway may put a path before the API's
    asks_the_same = location.partition("?")[2] == request.target.partition("?")[2]
    return location if asks_the_same and location.startswith("/") and not location.startswith("//") else None


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


def _is_ours(error: Exception) -> bool:
    """Whether this machine failed, not the network. It has no file left for a socket or a name lookup."""
    causes = (error, getattr(error, "os_error", None), error.__cause__)
    return any(isinstance(one, OSError) and one.errno in (errno.EMFILE, errno.ENFILE) for one in causes)


def _fault(error: Exception, host: str, timeout: float, proxy: str) -> TransportFault:
    """The fault for a network error. Its detail names the proxy, if there is one."""
    kind, detail = _kind_and_detail(error, f"the proxy {proxy}" if proxy else host, timeout)
    if proxy and proxy not in detail:
        detail += f", through the proxy {proxy}"
    return TransportFault(kind, detail, proxy=proxy)


def _kind_and_detail(error: Exception, peer: str, timeout: float) -> tuple[FailureKind, str]:
    """Return kind and detail of an error. `peer` is the host or proxy of the connection.

    The order matters, because aiohttp's errors inherit from each other.
    """
    match error:
        case aiohttp.ClientConnectorDNSError():
            return FailureKind.HOST_NOT_FOUND, f"no address is known for {peer}"
        case aiohttp.ClientSSLError():
            return FailureKind.CERTIFICATE, _tls_reason(error)
        case aiohttp.ConnectionTimeoutError():
            return FailureKind.UNREACHABLE, "the connection was not taken in time"
        case aiohttp.ClientProxyConnectionError():
            return FailureKind.UNREACHABLE, f"{peer} took no connection: {_connection_reason(error)}"
        case aiohttp.ClientHttpProxyError():
            return FailureKind.UNREACHABLE, f"{peer} answered HTTP {error.status} and let nothing through"
        case aiohttp.ClientConnectorError():
            return FailureKind.UNREACHABLE, _connection_reason(error)
        case TimeoutError():
            return FailureKind.TIMED_OUT, f"no whole answer within {timeout:.3g} s"
        case aiohttp.ClientPayloadError():
            return FailureKind.DAMAGED, "the connection ended in the middle of the body"
        case aiohttp.ServerDisconnectedError() | OSError():
            return FailureKind.UNREACHABLE, "the connection was closed without an answer"
        case _:
            return FailureKind.NOT_THE_API, f"what answers is not HTTP: {type(error).__name__}"


def _connection_reason(error: aiohttp.ClientConnectorError) -> str:
    if error.errno:
        return os.strerror(error.errno).lower()
    return str(error.os_error) or "the connection was closed before the TLS handshake ended"


def _tls_reason(error: aiohttp.ClientSSLError) -> str:
    """Why there is no TLS connection: the certificate, or the handshake."""
    cause: object = getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error
    if verified := getattr(cause, "verify_message", ""):
        return str(verified)
    reason = str(getattr(cause, "reason", None) or "")
    if reason in _NOT_TLS:
        return f"{NO_TLS}: its first bytes are of another protocol, such as plain HTTP"
    if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLCertVerificationError):
        return f"{HANDSHAKE_FAILED}: {reason.replace('_', ' ').lower() or cause}"
    return str(cause)
