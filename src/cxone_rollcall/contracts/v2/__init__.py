"""The `v2` contract, that of the tutorials."""

from cxone_rollcall.contracts.v2.contract import V2

__all__ = ["V2"]
