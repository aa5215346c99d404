"""Every error that rollcall raises, by what its reader can do about it.

    RollcallError
    ├── SettingError        mend a setting: what is missing or malformed, with a line to paste
    ├── OutputError         choose another place for the output
    ├── LoginFailed         log in again: the user said no, or what came back was not to be trusted (see `login`)
    └── RequestFailed       look at the failure: one request had no usable answer, on every try
        ├── NotReached          the network, the host or the address
        ├── AccessRefused       the credentials, the scopes or the permissions
        └── AnswerUnusable      the server: trouble, throttling or a damaged answer

`cli.main` is the one place that catches and prints them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cxone_rollcall.model.failure import Failure


def kind_and_place(error: BaseException) -> str:
    """An error's type and place, `ValueError at cxone_rollcall.why.answer:48`.

    Without its message, which may hold anything, a secret too.
    """
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = "" if trace is None else f" at {trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}"
    return f"{type(error).__name__}{place}"


class RollcallError(Exception):
    """The root: catching it catches everything that rollcall raises on purpose."""


class SettingError(RollcallError):
    """A setting, flag or argument is missing or malformed. `example` is a line to paste, or empty."""

    def __init__(self, message: str, *, example: str = "") -> None:
        super().__init__(message)
        self.example = example


class OutputError(RollcallError):
    """The output could not be written: an unwritable path or a full disk."""


class RequestFailed(RollcallError):
    """One request had no usable answer on any try; `failure` says which, why and after how many tries."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure))
        self.failure = failure


class NotReached(RequestFailed):
    """The API was not reached: name, network, certificate, time, or something else answered there."""


class AccessRefused(RequestFailed):
    """The API refused us: client, key, token, scope or permission."""


class AnswerUnusable(RequestFailed):
    """The API was reached and let us in, and its answer cannot be used."""
