"""What the server needs of a contract."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.settings import ContractName
from cxone_rollcall.emulator.wire import Answer, Call, Endpoint

_METHODS: Mapping[Endpoint, tuple[str, ...]] = {"token": ("POST",), "authorize": ("GET", "POST")}


class Contract(ABC):
    """An API of the tenant: its paths and their responses."""

    name: ClassVar[ContractName]

    @abstractmethod
    def prepare(self) -> None:
        """Encode every row, so that no request has to wait."""

    @abstractmethod
    def endpoint(self, path: str) -> Endpoint:
        """Return the endpoint of this path. `other` if the contract does not have it."""

    def methods(self, call: Call) -> tuple[str, ...]:
        """Return the methods that are allowed there."""
        return _METHODS.get(call.endpoint, ("GET",))

    def read(self, call: Call) -> Call:
        """The call with its agent ids. By default they are in `agentIds`."""
        return call

    @abstractmethod
    def answer(self, call: Call, faults: Sequence[Fault]) -> Answer:
        """Return the response to a call to an endpoint of this contract."""

    def finish(self, call: Call, answer: Answer) -> Answer:
        """Return any response, also a fault's, in the form of this contract."""
        return answer
