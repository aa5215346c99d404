"""Rows of the static server, repeated with new ids. They are those of a smaller emulated tenant.

A template is an encoded row with placeholders for an agent's own values: the id, and parts of the login and user id.
Everything else repeats.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

PAGE = 100
_ID, _LOGIN, _USER = b"\x01", b"\x02", b"\x03"


def template_of(row: bytes) -> bytes:
    """Return the template of a row of any list."""
    seen: dict[str, Any] = msgspec.json.decode(row)
    template = row.replace(str(seen.get("id") or seen["agentId"]).encode(), _ID)
    if login := seen.get("userName", "").partition("@")[0].encode():
        template = template.replace(b'"' + login, b'"' + login + _LOGIN)
    if user_id := seen.get("userId", "").encode():
        template = template.replace(user_id, _USER + user_id[3:])
    return template


def fill(template: bytes, agent_id: int, lap: int) -> bytes:
    """A template's row for this agent. `lap` counts the repetitions from 0."""
    row = template.replace(_ID, b"%d" % agent_id)
    return row.replace(_LOGIN, b".%d" % lap if lap else b"").replace(_USER, b"%03x" % lap)


class Rows:
    """The rows of one list for all agents. A template is None if its agent has no row."""

    def __init__(self, templates: Sequence[bytes | None], agents: int, first_id: int) -> None:
        self._templates, self._agents, self._first = templates, agents, first_id
        self.pages = [self.of(range(start, min(start + PAGE, agents))) for start in range(0, agents, PAGE)]
        """Joined rows, 100 agents per page."""

    def of(self, indexes: Sequence[int]) -> bytes:
        """The joined rows of these agents, counted from 0. Unknown agents have none."""
        return b",".join(self._fill(indexes))

    def of_ids(self, ids: bytes) -> bytes:
        """Return the joined rows of these ids, which are separated by commas."""
        return self.of([int(one) - self._first for one in ids.replace(b"%2C", b",").split(b",")])

    def _fill(self, indexes: Sequence[int]) -> Iterator[bytes]:
        for index in indexes:
            lap, place = divmod(index, len(self._templates))
            template = self._templates[place] if 0 <= index < self._agents else None
            if template is not None:
                yield fill(template, self._first + index, lap)
