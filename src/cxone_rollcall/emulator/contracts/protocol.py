"""What the server asks of a contract."""

from collections.abc import Sequence
from typing import Protocol

from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.settings import ContractName
from cxone_rollcall.emulator.wire import Answer, Call, Endpoint


class Contract(Protocol):
    """One way to ask this tenant: which paths there are, and what each answers."""

    name: ContractName

    def prepare(self) -> None:
        """Do beforehand what no question should have to wait for."""
        ...

    def endpoint(self, path: str) -> Endpoint:
        """Return what this path is for; `other` where this contract has no such path."""
        ...

    def read(self, call: Call) -> Call:
        """Return the call as this contract reads it: the agents that it asks for may stand elsewhere."""
        ...

    def answer(self, call: Call, faults: Sequence[Fault]) -> Answer:
        """Return the answer to a call to one of this contract's endpoints."""
        ...

    def finish(self, call: Call, answer: Answer) -> Answer:
        """Return any answer, a fault's too, in the dress of this contract."""
        ...
