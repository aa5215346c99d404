"""The `v2` contract, which the tutorials use: token, roster and states by id, on one host."""

from cxone_rollcall.contracts.v2.contract import V2

__all__ = ["V2"]
