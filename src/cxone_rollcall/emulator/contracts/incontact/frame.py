"""The frame around a page of rows: total and links. Short lists have none."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from cxone_rollcall.emulator.contracts.incontact.query import Query, links, read
from cxone_rollcall.emulator.wire import NO_CONTENT, Answer, Call, Listing, compact

T = TypeVar("T")


def framed(
    call: Call,
    query: Query,
    found: Sequence[T],
    row: Callable[[T], dict[str, object]],
    *,
    key: str,
    cap: int,
    no_rows: str = "204",
    wrapped: bool = False,
    **beside: object,
) -> Answer:
    """Return the requested page of what was found, at most `cap` rows. Only its rows are made.

    `no_rows` is the status of a page without rows: 204, or 200 with an empty list. `wrapped` puts all into resultSet
    whatever the reading. `beside` are members beside the rows.
    """
    readings = call.tenant.settings.readings
    top = min(query.top or readings.page_default, cap)
    page = found[query.skip : query.skip + top]
    if not page and no_rows == "204":
        return NO_CONTENT
    more = query.skip + top < len(found)
    listing = Listing(
        [query.chosen(compact(row(one))) for one in page],
        total=len(page) if readings.total_records == "page" else len(found),
        key=key,
        envelope="resultSet" if readings.result_set or wrapped else "",
        total_key="totalRecords",
    ).with_members(**beside, _links=links(call, query.skip, top, step=top, more=more))
    return Answer(200, listing.encode())


def short(call: Call, rows: Sequence[dict[str, object]], *, key: str, **beside: object) -> Answer:
    """Return a list without links. `top`, `skip` and `fields` select of it; without `top` it is whole."""
    query = read(call.query)
    page = rows[query.skip :][: query.top]
    envelope = "resultSet" if call.tenant.settings.readings.result_set else ""
    listing = Listing([query.chosen(compact(row)) for row in page], key=key, envelope=envelope)
    return Answer(200, (listing.with_members(**beside) if beside else listing).encode())
