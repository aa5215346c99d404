"""What can be done to an answer: the kinds of strike, all of them listed here, in the order of the road."""

from __future__ import annotations

from quality.strikes.kinds.base import Kind
from quality.strikes.kinds.bodies import BODIES
from quality.strikes.kinds.connections import CONNECTIONS
from quality.strikes.kinds.statuses import STATUSES

KINDS: tuple[Kind, ...] = (*CONNECTIONS, *STATUSES, *BODIES)

__all__ = ["KINDS", "Kind"]
