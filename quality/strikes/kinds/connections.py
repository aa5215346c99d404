"""Strikes at the connection: no response, half of one, an endless one."""

from __future__ import annotations

from quality.strikes.kinds.base import Kind
from quality.strikes.messages import Answer, Asked, head, whole
from quality.strikes.proxy import Link
from quality.strikes.strike import When

DRIP_SECONDS = 0.05


async def _refuse(link: Link, asked: Asked, answer: Answer) -> None:
    link.proxy.shut(for_good=link.proxy.strikes_as is not When.ONCE)
    link.reset()


async def _reset_before(link: Link, asked: Asked, answer: Answer) -> None:
    link.reset()


async def _close_before(link: Link, asked: Asked, answer: Answer) -> None:
    link.close()


async def _reset_after_head(link: Link, asked: Asked, answer: Answer) -> None:
    await link.send(head(answer, len(answer.body)))
    await link.stay(0.005)  # the headers must arrive before the reset
    link.reset()


async def _close_in_head(link: Link, asked: Asked, answer: Answer) -> None:
    await link.send(head(answer, len(answer.body))[:20])
    link.close()


async def _close_in_body(link: Link, asked: Asked, answer: Answer) -> None:
    await link.send(head(answer, len(answer.body) + 1) + answer.body[: len(answer.body) // 2])
    link.close()


async def _close_in_chunks(link: Link, asked: Asked, answer: Answer) -> None:
    half = answer.body[: max(1, len(answer.body) // 2)]
    chunked = answer._replace(headers=(*answer.headers, ("Transfer-Encoding", "chunked")))
    await link.send(head(chunked, None) + b"%x\r\n%b\r\n" % (len(half), half))
    link.close()


async def _close_without_length(link: Link, asked: Asked, answer: Answer) -> None:
    closing = answer._replace(headers=(*answer.headers, ("X-Connection", "close")))
    await link.send(head(closing, None) + answer.body[: len(answer.body) // 2])
    link.close()


async def _hang(link: Link, asked: Asked, answer: Answer) -> None:
    await link.stay()
    link.close()


async def _hang_in_body(link: Link, asked: Asked, answer: Answer) -> None:
    await link.send(head(answer, len(answer.body) + 1) + answer.body)
    await link.stay()
    link.close()


async def _drip(link: Link, asked: Asked, answer: Answer) -> None:
    data = whole(answer)
    for place in range(len(data)):
        await link.send(data[place : place + 1])
        if await link.stay(DRIP_SECONDS):
            return


async def _not_http(link: Link, asked: Asked, answer: Answer) -> None:
    await link.send(b"SSH-2.0-OpenSSH_9.6\r\n")
    link.close()


_LOST = ("RC102", "RC512")
_CUT = ("RC507", "RC512")
_LATE = ("RC106", "RC512")

CONNECTIONS: tuple[Kind, ...] = (
    Kind(name="refused", about="connections are refused", send=_refuse, proves=_LOST),
    Kind(name="reset-before-head", about="reset before any byte", send=_reset_before, proves=_LOST),
    Kind(name="closed-before-head", about="closed before any byte", send=_close_before, proves=_LOST),
    Kind(name="closed-in-head", about="closed within the status line", send=_close_in_head, proves=(*_LOST, *_CUT)),
    Kind(name="reset-after-head", about="reset after the headers", send=_reset_after_head, proves=(*_LOST, *_CUT)),
    Kind(name="closed-in-body", about="closed in the middle of the body", send=_close_in_body, proves=_CUT),
    Kind(name="closed-in-chunks", about="chunked, closed before the last chunk", send=_close_in_chunks, proves=_CUT),
    Kind(
        name="closed-without-length",
        about="no Content-Length, closed in the middle of the JSON",
        send=_close_without_length,
        proves=_CUT,
    ),
    Kind(name="hang", about="never responds", send=_hang, proves=_LATE, slow=True),
    Kind(
        name="hang-in-body",
        about="sends all but the last byte, then nothing",
        send=_hang_in_body,
        proves=_LATE,
        slow=True,
    ),
    Kind(name="slow-drip", about="sends a byte every 50 ms", send=_drip, proves=_LATE, slow=True),
    Kind(name="not-http", about="responds in another protocol", send=_not_http, proves=("RC104", "RC512")),
)
