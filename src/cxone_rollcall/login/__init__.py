"""User login in the browser: authorization code with PKCE, redirect address on this machine."""

from __future__ import annotations

from cxone_rollcall.login.attempt import (
    Attempt,
    LoginDenied,
    LoginFailed,
    LoginTimedOut,
    NoCode,
    WrongNonce,
    WrongState,
    check_nonce,
    read_callback,
    read_pasted,
)
from cxone_rollcall.login.callback_server import Listener
from cxone_rollcall.login.flow import LoginClient, log_in

__all__ = [
    "Attempt",
    "Listener",
    "LoginClient",
    "LoginDenied",
    "LoginFailed",
    "LoginTimedOut",
    "NoCode",
    "WrongNonce",
    "WrongState",
    "check_nonce",
    "log_in",
    "read_callback",
    "read_pasted",
]
