"""Small tenants that give another answer to some requests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tests.roll.lists import ListTenant, people, said
from tests.roll.servers import Said, Tenant, none_at_all, of_this_page, tenant
from tests.roll.worlds import FIRST, World, with_values

from cxone_rollcall.model.exchange import Response


class Struck(Tenant):
    """Gives another answer to the requests for states from `at` to `until`."""

    at, until, outcome = 0, 0, "500"
    count = 0

    def states(self, ids: Sequence[str]) -> Said:
        """Answer, or strike."""
        self.count += 1
        said = super().states(ids)
        return STRUCK[self.outcome](self, ids, said) if self.at <= self.count <= self.until else said


class MixedUpFirst(Struck):
    """Answers its first requests for states with the rows of others."""

    def states(self, ids: Sequence[str]) -> Said:
        """Answer, strike, or mix up."""
        return _others(self, ids, super().states(ids)) if self.count < 4 else super().states(ids)


class EncodedStruck(Struck):
    """Splits ids only at an encoded comma."""

    def answer(self, method: str, target: str) -> Said:
        """Answer for the one text between other separators."""
        return super().answer(method, target.replace(",", ";").replace("%2C", ","))


def _fewer(tenant: Tenant, ids: Sequence[str], said: Said) -> Said:
    return tenant.rows([one for one in ids[1:] if one in tenant.present][::2])


def _others(tenant: Tenant, ids: Sequence[str], said: Said) -> Said:
    return tenant.rows([one for one in tenant.present if one not in ids][:7])


def _all_logged_in(tenant: Tenant, ids: Sequence[str], said: Said) -> Said:
    return Said(200, {"entities": [{"agentId": one, "state": "Busy"} for one in ids]})


def _twice(tenant: Tenant, ids: Sequence[str], said: Said) -> Said:
    rows = [{"agentId": one, "state": state} for one in ids for state in ("Busy", "LoggedOut")]
    return Said(200, {"entities": rows})


def _complaint(tenant: Tenant, ids: Sequence[str], said: Said) -> Said:
    rows = [{"agentId": one, "state": "Busy"} for one in ids if one in tenant.present]
    return Said(200, {"entities": rows, "error": "a shard is down"})


def _status(status: int) -> Callable[[Tenant, Sequence[str], Said], Said]:
    return lambda tenant, ids, said: Said(status)


STRUCK: dict[str, Callable[[Tenant, Sequence[str], Said], Said]] = {
    **{str(status): _status(status) for status in (500, 400, 414, 403)},
    "nothing": lambda tenant, ids, said: Said(200, {"entities": []}),
    "a complaint": _complaint,
    "fewer rows": _fewer,
    "others' rows": _others,
    "rows for all": _all_logged_in,
    "two rows each": _twice,
}
"""What may become of an answer."""


def struck_states() -> Iterator[World]:
    """Yield small worlds of `v2` with spoilt states."""
    makes: dict[str, Callable[[], Tenant]] = {
        "healthy": lambda: tenant(22, kind=Struck),
        "cut": lambda: tenant(22, kind=Struck, first_ids=4),
        "silent": lambda: tenant(22, kind=Struck, present=lambda index: index > 17),
        "poisoned": lambda: tenant(22, kind=Struck, poison={FIRST: 200}),
        "nobody": lambda: tenant(22, kind=Struck, present=lambda index: False),
        "one id": lambda: tenant(22, kind=Struck, first_ids=1),
        "mixed up": lambda: tenant(22, kind=MixedUpFirst),
        "encoded": lambda: tenant(22, kind=EncodedStruck),
    }
    for name, make in makes.items():
        for outcome in STRUCK:
            for at, until in (*((place, place) for place in range(1, 15)), (1, 99), (5, 99), (9, 99)):
                where = f"at {at}" if until == at else f"from {at} on"
                spoilt = with_values(make(), at=at, until=until, outcome=outcome)
                yield World(f"{name}, {outcome} {where}", spoilt, struck=True)


class StruckPages(Tenant):
    """Gives another answer to the requests for pages from `at` to `until`."""

    at, until, outcome = 0, 0, "500"
    count = 0

    def page(self, page: int, size: int) -> Said:
        """Answer, or strike."""
        self.count += 1
        struck = self.at <= self.count <= self.until
        return STRUCK_PAGES[self.outcome](self, page, size) if struck else super().page(page, size)


def _page_of(*, rows: slice = slice(None), total: int | None = None, **beside: object) -> Callable[..., Said]:
    def page(tenant: Tenant, page: int, size: int) -> Said:
        body: Any = Tenant.page(tenant, page, size).value
        counted = {} if total is None else {"totalCount": total}
        return Said(200, {**body, "entities": body.get("entities", [])[rows], **counted, **beside})

    return page


STRUCK_PAGES: dict[str, Callable[..., Said]] = {
    "500": lambda tenant, page, size: Said(500),
    "404": lambda tenant, page, size: Said(404),
    "204": lambda tenant, page, size: Said(204),
    "nothing": _page_of(rows=slice(0)),
    "half a page": _page_of(rows=slice(2)),
    "another total": _page_of(total=40),
    "a lower total": _page_of(total=3),
    "the first page": lambda tenant, page, size: Tenant.page(tenant, tenant.base, size),
    "an error": _page_of(error="a shard is down"),
}


def struck_pages() -> Iterator[World]:
    """Yield small worlds of `v2` with spoilt pages."""
    makes: dict[str, Callable[[], Tenant]] = {
        "counted": lambda: tenant(22, kind=StruckPages),
        "uncounted": lambda: tenant(20, kind=StruckPages, total=none_at_all),
        "each counted": lambda: tenant(22, kind=StruckPages, total=of_this_page),
        "capped": lambda: tenant(22, kind=StruckPages, cap=3, total=none_at_all),
        "from 0": lambda: tenant(22, kind=StruckPages, base=0, total=none_at_all),
        "turning": lambda: tenant(22, kind=Turning, total=none_at_all),
    }
    for name, make in makes.items():
        for outcome in STRUCK_PAGES:
            for at, until in (*((place, place) for place in range(1, 6)), (1, 99), (3, 99)):
                where = f"at {at}" if until == at else f"from {at} on"
                spoilt = with_values(make(), at=at, until=until, outcome=outcome)
                yield World(f"{name}, {outcome} {where}", spoilt, struck=True)


class Turning(StruckPages):
    """Begins again after the last page."""

    def page(self, page: int, size: int) -> Said:
        """Answer with an existing page."""
        return super().page((page - 1) % 5 + 1, size)


@dataclass
class StruckLists(ListTenant):
    """Gives another answer to requests for a list, from `at` to `until`."""

    at: int = 0
    until: int = 0
    outcome: str = "500"
    struck: str = "agents"
    count: int = 0

    def page(self, name: str, skip: int, top: int) -> Response:
        """Answer, or strike."""
        self.count += name == self.struck
        response = super().page(name, skip, top)
        if name != self.struck or not self.at <= self.count <= self.until:
            return response
        return STRUCK_LISTS[self.outcome](self, response)


def _list_of(change: Callable[[dict[str, Any], list[Any]], object]) -> Callable[[StruckLists, Response], Response]:
    def answer(tenant: StruckLists, response: Response) -> Response:
        body = json.loads(response.body)
        return said(change(body, body["agents" if tenant.struck == "agents" else "agentStates"]))

    return answer


def _in_place(body: dict[str, Any], rows: list[Any], left: list[Any]) -> object:
    rows[:] = left
    return body


STRUCK_LISTS: dict[str, Callable[[StruckLists, Response], Response]] = {
    "500": lambda tenant, response: said({}, 500),
    "404": lambda tenant, response: said({}, 404),
    "204": lambda tenant, response: said({}, 204),
    "nothing": _list_of(lambda body, rows: _in_place(body, rows, [])),
    "half a page": _list_of(lambda body, rows: _in_place(body, rows, rows[:3])),
    "a stranger": _list_of(lambda body, rows: _in_place(body, rows, [{**rows[0], "agentId": 77}] if rows else [])),
    "another total": _list_of(lambda body, rows: {**body, "totalRecords": 40}),
    "no link": _list_of(lambda body, rows: {**body, "_links": {}}),
    "the first page": lambda tenant, response: ListTenant.page(tenant, tenant.struck, 0, tenant.cap),
    "an error": _list_of(lambda body, rows: {**body, "error": "a shard is down"}),
}


def struck_lists() -> Iterator[World]:
    """Yield small worlds of `incontact` with spoilt pages."""
    everybody = people(22, codes=(1, None, 2))
    makes: dict[str, Callable[[], StruckLists]] = {
        "linked": lambda: StruckLists(everybody, cap=5),
        "linked, uncounted": lambda: StruckLists(everybody, cap=5, total="none"),
        "each counted": lambda: StruckLists(people(22, codes=(1, 0, 2)), cap=5, total="page", links=None),
        "not linked": lambda: StruckLists(everybody, cap=5, links=None),
    }
    for name, make in makes.items():
        for struck in ("agents", "agents/states"):
            for outcome in STRUCK_LISTS:
                for at, until in (*((place, place) for place in range(1, 5)), (1, 99), (3, 99)):
                    where = f"at {at}" if until == at else f"from {at} on"
                    spoilt = make()
                    spoilt.at, spoilt.until, spoilt.outcome, spoilt.struck = at, until, outcome, struck
                    yield World(f"{struck}, {name}, {outcome} {where}", spoilt, struck=True)
