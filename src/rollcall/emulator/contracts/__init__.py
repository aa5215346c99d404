"""The wire contracts that the emulator speaks, each in a module of its own."""

from rollcall.emulator.contracts.base import Contract
from rollcall.emulator.contracts.incontact import Incontact
from rollcall.emulator.contracts.v2 import V2

__all__ = ["V2", "Contract", "Incontact"]
