"""All kinds of strike: connection, status, body."""

from __future__ import annotations

from quality.strikes.kinds.base import Kind
from quality.strikes.kinds.bodies import BODIES
from quality.strikes.kinds.connections import CONNECTIONS
from quality.strikes.kinds.statuses import STATUSES

KINDS: tuple[Kind, ...] = (*CONNECTIONS, *STATUSES, *BODIES)

__all__ = ["KINDS", "Kind"]
