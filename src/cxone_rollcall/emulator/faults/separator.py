"""A server that understands only one spelling of the comma."""

import re
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import unquote_plus

from cxone_rollcall.emulator.faults.fault import About, Fault
from cxone_rollcall.emulator.wire import Call


@dataclass(kw_only=True)
class Separator(Fault):
    """Ids are split at literal commas only, or at encoded ones (%2C) only."""

    name = "separator"
    codes = ("RC410",)
    contracts = ("v2",)
    bare = "reads"

    reads: Annotated[Literal["literal", "encoded"], About("the comma that separates ids")] = "encoded"

    def ids(self, call: Call, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Split the ids again."""
        comma = "," if self.reads == "literal" else "%2C"
        return tuple(
            unquote_plus(part) for raw in call.raw_ids for part in re.split(comma, raw, flags=re.IGNORECASE) if part
        )
