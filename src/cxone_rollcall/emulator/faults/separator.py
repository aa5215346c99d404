"""The comma between ids is understood in one of its two spellings only."""

import re
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import unquote_plus

from cxone_rollcall.emulator.faults.fault import About, Fault
from cxone_rollcall.emulator.wire import Call


@dataclass(kw_only=True)
class Separator(Fault):
    """Ids are split at literal commas only, or at encoded ones (%2C) only; the other comma is part of an id."""

    name = "separator"
    codes = ("RC410",)
    contracts = ("v2",)
    bare = "reads"

    reads: Annotated[Literal["literal", "encoded"], About("the comma that is understood")] = "encoded"

    def ids(self, call: Call, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Split the ids anew."""
        comma = "," if self.reads == "literal" else "%2C"
        return tuple(
            unquote_plus(part) for raw in call.raw_ids for part in re.split(comma, raw, flags=re.IGNORECASE) if part
        )
