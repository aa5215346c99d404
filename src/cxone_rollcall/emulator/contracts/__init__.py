"""The contracts that the emulator serves, one folder each."""

from cxone_rollcall.emulator.contracts.incontact.contract import Incontact
from cxone_rollcall.emulator.contracts.protocol import Contract
from cxone_rollcall.emulator.contracts.v2.contract import V2

__all__ = ["V2", "Contract", "Incontact"]
