"""The `v2` contract of the tutorials: tokens, roster, states by id."""

from cxone_rollcall.contracts.v2.contract import V2

__all__ = ["V2"]
