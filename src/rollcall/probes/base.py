"""What a probe is: the only part of the diagnosis that asks the world anything."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rollcall.client import Client
    from rollcall.model.observation import Observation
    from rollcall.model.roll import Roll

Seen = dict[type["Observation"], "Observation"]


@dataclass(frozen=True, slots=True)
class Probe:
    """Asks one question. It never changes anything in the tenant.

    `gives` is the observation that the answer becomes. `pointless` says why asking would tell nothing new ("" where
    it would), so that a healthy tenant is asked nothing. `ask` returns the observation, or raises `RequestFailed`
    where no answer is to be had.
    """

    gives: type[Observation]
    pointless: Callable[[Seen, Roll], str]
    ask: Callable[[Client, Seen, Roll], Awaitable[Observation]]
