"""A fault of one of two backends that answer in turns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from typing import Any

from cxone_rollcall.emulator.faults import Fault, parse_fault
from cxone_rollcall.emulator.wire import Call

HOOKS = tuple(name for name, value in vars(Fault).items() if callable(value) and not name.startswith("_"))
"""The methods of a fault. Each takes a call."""


class OfOneBackend(Fault, name="of-one-backend"):
    """The fault `inner` concerns every other request. `first` if it concerns the first one."""

    inner: str
    first: bool = True
    turns: dict[int, tuple[Call, bool]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _inner: Fault = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._inner = parse_fault(self.inner)

    def concerns(self, call: Call) -> bool:
        """Whether this request comes to the backend with the fault. Kept calls keep their headers' ids."""
        even = len(self.turns) % 2 == 0
        return self.turns.setdefault(id(call.headers), (call, even is self.first))[1]


def _hook(name: str) -> Callable[..., Any]:
    def hook(self: OfOneBackend, call: Call, *value: Any) -> Any:
        fault = self._inner if self.concerns(call) else super(OfOneBackend, self)
        return getattr(fault, name)(call, *value)

    return hook


for _name in HOOKS:
    setattr(OfOneBackend, _name, _hook(_name))
