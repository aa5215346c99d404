"""The requests as a timeline: request, start, duration, response."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cxone_rollcall.findings.account import Account
from cxone_rollcall.findings.finding import Finding
from cxone_rollcall.model.exchange import Exchange
from cxone_rollcall.model.wording import counted
from cxone_rollcall.views.html.escape import by_exchange, shown, target_of

MOST_REQUESTS = 500
NARROWEST = 0.6
"""The least width of a bar in percent. So a quick request stays visible."""

MEANINGS = {
    400: "request rejected",
    401: "token not accepted",
    403: "forbidden",
    404: "not found",
    409: "permissions missing, or in conflict",
    413: "request too large",
    414: "request too large",
    429: "too many requests",
}
"""The meaning of common statuses; 5xx is a server error."""


def timeline(account: Account) -> Iterator[str]:
    """Yield the section of requests, row by row."""
    exchanges = sorted({**{one.number: one for one in account.exchanges}, **account.cited}.items())
    every = [exchange for _, exchange in exchanges]
    yield '<section id="requests"><h2>Requests</h2>'
    if not every:
        yield "<p>No request was sent.</section>"
        return
    cited = by_exchange(account)
    kept = selected(every, cited)
    end = max(0.001, *(one.began + one.milliseconds / 1000 for one in every))
    yield f"<p>{counted(len(every), 'request')} in {end:.2f} s. The bar under each shows when it ran."
    if len(kept) < len(every):
        yield (
            f" <strong>Left out: {len(every) - len(kept)} of them</strong>. Shown are those that the evidence cites,"
            f" those that failed, and the first ones. <code>rollcall check -v</code> shows all."
        )
    yield "<table class=requests><thead><tr><th scope=col class=n>No.<th scope=col>Request<th scope=col>Response"
    yield "<th scope=col class=n>Started<th scope=col class=n>Took</thead><tbody>"
    for exchange in kept:
        yield _row(exchange, cited.get(exchange.number, ()), end)
    yield "</tbody></table></section>"


def selected(exchanges: Sequence[Exchange], cited: Mapping[int, object]) -> list[Exchange]:
    """At most `MOST_REQUESTS` requests, in their order. First the cited, then the failed, then the earliest."""
    if len(exchanges) <= MOST_REQUESTS:
        return list(exchanges)
    ranked = sorted(exchanges, key=lambda one: 0 if one.number in cited else 1 if _failed(one) else 2)
    return sorted(ranked[:MOST_REQUESTS], key=lambda one: one.number)


def _row(exchange: Exchange, cited: Sequence[tuple[str, Finding]], end: float) -> str:
    links = ", ".join(f'<a href="#{place}">{finding.code}</a>' for place, finding in cited)
    evidence = f" <span class=cited>evidence for {links}</span>" if links else ""
    wanted = exchange.correlation and (cited or _failed(exchange))  # support asks for it; elsewhere it is noise
    correlation = f"<br><small>CorrelationId {shown(exchange.correlation)}</small>" if wanted else ""
    return (
        f'<tr id="x{exchange.number}"{" class=cited" if links else ""}><th scope=row class=n>{exchange.number}'
        f"<td>{shown(exchange.purpose)}{evidence}<br><code>{target_of(exchange)}</code>{correlation}"
        f"{_bar(exchange, end)}<td>{_answer(exchange)}"
        f"<td class=n>{exchange.began:.3f} s<td class=n>{exchange.milliseconds:.0f} ms\n"
    )


def _bar(exchange: Exchange, end: float) -> str:
    width = max(min(exchange.milliseconds / 10 / end, 100.0), NARROWEST)
    left = min(100 * exchange.began / end, 100 - width)
    return f'<div class=track aria-hidden=true><i style="left:{left:.2f}%;width:{width:.2f}%"></i></div>'


def _failed(exchange: Exchange) -> bool:
    return exchange.status is None or exchange.status >= 300


def _answer(exchange: Exchange) -> str:
    if exchange.status is None:
        return f"<b>no response</b>: {shown(exchange.fault)}"
    meaning = "server error" if exchange.status >= 500 else MEANINGS.get(exchange.status, "")
    fault = f"<br>{shown(exchange.fault)}" if exchange.fault else ""
    return f"<b>{exchange.status}</b> {meaning}{fault}" if _failed(exchange) else f"{exchange.status}{fault}"
