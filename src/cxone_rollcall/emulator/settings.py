"""The settings of an emulated tenant."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, get_args

from cxone_rollcall.emulator.readings import Readings

MOMENT = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
"""The default time in the emulated world. A Monday, in the middle of the early shift."""

ALL_SCOPES = ("agent:read", "presence:read")

ContractName = Literal["v2", "incontact"]
WorldClock = Literal["frozen", "running", "manual"]
RetryAfter = Literal["seconds", "date", "none"]
IdForm = Literal["numbers", "strings"]
Detail = Literal["full", "ids"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EmulatorSettings:
    """The settings of an emulated tenant.

    `seed` decides who the agents are and which of them a fault hits. `moment` is the time in the emulated world, which
    decides what each agent is doing. With `clock` "frozen" it stays there, so that a question always has the same
    answer; "running" follows the real time; "manual" moves with `Emulator.advance` only, and the server's time too.
    `now` is the server's time, in seconds since 1970: it dates the responses and decides when tokens expire.
    `rate` is how many requests a second are answered before a 429; None sets no limit.
    `ids` and `detail` choose how rows are written: ids as JSON numbers or strings, entities in full or with their id
    only. `list_all` grants the permission "List All Agents": states are listed without ids too.
    `cors` lets web pages of any origin use both APIs, but not the control path.
    `contracts` are served side by side; every other path is a 404. `readings` decides what the public documentation
    of `incontact` leaves open.
    """

    contracts: tuple[ContractName, ...] = ("v2",)
    agents: int = 120
    seed: int = 1
    moment: datetime = MOMENT
    clock: WorldClock = "frozen"
    page_cap: int = 100
    latency_ms: float = 0
    rate: float | None = None
    retry_after: RetryAfter = "seconds"
    token_life: int = 3600
    scopes: tuple[str, ...] = ALL_SCOPES
    list_all: bool = False
    cors: bool = False
    ids: IdForm = "numbers"
    detail: Detail = "full"
    target_limit: int = 8192
    client_id: str = "emulated-client"
    client_secret: str = field(default="emulated-secret", repr=False)
    access_key_id: str = "emulated-key"
    access_key_secret: str = field(default="emulated-key-secret", repr=False)
    readings: Readings = field(default_factory=Readings)
    now: Callable[[], float] = field(default=time.time, repr=False, compare=False)

    def __post_init__(self) -> None:
        _at_least(0, agents=self.agents, latency_ms=self.latency_ms)
        _at_least(1, page_cap=self.page_cap, token_life=self.token_life, target_limit=self.target_limit)
        if self.rate is not None and not self.rate > 0:
            raise ValueError(f"rate must be more than 0 requests a second, or None for no limit, not {self.rate}")
        if self.moment.tzinfo is None:
            raise ValueError(f"moment needs a time zone, as in 2026-03-02T10:30:00Z, not {self.moment.isoformat()}")
        if not self.contracts or len(set(self.contracts)) < len(self.contracts):
            raise ValueError("contracts must name one or more of v2, incontact, each once")
        for contract in self.contracts:
            _one_of(ContractName, contracts=contract)
        _one_of(WorldClock, clock=self.clock)
        _one_of(RetryAfter, retry_after=self.retry_after)
        _one_of(IdForm, ids=self.ids)
        _one_of(Detail, detail=self.detail)
        for name in ("client_id", "client_secret", "access_key_id", "access_key_secret"):
            if not getattr(self, name):
                raise ValueError(f"{name} must not be empty")


def _at_least(least: int, **values: float) -> None:
    for name, value in values.items():
        if not value >= least:
            raise ValueError(f"{name} must be {least} or more, not {value}")


def _one_of(choices: object, **values: str) -> None:
    known = get_args(choices)
    for name, value in values.items():
        if value not in known:
            raise ValueError(f"{name} must be one of {', '.join(known)}, not {value!r}")
