"""The `incontact` contract, which NICE publishes: discovery, tokens, and lists of agents and of their states."""

from __future__ import annotations

from cxone_rollcall.contracts.incontact.contract import Incontact

__all__ = ["Incontact"]
