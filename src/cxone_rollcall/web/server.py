"""The web server: one process for one tenant or several."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache, partial
from importlib import resources
from ssl import SSLContext
from typing import Any
from urllib.parse import quote, unquote

from aiohttp import web

from cxone_rollcall.alerts.state import AlertUnknown
from cxone_rollcall.errors import SettingError
from cxone_rollcall.live.groups import Groups
from cxone_rollcall.live.tasks import ended
from cxone_rollcall.model.struct import Value, field
from cxone_rollcall.views.html.escape import shown
from cxone_rollcall.views.json import encode
from cxone_rollcall.web import metrics, overview, sse, timeline_api
from cxone_rollcall.web.guard import Guard
from cxone_rollcall.web.overview import why_not_ready
from cxone_rollcall.web.tenant import Connect, Tenant

KINDS = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
GRACE = 0.5
"""Seconds that open responses have to end when the server stops."""


class Source(Value, frozen=True, kw_only=True):
    """A tenant to serve, its client and the groups of its states. `connect` opens the client."""

    tenant: Tenant
    connect: Connect
    groups: Groups = field(default_factory=Groups)


Feed = Callable[[dict[str, Tenant]], Coroutine[Any, Any, None]]
"""Keeps tenants by name, until cancelled."""


@asynccontextmanager
async def serving(
    sources: Sequence[Source],
    guard: Guard,
    *,
    host: str,
    port: int,
    tls: SSLContext | None = None,
    complain: Callable[[str], None],
    feed: Feed | None = None,
) -> AsyncIterator[str]:
    """Listen and poll until the block ends. Yields the address as a URL.

    `feed` fills the tenants instead of sources: they may come and go. Listens before it asks anything. Raises
    `SettingError` if the address cannot be had.
    """
    tenants = {source.tenant.name: source.tenant for source in sources}
    runner = web.AppRunner(
        application(tenants, guard), access_log=None, shutdown_timeout=GRACE, handler_cancellation=True
    )
    await runner.setup()
    tasks: list[asyncio.Task[None]] = []
    try:
        site = web.TCPSite(runner, host, port, ssl_context=tls)
        try:
            await site.start()
        except OSError as error:
            raise SettingError(
                f"cannot listen on {host}:{port}: {error.strerror or error}", example="--listen 127.0.0.1:0"
            ) from error
        tasks.extend(
            asyncio.create_task(one.tenant.run(one.connect, groups=one.groups, complain=complain)) for one in sources
        )
        if feed is not None:
            tasks.append(asyncio.create_task(feed(tenants)))
        taken = runner.addresses[0][1]
        named = f"[{host}]" if ":" in host else host
        yield f"{'https' if tls else 'http'}://{named}:{taken}{guard.base_path}/"
    finally:
        for tenant in tenants.values():
            tenant.ring.close()
        await ended(tasks)
        await runner.cleanup()


def application(tenants: Mapping[str, Tenant], guard: Guard) -> web.Application:
    """All routes. A tenant named "" is alone; any others each have theirs below `/t/NAME`, and may come and go."""
    app = web.Application(middlewares=[guard.middleware], client_max_size=64 * 1024)
    app.on_response_prepare.append(guard.sign)
    base = guard.base_path
    if "" in tenants:
        _add_routes(app, base, lambda request: tenants[""])
    else:

        def named(request: web.Request) -> Tenant:
            name = unquote(request.rel_url.raw_path.removeprefix(f"{base}/t/").partition("/")[0])
            if name not in tenants:
                raise web.HTTPNotFound(text=f"there is no tenant {name}\n")
            return tenants[name]

        one = f"{base}/t/{{tenant:[^/]+}}"  # without a pattern, no name could have a brace
        _add_routes(app, one, named)
        app.router.add_get(one, _into)
        app.router.add_get(f"{base}/", partial(_index, tenants))
        app.router.add_get(f"{base}/readyz", partial(_ready, tenants))
        app.router.add_get(f"{base}/static/{{name}}", _static)
    if base:
        app.router.add_get(base, partial(_moved, f"{base}/"))
    app.router.add_get(f"{base}/healthz", _alive)
    app.router.add_get(f"{base}/login", _login_form)
    app.router.add_post(f"{base}/login", partial(_log_in, guard))
    return app


def _add_routes(app: web.Application, prefix: str, of: Callable[[web.Request], Tenant]) -> None:
    """Add the routes of a tenant below a prefix. `of` finds it, or raises `HTTPNotFound`."""

    async def page(name: str, request: web.Request) -> web.Response:
        of(request)
        return web.Response(text=_text(name), content_type="text/html")

    async def board(request: web.Request) -> web.Response:
        return web.Response(body=of(request).board(), content_type="application/json")

    async def timelines(request: web.Request) -> web.Response:
        return await timeline_api.of_many(of(request), request)

    async def timeline(request: web.Request) -> web.Response:
        return await timeline_api.of_agent(of(request), request)

    async def events(request: web.Request) -> web.StreamResponse:
        return await sse.stream(of(request), request)

    async def scrape(request: web.Request) -> web.Response:
        return web.Response(body=metrics.render(of(request)), headers={"Content-Type": metrics.CONTENT_TYPE})

    async def ready(request: web.Request) -> web.Response:
        tenant = of(request)
        return await _ready({tenant.name: tenant}, request)

    async def acknowledge(request: web.Request) -> web.Response:
        tenant = of(request)
        if tenant.desk is None:
            return web.json_response({"error": "this server has no alerts"}, status=404)
        try:
            by, note = _acknowledgement(await request.json())
            alert = tenant.desk.acknowledge(request.match_info["id"], by, note, tenant.server_time or 0.0)
        except AlertUnknown as error:
            return web.json_response({"error": str(error)}, status=404)
        except ValueError as error:
            return web.json_response({"error": str(error)}, status=400)
        tenant.show_alerts()
        return web.Response(body=encode(tenant.dressed(alert)), content_type="application/json")

    router = app.router
    router.add_get(f"{prefix}/", partial(page, "desk.html"))
    router.add_get(f"{prefix}/wall", partial(page, "wall.html"))
    router.add_get(f"{prefix}/day", partial(page, "day.html"))
    router.add_get(f"{prefix}/agents/{{id}}", partial(page, "agent.html"))
    router.add_get(f"{prefix}/static/{{name}}", _static)
    router.add_get(f"{prefix}/api/v1/board", board)
    router.add_get(f"{prefix}/api/v1/timeline", timelines)
    router.add_get(f"{prefix}/api/v1/agents/{{id}}/timeline", timeline)
    router.add_get(f"{prefix}/api/v1/events", events)
    router.add_post(f"{prefix}/api/v1/alerts/{{id}}/acknowledge", acknowledge)
    router.add_get(f"{prefix}/metrics", scrape)
    router.add_get(f"{prefix}/readyz", ready)


def _acknowledgement(given: object) -> tuple[str, str]:
    """Name and note of a body. ValueError if it is another."""
    if isinstance(given, dict):
        by, note = given.get("by"), given.get("note", "")
        if isinstance(by, str) and isinstance(note, str):
            return by, note
    raise ValueError('the body must be like {"by": "Ann", "note": ""}')


async def _ready(tenants: Mapping[str, Tenant], request: web.Request) -> web.Response:
    """200 if any tenant's board is young enough, else 503. The body says why not."""
    reasons = {name or "board": why_not_ready(tenant) for name, tenant in tenants.items()}
    ready = not all(reasons.values())
    lines = [f"{name}: {why or 'ready'}\n" for name, why in reasons.items()]
    return web.Response(status=200 if ready else 503, text="".join(lines))


async def _alive(request: web.Request) -> web.Response:
    return web.Response(text="ok\n")


async def _moved(target: str, request: web.Request) -> web.Response:
    return web.Response(status=308, headers={"Location": target})


async def _into(request: web.Request) -> web.Response:
    return await _moved(f"{request.rel_url.raw_path}/", request)


async def _index(tenants: Mapping[str, Tenant], request: web.Request) -> web.Response:
    lines = sorted(map(overview.of, tenants.values()))
    rows = "".join(map(_row, lines)) or "<li>No tenant is known yet.</li>\n"
    page = _text("tenants.html").replace("<!-- short -->", overview.in_short(lines)).replace("<!-- tenants -->", rows)
    return web.Response(text=page, content_type="text/html")


def _row(line: overview.Line) -> str:
    link = f'<a href="t/{quote(line.name, safe="")}/">{shown(line.name)}</a>'
    title = "" if line.title == line.name else f"{shown(line.title)} "
    return f'<li class="worst-{line.worst.name.lower()}">{link} {title}<span>{shown(line.text)}</span></li>\n'


async def _login_form(request: web.Request) -> web.Response:
    return _login_page()


def _login_page(wrong: bool = False) -> web.Response:
    """The form. It does not say why a token was refused."""
    page = _text("login.html")
    note = '<p class="wrong" role="alert">That did not work.</p>' if wrong else ""
    return web.Response(
        status=401 if wrong else 200, text=page.replace("<!-- wrong -->", note), content_type="text/html"
    )


async def _log_in(guard: Guard, request: web.Request) -> web.Response:
    token = (await request.post()).get("token")
    if isinstance(token, str) and guard.access.takes_token(token.strip()):
        return guard.log_in(request)
    return _login_page(wrong=True)


async def _static(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    kind = KINDS.get(name.rpartition(".")[2])
    if kind in (None, "text/html") or name not in _names():
        raise web.HTTPNotFound
    text = _text(name)
    tag = hashlib.sha256(text.encode()).hexdigest()[:16]
    headers = {"Cache-Control": "no-cache", "ETag": f'"{tag}"'}
    if any(one.value == tag for one in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    return web.Response(text=text, content_type=kind, headers=headers)


@cache
def _names() -> frozenset[str]:
    return frozenset(one.name for one in resources.files("cxone_rollcall.web").joinpath("static").iterdir())


@cache
def _text(name: str) -> str:
    return resources.files("cxone_rollcall.web").joinpath("static", name).read_text("utf-8")
