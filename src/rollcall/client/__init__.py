"""The client: a contract, a transport and a token put together. This is what a Python user imports."""

from __future__ import annotations

from rollcall.client.access import LoginStore
from rollcall.client.asker import MOST_REDIRECTS, MOST_THROTTLES, REQUEST_TIMEOUT
from rollcall.client.client import Client
from rollcall.client.connection import connect
from rollcall.client.door import MOST_RENEWALS, TOKENS_IN_A_ROW
from rollcall.contracts.base import Answered

__all__ = [
    "MOST_REDIRECTS",
    "MOST_RENEWALS",
    "MOST_THROTTLES",
    "REQUEST_TIMEOUT",
    "TOKENS_IN_A_ROW",
    "Answered",
    "Client",
    "LoginStore",
    "connect",
]
