"""Rows that contradict each other, get lost, or hold unusual texts."""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from cxone_rollcall.emulator.faults.fault import About, AgentFault, Fault
from cxone_rollcall.emulator.wire import Call, Listing, edited


class RowsContradict(AgentFault, name="rows-contradict", codes=("RC509",)):
    """A chosen agent has two rows with different states in one response."""

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Add the second row."""
        if not self.hits(call):
            return listing
        chosen = self.chosen(call)
        rows = [(row, json.loads(row)) for row in listing.rows]
        second = [edited(row, **_other_state(fields)) for row, fields in rows if str(fields["agentId"]) in chosen]
        return listing._replace(rows=listing.rows + second)


def _other_state(fields: Mapping[str, Any]) -> dict[str, object]:
    if "agentStateId" in fields:
        code, name = (2, "Unavailable") if fields["agentStateId"] == 1 else (1, "Available")
        return {"agentStateId": code, "agentStateName": name, "outStateId": 0, "outStateDescription": ""}
    return {"state": "Break" if fields.get("state") == "Available" else "Available", "subState": None}


class RowsLost(AgentFault, name="rows-lost", contracts=("incontact",)):
    """A few agents are missing from the list of states. Requested one by one, they have a state."""

    agents: Annotated[int, About("how many agents are chosen", least=1)] = 2

    def listed(self, call: Call, agents: Sequence[int]) -> Sequence[int]:
        """Leave them out of the list and its total."""
        return self.without(call, agents) if call.endpoint == "states" else agents


_SAID = {"null": None, "empty": "", "novel": "Wrapping Up"}
_NOVEL_CODE = 42


class StateUnnamed(AgentFault, name="state-unnamed", codes=("RC508",)):
    """A chosen agent's state has a missing, empty or unknown name."""

    how: Annotated[Literal["missing", "null", "empty", "novel"], About("what replaces the state")] = "missing"

    def listing(self, call: Call, listing: Listing) -> Listing:
        if not self.hits(call):
            return listing
        chosen = self.chosen(call)
        return listing._replace(rows=[self._spoilt(row, chosen) for row in listing.rows])

    def _spoilt(self, row: bytes, chosen: frozenset[str]) -> bytes:
        fields = json.loads(row)
        if str(fields["agentId"]) not in chosen:
            return row
        # `incontact` has a state twice: as a number and as a name.
        name, number = ("agentStateName", "agentStateId") if "agentStateName" in fields else ("state", "")
        if self.how == "missing":
            return json.dumps({key: fields[key] for key in fields if key not in {name, number}}).encode()
        numbered = {number: _NOVEL_CODE if self.how == "novel" else None} if number else {}
        return edited(row, **{name: _SAID[self.how]}, **numbered)


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


class HostileNames(Fault, name="hostile-names"):
    """Names, e-mails, teams and sub-states have escapes, bidi marks, quotes, formulas, markup. Not an error."""

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Put a sample into each text of each row."""
        return listing._replace(rows=[self._hostile(row) for row in listing.rows])

    def _hostile(self, row: bytes) -> bytes:
        fields = json.loads(row)
        number = int(fields.get("id", fields.get("agentId")))
        places = [key for key in _PLACES if key in fields]
        return edited(row, **{key: SAMPLES[(number + place) % len(SAMPLES)] for place, key in enumerate(places)})
