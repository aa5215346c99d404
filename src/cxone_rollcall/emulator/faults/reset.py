"""The connection is cut before there is any answer."""

from dataclasses import dataclass
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, Struck
from cxone_rollcall.emulator.wire import Answer, Call, Delivery


@dataclass(kw_only=True)
class Reset(Struck):
    """The connection is accepted and reset, or closed, before any answer."""

    name = "reset"
    codes = ("RC102",)

    how: Annotated[Literal["reset", "close"], About("with a TCP reset, or closed without a word")] = "reset"

    def before(self, call: Call) -> Answer | None:
        """Cut the connection."""
        if not self.strikes(call):
            return None
        return Answer(0, delivery=Delivery.RESET if self.how == "reset" else Delivery.CLOSED)
