"""Sends responses: whole, late, in part, byte by byte, or never."""

import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable
from email.utils import formatdate

from aiohttp import web

from cxone_rollcall.emulator.wire import Answer, Delivery

# Waits for some seconds (None: without limit) or until the server stops; returns whether it stopped.
Pause = Callable[[float | None], Awaitable[bool]]


async def deliver(request: web.BaseRequest, answer: Answer, now: float, pause: Pause) -> web.StreamResponse:
    """Send a response the way its `delivery` says."""
    if answer.delay and await pause(answer.delay):
        return _gone(request)
    match answer.delivery:
        case Delivery.WHOLE:
            return web.Response(status=answer.status, body=answer.body, headers=_headers(answer, now))
        case Delivery.CLOSED_AFTER:
            response = web.Response(status=answer.status, body=answer.body, headers=_headers(answer, now))
            await response.prepare(request)
            await response.write_eof()
            if request.transport is not None:
                request.transport.close()
            return response
        case Delivery.NEVER:
            await pause(None)
        case Delivery.RESET:
            _reset_when_closed(request)
        case Delivery.DRIPPED | Delivery.SHORT:
            return await _in_part(request, answer, now, pause)
        case Delivery.CLOSED:
            pass
    return _gone(request)


async def _in_part(request: web.BaseRequest, answer: Answer, now: float, pause: Pause) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status, headers=_headers(answer, now))
    response.content_length = len(answer.body)
    await response.prepare(request)
    with contextlib.suppress(ConnectionError):
        if answer.delivery is Delivery.SHORT:
            await response.write(answer.body[: len(answer.body) // 2])
            if request.transport is not None:
                request.transport.close()
            return response
        for place in range(len(answer.body)):
            await response.write(answer.body[place : place + 1])
            if await pause(answer.interval):
                return _gone(request)
    return response


def _headers(answer: Answer, now: float) -> dict[str, str]:
    headers = {"Date": formatdate(now, usegmt=True), "Server": "rollcall-emulator"}
    if answer.content_type:
        headers["Content-Type"] = answer.content_type
    return {**headers, **dict(answer.headers)}


def _reset_when_closed(request: web.BaseRequest) -> None:
    # A lingering time of zero makes the kernel send RST instead of FIN.
    if request.transport is not None and (link := request.transport.get_extra_info("socket")) is not None:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _gone(request: web.BaseRequest) -> web.StreamResponse:
    """Cut the connection. The returned response is never sent."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
