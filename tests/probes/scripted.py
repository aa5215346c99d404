"""A scripted API for probes, and the observations that they look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from cxone_rollcall.contracts.protocol import StateRows
from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.failure import Failure, FailureKind, Stage
from cxone_rollcall.model.observations.base import Failures, Observation, Observations, TenantAsked
from cxone_rollcall.model.state import AgentState

NOW = 1_772_447_400.0
"""2026-03-02T10:30:00Z"""


@dataclass
class Asked:
    """Replaces `BudgetedClient` and its client. Details, versions and paths are answered as given, the rest is 404."""

    details: dict[str, object] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    paths: dict[str, int] = field(default_factory=dict)
    alone: dict[str, tuple[AgentState, ...]] = field(default_factory=dict)
    failing: dict[str, FailureKind] = field(default_factory=dict)
    contract: Any = None
    server_ahead: float | None = None
    sent: list[str] = field(default_factory=list)
    most: int = 99
    api_versions: tuple[str, ...] = ()
    complaint: str = ""

    @property
    def client(self) -> Asked:
        """Return the client behind the budget."""
        return self

    @property
    def api(self) -> Any:
        """Return the calls of the contract in use."""
        return self

    @property
    def left(self) -> int:
        """Return how many requests may still be sent."""
        return max(0, self.most - len(self.sent))

    @property
    def server_clock(self) -> Any:
        """Return the server's clock."""
        return SimpleNamespace(now=lambda: NOW, ours=lambda: NOW - (self.server_ahead or 0.0), ahead=self.server_ahead)

    @property
    def incontact(self) -> Any:
        """Return the calls of `incontact`."""
        return SimpleNamespace(contract=SimpleNamespace(api_versions=self.api_versions))

    async def detail(self, path: str) -> Any:
        """Answer by the beginning of the path."""
        self.sent.append(path)
        self._fail(path)
        for known, body in self.details.items():
            if path.startswith(known):
                return SimpleNamespace(value=body, exchange=len(self.sent))
        raise RequestFailed(failure(FailureKind.NOT_FOUND, exchange=len(self.sent)))

    async def state_of(self, agent_id: str) -> Any:
        """Answer with the rows of an agent alone."""
        self.sent.append(f"alone {agent_id}")
        self._fail(f"alone {agent_id}")
        rows = self.alone.get(agent_id, ())
        return SimpleNamespace(value=StateRows(rows=rows, complaint=self.complaint), exchange=len(self.sent))

    async def roster_status(self, version: str) -> Any:
        """Answer with the status of a version."""
        self.sent.append(version)
        self._fail(version)
        return SimpleNamespace(value=self.versions.get(version, 404), exchange=len(self.sent))

    async def listed_versions(self, path: str) -> Any:
        """Answer with the list of versions, if there is one."""
        return await self.detail(f"apiversion {path}")

    async def status_of(self, request: Any) -> Any:
        """Answer with the status of a path."""
        self.sent.append(request.target)
        self._fail(request.target)
        return SimpleNamespace(value=self.paths.get(request.target, 404), exchange=len(self.sent))

    def _fail(self, asked: str) -> None:
        for known, kind in self.failing.items():
            if asked.startswith(known):
                raise RequestFailed(failure(kind, exchange=len(self.sent)))


def failure(kind: FailureKind, stage: Stage = Stage.PROBE, *, exchange: int = 1, status: int | None = None) -> Failure:
    """Return a request that failed."""
    return Failure(kind=kind, stage=stage, purpose="asked", exchange=exchange, status=status)


def tenant(contract: str = "incontact", **said: Any) -> TenantAsked:
    """Return the tenant that was asked."""
    return TenantAsked(
        instance="api-na1.niceincontact.com",
        contract=contract,
        grant_type="password",
        roster_scope="",
        states_scope="",
        **said,
    )


def seen(*facts: Observation) -> Observations:
    """Return observations with an incontact tenant and no failures."""
    quiet: tuple[Observation, ...] = (tenant(), Failures(items=(), answered=2))
    return Observations((*quiet, *facts))


def failed(kind: FailureKind, stage: Stage) -> Failures:
    """Return the failures of a run with one of them."""
    return Failures(items=(failure(kind, stage),), answered=1)
