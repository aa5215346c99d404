"""Noise between client and server: lost rows, mixed-up caches, differing backends."""

import json
from dataclasses import field
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, Fault, YesNo
from cxone_rollcall.emulator.wire import Answer, Call, Listing
from cxone_rollcall.emulator.world import draw

PERCENT = 100


class RowsComeAndGo(Fault, name="rows-come-and-go", codes=("RC515",), contracts=("v2",), bare="rate"):
    """Each response with states loses some rows at random. The seed decides which."""

    rate: Annotated[int, About("how many of 100 rows are lost", least=1)] = 10
    count: int = field(default=0, init=False, repr=False, compare=False)

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Lose some rows."""
        if call.endpoint != "states":
            return listing
        self.count += 1
        seed = call.tenant.settings.seed
        kept = [row for at, row in enumerate(listing.rows) if draw(seed, self.count, at) % PERCENT >= self.rate]
        return listing._replace(rows=kept)


class AnswersCached(Fault, name="answers-cached", codes=("RC510", "RC516"), contracts=("v2",), bare="obeys"):
    """A cache mixes up requests for states with equally long addresses."""

    obeys: Annotated[YesNo, About("whether it passes on what asks for no cache")] = "no"
    kept: dict[int, Answer] = field(default_factory=dict, init=False, repr=False, compare=False)

    def after(self, call: Call, answer: Answer) -> Answer:
        """Return the first response to an address of this length."""
        fresh = self.obeys == "yes" and any(
            name.lower() == "cache-control" and "no-cache" in value for name, value in call.headers.items()
        )
        if call.endpoint != "states" or answer.status != 200 or fresh:
            return answer
        return self.kept.setdefault(sum(map(len, call.raw_ids)), answer)


class TwoBackends(Fault, name="two-backends", codes=("RC516",), contracts=("v2",), bare="second"):
    """Two backends answer by turns, by chance or by connection. One is cold and has no states, or lags."""

    second: Annotated[Literal["cold", "lagging"], About("what is wrong with the second backend")] = "cold"
    turns: Annotated[Literal["chance", "alternate", "connection"], About("which backend answers a request")] = "chance"
    lacks: Annotated[int, About("how many of 100 agents a lagging backend lacks", least=1)] = 15
    count: int = field(default=0, init=False, repr=False, compare=False)

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Leave out what the second backend does not know."""
        if call.endpoint != "states":
            return listing
        self.count += 1
        seed = call.tenant.settings.seed
        if self._turn(call, seed) % 2:
            return listing
        if self.second == "cold":
            return listing._replace(rows=[])
        known = [row for row in listing.rows if draw(seed, int(json.loads(row)["agentId"])) % PERCENT >= self.lacks]
        return listing._replace(rows=known)

    def _turn(self, call: Call, seed: int) -> int:
        if self.turns == "connection":
            return draw(seed, call.connection)
        return draw(seed, self.count) if self.turns == "chance" else self.count
