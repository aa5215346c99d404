"""Requests by id that are misread, refused or truncated."""

import json
import re
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import unquote_plus

from cxone_rollcall.emulator.faults.fault import About, AgentFault, Fault
from cxone_rollcall.emulator.wire import Answer, Call, Listing, edited, problem
from cxone_rollcall.emulator.world import FIRST_ID


@dataclass(kw_only=True)
class PoisonId(AgentFault):
    """A batch that includes a chosen agent returns nothing, even if that agent is the only one."""

    name = "poison-id"
    codes = ("RC403",)
    contracts = ("v2",)

    how: Annotated[Literal["empty", "400", "404"], About("the response: no rows, or this status")] = "empty"

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Remove all rows."""
        return listing._replace(rows=[]) if self.how == "empty" and self.hits(call) else listing

    def after(self, call: Call, answer: Answer) -> Answer:
        """Return the status."""
        if self.how == "empty" or answer.status != 200 or not self.hits(call):
            return answer
        return problem(int(self.how), "One of the agents could not be resolved.")


_SAID = {"400": "Too many ids.", "413": "Too much.", "414": "The URL is too long.", "431": "The head is too large."}


@dataclass(kw_only=True)
class TooManyIds(Fault):
    """A request for the states of more than N agents is refused."""

    name = "too-many-ids"
    codes = ("RC404",)
    contracts = ("v2",)
    bare = "limit"

    limit: Annotated[int, About("most ids of a request", least=1)] = 50
    status: Annotated[Literal["400", "413", "414", "431"], About("the status of a refusal")] = "414"

    def before(self, call: Call) -> Answer | None:
        """Refuse a request with too many ids."""
        many = call.endpoint == "states" and call.ids is not None and len(call.ids) > self.limit
        return problem(int(self.status), _SAID[self.status]) if many else None


@dataclass(kw_only=True)
class BatchCut(Fault):
    """The server truncates: it returns at most N rows of states, or reads only the first N ids of a request."""

    name = "batch-cut"
    codes = ("RC405",)
    bare = "limit"

    limit: Annotated[int, About("how many rows or ids", least=1)] = 37
    how: Annotated[Literal["rows", "ids"], About("whether rows or ids are truncated")] = "rows"

    def ids(self, call: Call, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Keep the first ids."""
        return ids[: self.limit] if self.how == "ids" else ids

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Keep the first rows."""
        if call.endpoint != "states" or self.how != "rows":
            return listing
        return listing._replace(rows=listing.rows[: self.limit])


@dataclass(kw_only=True)
class IdsIgnored(Fault):
    """The server ignores the ids and always returns the same agents."""

    name = "ids-ignored"
    codes = ("RC408",)
    contracts = ("v2",)
    bare = "limit"

    limit: Annotated[int, About("how many agents are returned", least=1)] = 20

    def ids(self, call: Call, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Replace the ids."""
        return call.tenant.chosen(self.name, self.limit)


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


@dataclass(kw_only=True)
class UnaskedRow(Fault):
    """Responses have the state of an agent that was not requested, or that is not on the roster."""

    name = "unasked-row"
    codes = ("RC510",)
    bare = "who"

    who: Annotated[
        Literal["colleague", "stranger"], About("an agent of the roster that was not requested, or an unknown id")
    ] = "stranger"

    def ids(self, call: Call, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Add the id of a colleague."""
        if self.who != "colleague" or not ids:
            return ids
        others = (agent_id for agent_id in call.tenant.chosen(self.name, 10) if agent_id not in ids)
        return (*ids, *list(others)[:1])

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Add a row with an unknown id."""
        if self.who != "stranger" or call.endpoint != "states" or not listing.rows:
            return listing
        written = type(json.loads(listing.rows[0])["agentId"])
        return listing._replace(rows=[*listing.rows, edited(listing.rows[0], agentId=written(FIRST_ID - 1))])
