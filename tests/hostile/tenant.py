"""A tenant with hostile texts in its responses. Each agent has one as name, and errors have all."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from tests.hostile.texts import SHORT

from cxone_rollcall.emulator.faults import Fault
from cxone_rollcall.emulator.wire import Answer, Call, Endpoint, Listing, edited

NAMES = tuple(text for text in SHORT.values() if text.strip())
"""The agents' names; blank ones are left out."""
ALL = " ".join(SHORT.values())
CLAIMS = ("name", "sub", "email", "userId", "tenant", "iss", "icBUId")
KEPT = frozenset({"state", "agentStateName", "userId", "userID", "teamUuid", "teamUuId"})
"""Unchanged fields: without states no agent would be logged in."""


class HostileTexts(Fault, name="hostile-texts"):
    """Every name and text of an agent is one of `names`.

    E-mail addresses, teams, sub-states and skills are, and some states and times. The token's claims have all of them.
    """

    names: tuple[str, ...] = NAMES

    def text_of(self, number: int) -> str:
        """The name of an agent, by the number of its id."""
        return self.names[number % len(self.names)]

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Put the text of each agent into its row."""
        return listing._replace(rows=[self._row(row) for row in listing.rows])

    def _row(self, row: bytes) -> bytes:
        fields: dict[str, Any] = json.loads(row)
        number = int(fields["id"] if "id" in fields else fields["agentId"])
        kept = KEPT if number % 3 else frozenset[str]()
        texts = [key for key, value in fields.items() if isinstance(value, str) and key not in kept]
        return edited(row, **dict.fromkeys(texts, self.text_of(number)))

    def token(self, call: Call, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        """Put the texts into the token."""
        head, claims, signature = answer["access_token"].split(".")
        said = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
        access, identity = (
            base64.urlsafe_b64encode(json.dumps({**said, **dict.fromkeys(CLAIMS, text)}).encode()).rstrip(b"=").decode()
            for text in (ALL[:200], ALL)
        )
        return {
            **answer,
            "access_token": f"{head}.{access}.{signature}",
            "id_token": f"{head}.{identity}.{signature}",
            "token_type": ALL,
        }


class HostileErrors(Fault, name="hostile-errors"):
    """One endpoint refuses, with a text in every field and header."""

    at: Endpoint
    status: int
    text: str = ALL
    code: str = ""
    """The error's code, or "" for the text."""

    def after(self, call: Call, answer: Answer) -> Answer:
        """Refuse."""
        if call.endpoint != self.at:
            return answer
        fields = ("error", "error_description", "errorDescription", "message", "status", self.text[:100])
        said = {**dict.fromkeys(fields, self.text), **({"error": self.code} if self.code else {})}
        refused = Answer(self.status, json.dumps(said).encode(), content_type="application/json")
        fits = (
            "".join(one for one in self.text[:3_000] if one >= " " and one != "\x7f")
            .encode("utf-8", "replace")
            .decode()
        )
        for header in ("icStatusDescription", "WWW-Authenticate", "Retry-After", "Location", "Set-Cookie", "X-Reason"):
            refused = refused.with_header(header, fits)
        return refused


class HostileIds(Fault, name="hostile-ids"):
    """The first agents have these ids and the name Same. Their user names are same0, same1, ..."""

    others: tuple[str, ...]

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Give roster rows other ids and names. These ids have no state."""
        if call.endpoint != "agents":
            return listing
        return listing._replace(rows=[self._row(row, place) for place, row in enumerate(listing.rows)])

    def _row(self, row: bytes, place: int) -> bytes:
        new = {"id": self.others[place]} if place < len(self.others) else {}
        return edited(row, firstName="Same", lastName="", userName=f"same{place}", teamName=SHORT["shell"], **new)
