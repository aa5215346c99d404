"""The figures of a worker for Prometheus, and its health."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from aiohttp import web

from cxone_rollcall.errors import SettingError
from cxone_rollcall.version import __version__
from cxone_rollcall.views.prometheus import CONTENT_TYPE, Sample, metric

if TYPE_CHECKING:
    from cxone_rollcall.fleet.worker import Worker

UNHEARD = 3.0
"""Beats without the engine after which a worker is not ready."""


def render(status: dict[str, Any]) -> str:
    """The metrics of what a worker tells of itself. What is not known is left out, never zero."""
    tenants = status["tenants"]

    def each(key: Callable[[dict[str, Any]], float | None]) -> list[Sample]:
        return [({"tenant": one["tenant"]}, value) for one in tenants if (value := key(one)) is not None]

    standings = ("present", "logged_out", "absent", "unknown")
    agents = [
        ({"tenant": one["tenant"], "standing": name}, one["counts"][name])
        for one in tenants
        for name in standings
        if one["counts"]
    ]
    own = {"worker": status["worker"], "version": __version__}
    lines = [
        *metric("worker_info", "gauge", "The worker, and the version that runs.", [(own, 1)]),
        *metric("worker_tenants", "gauge", "Tenants that it polls.", [({}, len(tenants))]),
        *metric("worker_capacity", "gauge", "Tenants that it would poll at most.", [({}, status["capacity"])]),
        *metric("worker_taken_total", "counter", "Tickets that it took.", [({}, status["taken"])]),
        *metric("worker_refused", "gauge", "Tickets that it cannot use.", [({}, len(status["refused"]))]),
        *metric("worker_engine_age_seconds", "gauge", "Since the engine last answered.", [({}, status["engine_age"])]),
        *metric("tenant_up", "gauge", "Whether the last poll was whole.", each(lambda one: float(one["ok"]))),
        *metric("tenant_poll_age_seconds", "gauge", "Since the last poll ended.", each(lambda one: one["age"])),
        *metric("tenant_interval_seconds", "gauge", "Time between two polls.", each(lambda one: one["interval"])),
        *metric("tenant_changes_total", "counter", "The number of its last change.", each(lambda one: one["number"])),
        *metric("tenant_buffered", "gauge", "Records that the engine has not.", each(lambda one: one["buffered"])),
        *metric("tenant_agents", "gauge", "Agents by standing; they sum up to the roster.", agents),
    ]
    return "\n".join(lines) + "\n"


@asynccontextmanager
async def serving(worker: Worker, host: str, port: int, beat: float) -> AsyncIterator[str]:
    """Serve /metrics, /healthz and /readyz until the block ends. Yields the address. SettingError if it is taken."""

    async def scrape(request: web.Request) -> web.Response:
        return web.Response(body=render(worker.status()).encode(), headers={"Content-Type": CONTENT_TYPE})

    async def alive(request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def ready(request: web.Request) -> web.Response:
        age = worker.status()["engine_age"]
        heard = age <= UNHEARD * beat
        return web.Response(status=200 if heard else 503, text=f"the engine answered {age:.1f} s ago\n")

    app = web.Application()
    app.router.add_get("/metrics", scrape)
    app.router.add_get("/healthz", alive)
    app.router.add_get("/readyz", ready)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise SettingError(
                f"cannot listen on {host}:{port}: {error.strerror or error}", example="--metrics 127.0.0.1:0"
            ) from None
        yield f"http://{host}:{runner.addresses[0][1]}/metrics"
    finally:
        await runner.cleanup()
