"""An emulated CXone tenant: agents in shifts, and faults in responses.

It is not CXone. It was written from published descriptions, not from a real tenant, and proves nothing about one. It
implements the part of `v2` and `incontact` that a roll call needs. It routes no contacts, changes no state on request,
stores nothing, and signs its tokens with a key that is printed in its source: keep it off public networks.

It shares no wire code with the client, so that a mistake in one is not repeated in the other.
"""

from cxone_rollcall.emulator.faults import FAULTS, Fault, FaultArgumentError, parse_fault
from cxone_rollcall.emulator.readings import Readings, list_readings, parse_readings
from cxone_rollcall.emulator.server import Address, Credentials, Emulator
from cxone_rollcall.emulator.settings import EmulatorSettings
from cxone_rollcall.emulator.tenant import Truth

__all__ = [
    "FAULTS",
    "Address",
    "Credentials",
    "Emulator",
    "EmulatorSettings",
    "Fault",
    "FaultArgumentError",
    "Readings",
    "Truth",
    "list_readings",
    "parse_fault",
    "parse_readings",
]
