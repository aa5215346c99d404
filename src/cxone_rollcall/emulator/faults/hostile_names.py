"""Names that break programs which display them."""

import json
from dataclasses import dataclass

from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.wire import Call, Listing, edited

SAMPLES = (
    "\x1b[2J\x1b[31mRed",
    "\x1b]0;title\x07Ann",
    "\x9b31mAnn",
    "Ann\u202eeeL\u2066",
    "Lee, Ann",
    'Ann "Annie" Lee',
    "Ann\nLee",
    "Ann\r\nLee: 5",
    "Ann\tLee",
    "Ann\x00\x08Lee",
    '=HYPERLINK("https://sign-in.invalid")',
    "+1+1",
    "-2+3",
    "@SUM(A1:A9)",
    "<script>alert(1)</script>",
    "[bold red]Ann[/bold red]",
    "{name} %s \\n",
    "Ann\u200b\u2028Lee",
    "  Ann  ",
    "👩🏽‍💻 Ann",
    "Z̸̡a̵͜l̷̛g̶o",
    "",
    "A" * 300,
    "Ann\ud800Lee",
    "\udc00",
)

_PLACES = ("firstName", "lastName", "email", "emailAddress", "teamName", "subState", "outStateDescription")


@dataclass(kw_only=True)
class HostileNames(Fault):
    """Names, e-mails, teams and sub-states have escapes, bidi marks, quotes, formulas, markup. Not an error."""

    name = "hostile-names"

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Put a sample into each text of each row."""
        return listing._replace(rows=[self._hostile(row) for row in listing.rows])

    def _hostile(self, row: bytes) -> bytes:
        fields = json.loads(row)
        number = int(fields.get("id", fields.get("agentId")))
        places = [key for key in _PLACES if key in fields]
        return edited(row, **{key: SAMPLES[(number + place) % len(SAMPLES)] for place, key in enumerate(places)})
