"""Tenants with each behaviour that these tests know. Each is made the same every time."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple

from tests.contracts.test_token import jwt
from tests.roll import test_absence as absence
from tests.roll import test_control as control
from tests.roll import test_noise as noise
from tests.roll import test_odd_servers as odd
from tests.roll import test_own_options as options
from tests.roll import test_rows as rows
from tests.roll import test_second_look as second
from tests.roll import test_selection as selection
from tests.roll import test_shifting as shifting
from tests.roll import test_states as states
from tests.roll.lists import ListTenant, Spoils, absolute, people, row_of, said
from tests.roll.servers import Said, Tenant, as_text, none_at_all, of_this_page, right, tenant, too_high, too_low
from tests.roll.test_copies import Around, CachesByPath, OnePage
from tests.roll.test_failing_pages import Failing
from tests.roll.test_interruption import WORLDS
from tests.roll.test_sub_states import CodedTenant

from cxone_rollcall.model.exchange import Response
from cxone_rollcall.roll import Selection

SINCE = "2026-11-22T09:30:00Z"
ALL = Selection()
FIRST = "30000000001"


class World(NamedTuple):
    """A tenant, and what is requested of it. The run of a `struck` one is described in few words."""

    name: str
    tenant: Tenant | ListTenant
    selection: Selection = ALL
    struck: bool = False


class Encoded(Tenant):
    """Splits ids only at an encoded comma."""

    def answer(self, method: str, target: str) -> Said:
        """Answer for the one text between other separators."""
        return super().answer(method, target.replace(",", ";").replace("%2C", ","))


class AlwaysMixesUp(Tenant):
    """Answers each request for states with the rows of others."""

    def states(self, ids: Sequence[str]) -> Said:
        """Answer for the agents after these."""
        at = self.roster.index(ids[-1]) + 1 if ids[-1] in self.roster else 0
        return self.rows([one for one in [*self.roster[at:], *self.roster][:5] if one in self.present])


class Fails(Tenant):
    """Fails every request for states after the first ones."""

    first = 0
    status = 500
    count = 0

    def states(self, ids: Sequence[str]) -> Said:
        """Answer, or fail."""
        self.count += 1
        return super().states(ids) if self.count <= self.first else Said(self.status)


@dataclass
class Begins(ListTenant):
    """Begins again with the first page after the last one."""

    def page(self, name: str, skip: int, top: int) -> Response:
        """Answer with an existing page."""
        return super().page(name, skip % (100 * -(-len(self.states) // 100)), top)


NOISE: tuple[type[noise.Noisy], ...] = (
    *(noise.Lossy, noise.LosesThree, noise.LosesMost, noise.Tail, noise.Half, noise.EveryThird, noise.Cold),
    *(noise.Lagging, noise.CatchesUp, noise.CachesByLength, noise.ObeyingCache, noise.MixesUpControls),
    *(noise.CachesTheLast, noise.OtherIds, noise.First, noise.Last, noise.AnyOne, noise.AtMostSix),
    *(noise.AnswersAnother,),
)
ROWS = (rows.NoContent, rows.Nameless, rows.Nameless1, rows.Strangers, rows.IgnoresIds, rows.LoggedOut, rows.InData)
ROSTERS = (
    *(shifting.Growing, shifting.Shrinking, shifting.Overlapping, shifting.Twice, shifting.Restless),
    *(shifting.Unturned, shifting.UnturnedAndUnnamed, shifting.Clamped, shifting.Holed, shifting.Silent),
    *(shifting.Hidden, shifting.Wandering, Around),
)
CONTROLS = (control.Spoils, control.Complains, control.Refuses)


def by_id() -> Iterator[World]:
    """Yield worlds of `v2`."""
    for name, make in WORLDS.items():
        yield World(name, make(), Selection(state="Busy") if name == "filtered" else ALL)
    for kind in NOISE:
        for agents in (40, 240):
            yield World(f"{kind.__name__} {agents}", _noisy(kind, agents))
    for rows_of in (*ROWS, *CONTROLS):
        yield World(rows_of.__name__, tenant(120, kind=rows_of))
    for roster in ROSTERS:
        for total in (right, none_at_all):
            yield World(f"{roster.__name__} {total.__name__}", tenant(214, kind=roster, total=total))
    for total in (as_text, of_this_page, too_high, too_low):
        yield World(f"total {total.__name__}", tenant(214, total=total))
    for limit in (1, 2, 50):
        yield World(f"first ids {limit}", tenant(120, first_ids=limit))
        yield World(f"last ids {limit}", tenant(120, kind=states.LastIds, first_ids=limit))
        yield World(f"first rows {limit}", tenant(120, kind=states.Sorted, first_rows=limit))
    yield World("FailsAlone", tenant(214, kind=noise.FailsAlone, first_ids=37))
    yield World("FailsBetween", tenant(214, kind=noise.FailsBetween, first_ids=37))
    yield World("Ignoring", tenant(250, kind=odd.Ignoring))
    for pages in ((2,), (2, 3, 4), (3, 4, 5, 6)):
        yield World(f"{len(pages)} pages fail", with_values(tenant(1000, kind=Failing), failing=pages))
    yield from _filtered()
    for owner in (FIRST, str(int(FIRST) + 7)):
        token = jwt({"icAgentId": owner})
        yield World(f"the token of {owner}", tenant(120, token=token))
        yield World(f"one agent beside the token of {owner}", tenant(120, token=token, present=lambda index: index < 1))
        yield World(f"a roster of one, {owner}", tenant(1, token=token))
    yield World("teams", tenant(120, kind=selection.Named), Selection(teams=("a", "x")))
    yield World(
        "an agent of another team", tenant(20, kind=selection.Named), Selection(agents=("u1", "u2"), teams=("A",))
    )
    yield World("encoded commas", tenant(120, kind=Encoded))
    yield World("encoded commas, few present", tenant(120, kind=Encoded, present=lambda index: index == 77))
    yield World("always mixed up", tenant(500, kind=AlwaysMixesUp))
    for status in (500, 400, 403):
        for first in (0, 2):
            yield World(f"{status} after {first}", with_values(tenant(700, kind=Fails), status=status, first=first))
    ids = tenant(300).roster
    yield World("one who is absent", tenant(300), Selection(agents=(ids[1],)))
    yield World("one who is present", tenant(300), Selection(agents=(ids[0], "30000000002")))
    yield World("one whom nobody knows", tenant(300), Selection(agents=("12345", "Nobody"), as_sent=True))
    unread = with_values(tenant(1000, kind=Failing), failing=(2,))
    yield World("one who may be on an unread page", unread, Selection(agents=(unread.roster[0], "12345", "Nobody")))
    yield World("one of a silent tenant", tenant(300, present=lambda index: index > 250), Selection(agents=(ids[1],)))


def _filtered() -> Iterator[World]:
    asked = Selection(state="Available")
    for kind in (options.Filters, options.IgnoresTheFilterAtLast, options.LosesRowsAtLast, options.TwoBackends):
        yield World(kind.__name__, tenant(60, kind=kind), asked)
    for refused in ({"refuses_filtered": 1}, {"refuses_filtered": 2}, {"refuses_plain": 7}):
        yield World(f"Filters, {next(iter(refused))}", with_values(tenant(60, kind=options.Filters), **refused), asked)


def _noisy(kind: type[noise.Noisy], agents: int) -> Tenant:
    return with_values(tenant(agents, kind=kind), rng=Random(1))


def with_values(made: Tenant, **values: Any) -> Tenant:
    """The tenant with these values."""
    for name, value in values.items():
        setattr(made, name, value)
    return made


def by_list() -> Iterator[World]:
    """Yield worlds of `incontact`."""
    for total in ("list", "page", "none"):
        for links in (absolute, None):
            yield World(
                f"{total}, {'linked' if links else 'not linked'}", ListTenant(people(230), links=links, total=total)
            )
    yield World("small pages", ListTenant(people(120), cap=7))
    yield World("absent", ListTenant(people(90, codes=(1, 0, None))))
    yield World("nobody", ListTenant(people(9, codes=(None,))))
    yield World("logged in alone", _listed_in(people(60, codes=(1, 0))))
    yield World("few logged out", _listed_in({str(1001 + number): 0 if number < 5 else 1 for number in range(40)}))
    yield World("rows lost", _hides(people(300, codes=(1, 0)), 40))
    yield World("many rows lost", _hides(people(600, codes=(1, 0)), 2))
    everybody = people(40, codes=(1,))
    hidden = {one: None if one in ("1001", "1002", "1003") else code for one, code in everybody.items()}
    yield World("late alone", absence.LateAlone(hidden, alone={**everybody, "1003": None}))
    yield World("down again", absence.DownAgain(hidden, alone={**everybody, "1003": None}))
    for name, spoils in SPOILT.items():
        yield World(name, ListTenant(people(230, codes=(1, 2, None)), total="none", spoils=spoils))
        yield World(f"{name}, counted", ListTenant(people(230, codes=(1, 2, None)), links=None, spoils=spoils))
    for total in ("none", "list", "page"):
        yield World(f"one page, {total}", OnePage(people(100), links=None, total=total))
        yield World(
            f"one page of a size, {total}", OnePage(people(163), links=None, total=total, knows_top=True, cap=10**6)
        )
    for obeys in (True, False):
        yield World(f"a cache by path, {obeys}", CachesByPath(people(230, codes=(1, None)), total="none", obeys=obeys))
    for agents in (40, 250):
        yield World(f"a late replica, {agents}", second.replicas(agents))
        yield World(f"two replicas, {agents}", second.replicas(agents, apart=range(1)))
        yield World(f"a healthy list, {agents}", second.replicas(agents, lags=False))
    yield World("a broken second look", second.replicas(40, broken=said({}, 500)))
    yield World("a damaged second look", second.replicas(40, broken=said({"agentStates": [], "error": "down"})))
    yield World("reasons as codes", CodedTenant(people(120)))
    yield World(
        "skipped rows", ListTenant(people(200), total="none", links=lambda path, skip: absolute(path, skip + 20))
    )
    yield World("changes", ListTenant(people(40)), Selection(since=SINCE))
    yield World("no changes", _changes(said({"agentStates": []})), Selection(since=SINCE))
    yield World("refused changes", _changes(said({}, 400)), Selection(since=SINCE))
    yield World("changes beside an error", _changes(said({"agentStates": [], "error": "x"})), Selection(since=SINCE))
    owner = jwt({"icAgentId": 1001})
    yield World("an owner", ListTenant(people(40, codes=(1, None)), token=owner))
    yield World("only its owner", ListTenant({**people(40, codes=(None,)), "1001": 1}, token=owner))
    yield World("a roster of its owner", ListTenant(people(1), token=owner))
    yield World("a roster of another", ListTenant(people(1), token=jwt({"icAgentId": 7})))
    for pages in (range(200, 500, 100), range(200, 600, 100), (100, 200, 300, 500, 600, 700)):
        for name in ("agents", "agents/states"):
            spoils = _pages(name, pages, said({}, 500))
            yield World(f"{name}, {len(pages)} pages fail", ListTenant(people(1000), spoils=spoils))
    gaps = lambda path, skip: absolute(path, skip + 20)  # noqa: E731
    for name in ("agents", "agents/states"):
        spoils = _pages(name, (100,), said({}, 204))
        yield World(f"{name}, two gaps", ListTenant(people(400), total="none", links=gaps, spoils=spoils))
    yield World(
        "logins of a late replica", second.Replicas(people(40, codes=(1, 2, 0)), alone=people(40, codes=(None,)))
    )
    everybody = people(60, codes=(1, None, 0))
    leavers = _changed("agents", lambda body, at: _deactivated(body, everybody))
    yield World("logged-out rows of inactive agents alone", ListTenant(everybody, spoils=leavers))
    yield World("a list that begins again", Begins(people(200), links=None, total="none"))
    yield World("a list that begins again, counted", Begins(people(230), links=None))
    yield World(
        "links in a loop", ListTenant(people(230), links=lambda path, skip: absolute(path, skip % 200), total="none")
    )
    yield World("two agents", ListTenant(people(40, codes=(1, None))), Selection(agents=("1001", "1002")))
    unread = ListTenant(people(300, codes=(1, None)), spoils=_page("agents", 100, said({}, 500)))
    yield World("one who may be on an unread page", unread, Selection(agents=("1001", "12345", "Nobody")))


def _deactivated(body: dict[str, Any], everybody: dict[str, int | None]) -> dict[str, Any]:
    agents = [{**row, "isActive": everybody[str(row["agentId"])] != 0} for row in body["agents"]]
    return {**body, "agents": agents}


def _listed_in(everybody: dict[str, int | None]) -> ListTenant:
    return ListTenant({one: code or None for one, code in everybody.items()}, alone=everybody)


def _hides(everybody: dict[str, int | None], every: int) -> ListTenant:
    lost = set(list(everybody)[::every])
    return ListTenant({one: None if one in lost else code for one, code in everybody.items()}, alone=everybody)


def _changes(answer: Response) -> ListTenant:
    lists = ListTenant(
        people(40), spoils=lambda path, at, response: answer if "updatedSince" in lists.asked[-1] else response
    )
    return lists


def _page(name: str, skip: int, answer: Response) -> Spoils:
    return _pages(name, (skip,), answer)


def _pages(name: str, skips: Collection[int], answer: Response) -> Spoils:
    return lambda path, at, response: answer if path == name and at in skips else response


def _changed(name: str, change: Callable[[dict[str, Any], int], object]) -> Spoils:
    return lambda path, at, response: said(change(json.loads(response.body), at)) if path == name else response


SPOILT: dict[str, Spoils] = {
    **{f"{name} refused": _page(name, 100, said({}, 404)) for name in ("agents", "agents/states")},
    **{f"{name} empty": _page(name, 100, said({}, 204)) for name in ("agents", "agents/states")},
    **{f"{name} fails": _page(name, 100, said({}, 500)) for name in ("agents", "agents/states")},
    "agents fail at first": _page("agents", 0, said({}, 500)),
    "states fail at first": _page("agents/states", 0, said({}, 500)),
    "an error beside states": _changed("agents/states", lambda body, at: {**body, "error": "down"}),
    "an error beside agents": _changed("agents", lambda body, at: {**body, "error": "down"}),
    "a total too high": _changed("agents", lambda body, at: {**body, "totalRecords": 9000}),
    "another total each time": _changed("agents", lambda body, at: {**body, "totalRecords": 230 + at}),
    "hidden agents": _changed("agents", lambda body, at: {**body, "hiddenAgents": 2}),
    "rows without ids": _changed("agents", lambda body, at: {**body, "agents": [{"agentId": None}, *body["agents"]]}),
    "strangers": _changed(
        "agents/states", lambda body, at: {**body, "agentStates": [row_of("77", 1), *body["agentStates"]]}
    ),
    "contradictions": _changed(
        "agents/states", lambda body, at: {**body, "agentStates": [row_of("1001", 0), *body["agentStates"]]}
    ),
    "other states": _changed(
        "agents/states", lambda body, at: {**body, "agentStates": [row_of("1001", 2), *body["agentStates"]]}
    ),
    "wrapped": _changed("agents/states", lambda body, at: {"resultSet": body}),
}
"""What may happen to a page."""
