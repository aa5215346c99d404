"""What a kind of strike is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from quality.strikes.messages import whole

if TYPE_CHECKING:
    from quality.strikes.messages import Answer, Asked
    from quality.strikes.proxy import Link

Send = Callable[["Link", "Asked", "Answer"], Awaitable[None]]
Rewrite = Callable[["Answer"], "Answer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One way to spoil an answer. `send` gets the true answer and sends what comes in its place.

    `proves` are the codes that it may lead to as PROVEN. `slow` tells that the client waits for its limit.
    """

    name: str
    about: str
    send: Send = field(compare=False, repr=False)
    proves: tuple[str, ...] = ()
    slow: bool = False

    def __reduce__(self) -> tuple[Callable[[str], Kind], tuple[str]]:
        """Travel to another process by name."""
        return named, (self.name,)


def named(name: str) -> Kind:
    """Return the kind of this name."""
    from quality.strikes.kinds import KINDS

    return next(kind for kind in KINDS if kind.name == name)


def rewritten(rewrite: Rewrite) -> Send:
    """Return what sends an answer rewritten, and otherwise in good order."""

    async def send(link: Link, asked: Asked, answer: Answer) -> None:
        await link.send(whole(rewrite(answer)))

    return send
