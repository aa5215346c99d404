"""The type of a kind of strike."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from quality.strikes.messages import Answer, Asked, whole
from quality.strikes.proxy import Link

Send = Callable[["Link", "Asked", "Answer"], Awaitable[None]]
Rewrite = Callable[["Answer"], "Answer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One way to break a response. `send` gets the true response and sends something else.

    `proves` are the codes that it may lead to as PROVEN. `slow` means that the client waits for its time limit.
    """

    name: str
    about: str
    send: Send = field(compare=False, repr=False)
    proves: tuple[str, ...] = ()
    slow: bool = False

    def __reduce__(self) -> tuple[Callable[[str], Kind], tuple[str]]:
        """Pickle by name."""
        return named, (self.name,)


def named(name: str) -> Kind:
    """Return the kind with this name."""
    from quality.strikes.kinds import KINDS

    return next(kind for kind in KINDS if kind.name == name)


def rewritten(rewrite: Rewrite) -> Send:
    """Return a `send` that sends the rewritten response."""

    async def send(link: Link, asked: Asked, answer: Answer) -> None:
        await link.send(whole(rewrite(answer)))

    return send
