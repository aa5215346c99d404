"""Requests by id that are misread, refused or truncated."""

import json
import re
from typing import Annotated, Literal
from urllib.parse import unquote_plus

from cxone_rollcall.emulator.faults.fault import About, AgentFault, Fault
from cxone_rollcall.emulator.wire import Answer, Call, Listing, edited, problem
from cxone_rollcall.emulator.world import FIRST_ID


class PoisonId(AgentFault, name="poison-id", codes=("RC403",), contracts=("v2",)):
    """A batch that includes a chosen agent returns nothing. So does a request for only that agent."""

    how: Annotated[Literal["empty", "400", "404"], About("the response: no rows, or this status")] = "empty"

    def listing(self, call: Call, listing: Listing) -> Listing:
        return listing._replace(rows=[]) if self.how == "empty" and self.hits(call) else listing

    def after(self, call: Call, answer: Answer) -> Answer:
        if self.how == "empty" or answer.status != 200 or not self.hits(call):
            return answer
        return problem(int(self.how), "One of the agents could not be resolved.")


_SAID = {"400": "Too many ids.", "413": "Too much.", "414": "The URL is too long.", "431": "The head is too large."}


class TooManyIds(Fault, name="too-many-ids", codes=("RC404",), contracts=("v2",), bare="limit"):
    """A request for the states of more than N agents is refused."""

    limit: Annotated[int, About("most ids of a request", least=1)] = 50
    status: Annotated[Literal["400", "413", "414", "431"], About("the status of a refusal")] = "414"

    def before(self, call: Call) -> Answer | None:
        many = call.endpoint == "states" and call.ids is not None and len(call.ids) > self.limit
        return problem(int(self.status), _SAID[self.status]) if many else None


class BatchCut(Fault, name="batch-cut", codes=("RC405",), bare="limit"):
    """The server answers only the first N ids, or N rows."""

    limit: Annotated[int, About("how many rows or ids", least=1)] = 37
    how: Annotated[Literal["rows", "ids"], About("whether rows or ids are truncated")] = "rows"

    def ids(self, call: Call, ids: tuple[str, ...]) -> tuple[str, ...]:
        return ids[: self.limit] if self.how == "ids" else ids

    def listing(self, call: Call, listing: Listing) -> Listing:
        if call.endpoint != "states" or self.how != "rows":
            return listing
        return listing._replace(rows=listing.rows[: self.limit])


class IdsIgnored(Fault, name="ids-ignored", codes=("RC408",), contracts=("v2",), bare="limit"):
    """The server ignores the ids and always returns the same agents."""

    limit: Annotated[int, About("how many agents are returned", least=1)] = 20

    def ids(self, call: Call, ids: tuple[str, ...]) -> tuple[str, ...]:
        return call.tenant.chosen(self.name, self.limit)


class Separator(Fault, name="separator", codes=("RC410",), contracts=("v2",), bare="reads"):
    """Ids are split at literal commas only, or at %2C only."""

    reads: Annotated[Literal["literal", "encoded"], About("the comma that separates ids")] = "encoded"

    def ids(self, call: Call, ids: tuple[str, ...]) -> tuple[str, ...]:
        comma = "," if self.reads == "literal" else "%2C"
        return tuple(
            unquote_plus(part) for raw in call.raw_ids for part in re.split(comma, raw, flags=re.IGNORECASE) if part
        )


class UnaskedRow(Fault, name="unasked-row", codes=("RC510",), bare="who"):
    """Responses have the state of an agent that was not requested. It may be missing from the roster, too."""

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
