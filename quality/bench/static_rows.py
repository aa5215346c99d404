"""The rows of the still tenant: those of a smaller emulated one, again and again, each time with ids of their own.

A mould is an encoded row with blanks in place of what must be each agent's own: its id, and a part of its login and
of its user id. Everything else repeats after as many agents as there are moulds.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

PAGE = 100
_ID, _LOGIN, _USER = b"\x01", b"\x02", b"\x03"


def mould(row: bytes) -> bytes:
    """Return the mould of one row of any list."""
    seen: dict[str, Any] = msgspec.json.decode(row)
    made = row.replace(str(seen.get("id") or seen["agentId"]).encode(), _ID)
    if login := seen.get("userName", "").partition("@")[0].encode():
        made = made.replace(b'"' + login, b'"' + login + _LOGIN)
    if user_id := seen.get("userId", "").encode():
        made = made.replace(user_id, _USER + user_id[3:])
    return made


def cast(made: bytes, agent_id: int, lap: int) -> bytes:
    """Return the row that a mould gives for this agent, in the so-and-so-manieth lap, the first one being 0."""
    row = made.replace(_ID, b"%d" % agent_id)
    return row.replace(_LOGIN, b".%d" % lap if lap else b"").replace(_USER, b"%03x" % lap)


class Rows:
    """The rows of one list for so many agents; `moulds` has None for an agent that has no row."""

    def __init__(self, moulds: Sequence[bytes | None], agents: int, first_id: int) -> None:
        self._moulds, self._agents, self._first = moulds, agents, first_id
        self.pages = [self.of(range(start, min(start + PAGE, agents))) for start in range(0, agents, PAGE)]
        """The rows of 100 agents each, joined."""

    def of(self, indexes: Sequence[int]) -> bytes:
        """Return the rows of the agents of these numbers, joined; who is beyond the last one has none."""
        return b",".join(self._cast(indexes))

    def of_ids(self, ids: bytes) -> bytes:
        """Return the rows of the agents with these ids, joined by commas."""
        return self.of([int(one) - self._first for one in ids.replace(b"%2C", b",").split(b",")])

    def _cast(self, indexes: Sequence[int]) -> Iterator[bytes]:
        for index in indexes:
            lap, place = divmod(index, len(self._moulds))
            made = self._moulds[place] if 0 <= index < self._agents else None
            if made is not None:
                yield cast(made, self._first + index, lap)
