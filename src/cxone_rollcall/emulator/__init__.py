"""An emulated CXone tenant: people in shifts, and whatever can be wrong with the answers about them.

What it does NOT do: it is no CXone. It was written from published descriptions, not from a tenant, and proves nothing
about a real one. It speaks of `v2` and `incontact` what a roll call needs; it routes no contacts, changes no state on
request, keeps nothing when it stops, signs its tokens with keys that anybody can guess, and must not be reachable from
outside.

It shares no code with the client: two authors of one mistake would agree.
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
