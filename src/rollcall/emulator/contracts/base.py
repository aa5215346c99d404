"""What the server asks of a contract."""

from collections.abc import Sequence
from typing import Protocol

from rollcall.emulator.faults.base import Fault
from rollcall.emulator.wire import Answer, Call, Endpoint


class Contract(Protocol):
    """One way to ask this tenant: which paths there are, and what each answers."""

    def endpoint(self, path: str) -> Endpoint:
        """Return what this path is for; `other` where this contract has no such path."""
        ...

    def answer(self, call: Call, faults: Sequence[Fault]) -> Answer:
        """Return the answer to a call to one of this contract's endpoints."""
        ...
