"""Every error that rollcall raises, grouped by what to do about it.

    RollcallError
    ├── SettingError        fix a setting: what is missing or malformed, with a line to paste
    ├── OutputError         choose another place for the output
    ├── HistoryError        choose another history file, or mend this one
    ├── EngineError         look at the engine of a fleet: not reached, refused, too old, or set up otherwise
    ├── LoginFailed         log in again: the user refused, or the callback was not trustworthy (see `login`)
    └── RequestFailed       look at the failure: no try of a request had a usable response
        ├── NotReached          the network, the host or the address
        ├── AccessRefused       the credentials, the scopes or the permissions
        └── AnswerUnusable      the server: errors, throttling or a damaged response

Only `cli.main` catches and prints them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cxone_rollcall.model.failure import Failure


TOO_MANY_FILES = "this process, or this machine, has too many files open: raise the limit (ulimit -n 1024)"


def kind_and_place(error: BaseException) -> str:
    """The type and place of an error, `ValueError at cxone_rollcall.why.answer:48`.

    Without its message, which may hold a secret.
    """
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = "" if trace is None else f" at {trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}"
    return f"{type(error).__name__}{place}"


class RollcallError(Exception):
    """The base class of all errors that rollcall raises on purpose."""


class SettingError(RollcallError):
    """A setting, flag or argument is missing or malformed. `example` is a line to paste, or empty."""

    def __init__(self, message: str, *, example: str = "") -> None:
        super().__init__(message)
        self.example = example


class OutputError(RollcallError):
    """The output cannot be written: an unwritable path or a full disk."""


class HistoryError(RollcallError):
    """A history file cannot be used. `example` is a command that helps, or empty."""

    def __init__(self, message: str, *, example: str = "") -> None:
        super().__init__(message)
        self.example = example


class EngineError(RollcallError):
    """The engine of a fleet cannot be used.

    `example` is a command that helps, or empty. `exit_code` is 5 if it was not reached, 4 if it refused, 3 if it does
    not answer, 2 if it is set up otherwise.
    """

    def __init__(self, message: str, *, example: str = "", exit_code: int = 3) -> None:
        super().__init__(message)
        self.example = example
        self.exit_code = exit_code


class RequestFailed(RollcallError):
    """No try of a request had a usable response. `failure` says which, why and after how many tries."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure))
        self.failure = failure


class NotReached(RequestFailed):
    """The API was not reached. DNS, network, certificate, timeout, or another server responded."""


class AccessRefused(RequestFailed):
    """The API refused the client, key, token, scope or permission."""


class AnswerUnusable(RequestFailed):
    """The API gave access, but its response is unusable."""
