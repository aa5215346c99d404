"""This host speaks the published contract, and not v2."""

import re
from dataclasses import dataclass

from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.wire import Answer, Call, problem

# Letter case and doubled slashes do not matter on the published contract.
_AGENTS = re.compile(r"/+incontactapi/+services/+v\d+\.0/+agents(/.*)?", re.IGNORECASE)


@dataclass(kw_only=True)
class OtherContract(Fault):
    """Every path of v2, the token's too, is 404, and the agents of the published contract are there (401)."""

    name = "other-contract"
    codes = ("RC108",)
    contracts = ("v2",)

    def before(self, call: Call) -> Answer | None:
        """Answer 401 on the other contract's path, 404 on any other."""
        if _AGENTS.fullmatch(call.path):
            return problem(401, "An access token is needed.").with_header("WWW-Authenticate", "Bearer")
        return problem(404, f"There is nothing at {call.path}.")
