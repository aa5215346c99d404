"""The `incontact` contract, which NICE publishes: discovery, tokens, lists of agents and of states."""

from __future__ import annotations

from cxone_rollcall.contracts.incontact.contract import Incontact

__all__ = ["Incontact"]
