"""A host that serves only the published contract."""

import re
from dataclasses import dataclass

from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.wire import Answer, Call, problem

# Letter case and doubled slashes do not matter on the published contract.
_AGENTS = re.compile(r"/+incontactapi/+services/+v\d+\.0/+agents(/.*)?", re.IGNORECASE)


@dataclass(kw_only=True)
class OtherContract(Fault):
    """Every path of v2 is a 404, the token endpoint too; the agents of `incontact` exist (401)."""

    name = "other-contract"
    codes = ("RC108",)
    contracts = ("v2",)

    def before(self, call: Call) -> Answer | None:
        """Return 401 on a path of the other contract, else 404."""
        if _AGENTS.fullmatch(call.path):
            return problem(401, "An access token is needed.").with_header("WWW-Authenticate", "Bearer")
        return problem(404, f"There is nothing at {call.path}.")
