"""An API that is not served in this version."""

import re
from dataclasses import dataclass
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, Fault
from cxone_rollcall.emulator.wire import Answer, Call, problem

_API = re.compile(r"/+incontactapi/+services/+v(\d{1,3})\.0/.*", re.IGNORECASE)


@dataclass(kw_only=True)
class VersionMissing(Fault):
    """API versions newer than N return 404."""

    name = "version-missing"
    codes = ("RC109",)
    bare = "newest"
    contracts = ("incontact",)

    newest: Annotated[int, About("the newest version", least=0)] = 23
    at: Annotated[Literal["agents", "states", "api"], About("the endpoint affected; api is every versioned path")] = (
        "api"
    )

    def before(self, call: Call) -> Answer | None:
        """Return 404."""
        found = _API.fullmatch(call.path)
        if found is None or self.at not in {"api", call.endpoint} or int(found[1]) <= self.newest:
            return None
        return problem(404, f"There is nothing at {call.path}.")
