"""Every request passes here: host, access, origin; every answer gets its policy."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection
from typing import Any
from urllib.parse import quote

from aiohttp import web

from cxone_rollcall.web.auth import COOKIE, SESSION, Access, same_origin

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with no-referrer, a form of ours would send `Origin: null`
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
OPEN = ("/healthz", "/readyz", "/login")
"""Paths that need no token."""
STATIC = re.compile("(?:/t/[^/]+)?/static/[^/]+")
"""Files that need no token: they are the same for everybody."""
LOCAL = re.compile(r"/(?![/\\])[!-~]*")
"""Paths of this server. Browsers leave out tabs, so `/<tab>/host` would lead to another host."""
FOREIGN_HOST = "This server does not answer to that host name. If it is yours, start it with --host NAME.\n"


class Guard:
    """Decides about each request. `proxies` are addresses whose `X-Forwarded-*` headers are believed."""

    def __init__(self, access: Access, *, base_path: str = "", proxies: Collection[str] = ()) -> None:
        self.access = access
        self.base_path = base_path
        self._proxies = frozenset(proxies)

    @property
    def middleware(self) -> Any:
        """The middleware for an aiohttp application."""

        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            return self._refusal(request) or await handler(request)

        return guard

    async def sign(self, request: web.Request, response: web.StreamResponse) -> None:
        """Add the policy to the headers of a response."""
        response.headers.update(HEADERS)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.popall("Server", None)

    def log_in(self, request: web.Request) -> web.Response:
        """Start the session of a browser that showed the token. It is redirected to the page that it asked for."""
        onward = request.query.get("next", "")
        ours = onward.startswith(f"{self.base_path}/") and LOCAL.fullmatch(onward)
        response = web.Response(status=303, headers={"Location": onward if ours else f"{self.base_path}/"})
        response.set_cookie(
            COOKIE,
            self.access.new_session(),
            max_age=SESSION,
            path=f"{self.base_path}/",
            httponly=True,
            samesite="Strict",
            secure=self._origin(request).startswith("https://"),
        )
        return response

    def _refusal(self, request: web.Request) -> web.Response | None:
        if not self.access.knows_host(self._host(request)):
            return web.Response(status=421, text=FOREIGN_HOST)
        writes = request.method not in ("GET", "HEAD")
        bearer = self.access.takes_bearer(request.headers.get("Authorization", ""))
        if writes and not bearer and not same_origin(request.headers, self._origin(request)):
            return web.Response(status=403, text="A write must come from a page of this server.\n")
        path = request.rel_url.raw_path.removeprefix(self.base_path)
        if not self.access.needs_token or bearer or path in OPEN or STATIC.fullmatch(path):
            return None
        if self.access.takes_session(request.cookies.get(COOKIE, "")):
            return None
        if "text/html" in request.headers.get("Accept", "") and not writes:
            login = f"{self.base_path}/login?next={quote(request.path_qs, safe='')}"
            return web.Response(status=303, headers={"Location": login})
        return web.Response(status=401, headers={"WWW-Authenticate": "Bearer"}, text="A token is needed.\n")

    def _believes(self, request: web.Request) -> bool:
        return request.remote in self._proxies

    def _host(self, request: web.Request) -> str:
        forwarded = request.headers.get("X-Forwarded-Host") if self._believes(request) else None
        return (forwarded or request.host).strip()

    def _origin(self, request: web.Request) -> str:
        forwarded = request.headers.get("X-Forwarded-Proto") if self._believes(request) else None
        scheme: str = forwarded or request.scheme
        return f"{scheme.strip().casefold()}://{self._host(request)}"
