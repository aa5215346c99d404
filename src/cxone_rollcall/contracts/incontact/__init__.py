"""The `incontact` contract, published by NICE: discovery, tokens, agents and states."""

from __future__ import annotations

from cxone_rollcall.contracts.incontact.contract import Incontact

__all__ = ["Incontact"]
