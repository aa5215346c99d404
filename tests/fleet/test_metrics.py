"""A worker's figures for Prometheus, and its health."""

from __future__ import annotations

from typing import Any, cast

import aiohttp
import pytest

from cxone_rollcall.errors import SettingError
from cxone_rollcall.fleet.metrics import UNHEARD, render, serving
from cxone_rollcall.fleet.worker import Worker
from cxone_rollcall.version import __version__

POLLED = {
    "tenant": "acme",
    "interval": 5.0,
    "age": 1.5,
    "ok": True,
    "counts": {"roster": 4, "present": 3, "logged_out": 0, "absent": 0, "unknown": 1},
    "number": 12,
    "buffered": 2,
}
UNPOLLED = {"tenant": "globex", "interval": 7.0, "age": None, "ok": False, "counts": {}, "number": 0, "buffered": 0}
TOLD = f"""\
rollcall_worker_info{{worker="w",version="{__version__}"}} 1
rollcall_worker_tenants 2
rollcall_worker_capacity 9
rollcall_worker_taken_total 3
rollcall_worker_refused 1
rollcall_worker_engine_age_seconds 0.25
rollcall_tenant_up{{tenant="acme"}} 1
rollcall_tenant_up{{tenant="globex"}} 0
rollcall_tenant_poll_age_seconds{{tenant="acme"}} 1.5
rollcall_tenant_interval_seconds{{tenant="acme"}} 5
rollcall_tenant_interval_seconds{{tenant="globex"}} 7
rollcall_tenant_changes_total{{tenant="acme"}} 12
rollcall_tenant_changes_total{{tenant="globex"}} 0
rollcall_tenant_buffered{{tenant="acme"}} 2
rollcall_tenant_buffered{{tenant="globex"}} 0
rollcall_tenant_agents{{tenant="acme",standing="present"}} 3
rollcall_tenant_agents{{tenant="acme",standing="logged_out"}} 0
rollcall_tenant_agents{{tenant="acme",standing="absent"}} 0
rollcall_tenant_agents{{tenant="acme",standing="unknown"}} 1
"""
BEAT = 2.0


class Told:
    """A worker that tells of two tenants. `age` is since the engine last answered, in seconds."""

    def __init__(self, age: float = 0.25) -> None:
        self.age = age

    def status(self) -> dict[str, Any]:
        """What it tells."""
        own = {"worker": "w", "capacity": 9, "taken": 3, "refused": {"x": "why"}, "engine_age": self.age}
        return {**own, "tenants": [POLLED, UNPOLLED]}


def test_what_is_not_known_is_left_out() -> None:
    """A tenant that was never polled has no age, not zero. Each figure has its type."""
    lines = render(Told().status()).splitlines(keepends=True)
    assert "".join(line for line in lines if not line.startswith("#")) == TOLD
    types = dict(line.split()[2:] for line in lines if line.startswith("# TYPE "))
    assert types == {name: "counter" if name.endswith("_total") else "gauge" for name in types}
    assert types.keys() == {line.partition(" ")[0].partition("{")[0] for line in TOLD.splitlines()}


async def _asked(age: float, path: str) -> tuple[int, str, str]:
    worker = cast(Worker, Told(age))
    async with serving(worker, "127.0.0.1", 0, BEAT) as url, aiohttp.ClientSession() as session:
        assert url.endswith("/metrics")
        async with session.get(url.replace("/metrics", path)) as answer:
            return answer.status, answer.headers["Content-Type"].partition(";")[0], await answer.text()


async def test_metrics_are_served() -> None:
    """A scrape has what the worker tells."""
    assert await _asked(0.25, "/metrics") == (200, "text/plain", render(Told().status()))


@pytest.mark.parametrize(("age", "status"), [(0.0, 200), (UNHEARD * BEAT, 200), (UNHEARD * BEAT + 0.1, 503)])
async def test_a_worker_without_its_engine_is_not_ready(age: float, status: int) -> None:
    """It is alive, but not ready, and says since when."""
    assert await _asked(age, "/readyz") == (status, "text/plain", f"the engine answered {age:.1f} s ago\n")
    assert await _asked(age, "/healthz") == (200, "text/plain", "ok\n")


async def test_a_port_that_is_taken_is_told() -> None:
    """The error names the address, the cause and an option that works."""
    async with serving(cast(Worker, Told()), "127.0.0.1", 0, BEAT) as url:
        port = int(url.split(":")[2].partition("/")[0])
        with pytest.raises(
            SettingError, match=f"cannot listen on 127.0.0.1:{port}: (?i:.*address already in use)"
        ) as caught:
            async with serving(cast(Worker, Told()), "127.0.0.1", port, BEAT):
                pass
    assert caught.value.example == "--metrics 127.0.0.1:0"
