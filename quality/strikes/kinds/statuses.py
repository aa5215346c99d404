"""Strikes at the status: refusals, errors, redirects. Some bodies look like an empty list."""

from __future__ import annotations

import json
from email.utils import formatdate
from time import time
from urllib.parse import parse_qsl

from quality.strikes.kinds.base import Kind, rewritten
from quality.strikes.messages import Answer, Asked, Headers, whole
from quality.strikes.proxy import Link

EMPTY_LISTS = b'{"entities":[],"totalCount":0,"agents":[],"agentStates":[],"totalRecords":0,"resultSet":{}}'
PAGE = b"<!DOCTYPE html><html><head><title>Sorry</title></head><body><h1>Sorry</h1></body></html>"
JSON: Headers = (("Content-Type", "application/json"),)
HTML: Headers = (("Content-Type", "text/html"),)
REPEATED = b'{"error":"invalid_token"}'


def _status(status: int, *headers: tuple[str, str]) -> Answer:
    return Answer(status, (*JSON, *headers), EMPTY_LISTS)


def _empty_lists(status: int, proves: tuple[str, ...]) -> Kind:
    return Kind(
        name=str(status),
        about=f"{status}, with an empty list as its body",
        send=rewritten(lambda _: _status(status)),
        proves=(*proves, "RC512"),
    )


def _page(status: int) -> Kind:
    return Kind(
        name=f"{status}-page",
        about=f"{status}, with an HTML page",
        send=rewritten(lambda _: Answer(status, HTML, PAGE)),
        proves=("RC105", "RC512"),
    )


async def _in_a_second_by_date(link: Link, asked: Asked, answer: Answer) -> None:
    date = formatdate(time() + 1, usegmt=True)
    await link.send(whole(_status(429, ("Retry-After", date))))


async def _redirect_elsewhere(link: Link, asked: Asked, answer: Answer) -> None:
    there = f"http://127.0.0.1:{link.proxy.stranger_port}{asked.target}"
    await link.send(whole(_status(302, ("Location", there))))


async def _redirect_keeping_the_method(link: Link, asked: Asked, answer: Answer) -> None:
    there = f"//127.0.0.1:{link.proxy.stranger_port}{asked.target}"
    await link.send(whole(_status(307, ("Location", there))))


async def _redirect_in_a_circle(link: Link, asked: Asked, answer: Answer) -> None:
    await link.send(whole(_status(302, ("Location", asked.target))))


async def _redirect_ever_on(link: Link, asked: Asked, answer: Answer) -> None:
    await link.send(whole(_status(302, ("Location", f"/again{asked.target}"))))


async def _echo(link: Link, asked: Asked, answer: Answer) -> None:
    sent = [value for _, value in parse_qsl(asked.body.decode())]
    words = json.dumps({"message": " ".join((*reversed(sent), asked.authorization))})
    await link.send(whole(Answer(500, JSON, words.encode())))


async def _expire(link: Link, asked: Asked, answer: Answer) -> None:
    """Invalidate the request's token, or the one its response grants."""
    if asked.authorization.startswith("Bearer "):
        link.proxy.dead.add(asked.authorization)
        await link.send(whole(Answer(401, JSON, REPEATED)))
        return
    if (granted := _granted(answer)) is not None:
        link.proxy.dead.add(f"Bearer {granted}")
    await link.send(whole(answer))


def _granted(answer: Answer) -> str | None:
    """Return the token that a response grants, or None."""
    said = json.loads(answer.body) if answer.body else None
    return said.get("access_token") if isinstance(said, dict) else None


_RATE = ("RC511",)
_AWAY = ("RC104", "RC512")
_REDIRECTED = (*_AWAY, "RC107", "RC108", "RC403")

STATUSES: tuple[Kind, ...] = (
    _empty_lists(400, ("RC202", "RC403")),
    _empty_lists(401, ("RC201", "RC205")),
    _empty_lists(403, ("RC301", "RC302", "RC201")),
    _empty_lists(404, ("RC107", "RC108", "RC109", "RC403")),
    _empty_lists(408, ("RC105",)),
    _empty_lists(409, ("RC302",)),
    _empty_lists(413, ()),
    _empty_lists(414, ()),
    Kind(
        name="429-in-seconds",
        about="429, Retry-After: 1",
        send=rewritten(lambda _: _status(429, ("Retry-After", "1"))),
        proves=_RATE,
    ),
    Kind(name="429-by-date", about="429, Retry-After as a date", send=_in_a_second_by_date, proves=_RATE),
    Kind(
        name="429-absurd",
        about="429, Retry-After of a year",
        send=rewritten(lambda _: _status(429, ("Retry-After", "31536000"))),
        proves=_RATE,
    ),
    Kind(name="429", about="429 without Retry-After", send=rewritten(lambda _: _status(429)), proves=_RATE),
    _empty_lists(500, ("RC105",)),
    Kind(name="500-echo", about="500, with the sent secrets in its message", send=_echo, proves=("RC105", "RC512")),
    _page(502),
    _page(503),
    _page(504),
    Kind(
        name="redirect-elsewhere",
        about="302 to another host",
        send=_redirect_elsewhere,
        proves=_AWAY,
    ),
    Kind(
        name="redirect-elsewhere-307",
        about="307 to another host, without a scheme",
        send=_redirect_keeping_the_method,
        proves=_AWAY,
    ),
    Kind(name="redirect-loop", about="302 to itself", send=_redirect_in_a_circle, proves=_AWAY),
    Kind(name="redirect-chain", about="302 to a new path each time", send=_redirect_ever_on, proves=_REDIRECTED),
    Kind(name="token-expires", about="the token becomes invalid", send=_expire, proves=("RC205", "RC201", "RC203")),
)
