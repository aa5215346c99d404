"""A user login: its redirect address, and what is stored between runs."""

from __future__ import annotations

from typing import Literal, get_args

from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.struct import Value

StoreKind = Literal["keyring", "file"]
STORE_KINDS: tuple[StoreKind, ...] = get_args(StoreKind)
"""Where a login can be stored."""

REDIRECT_HOST = "127.0.0.1"
REDIRECT_PORT = 8765
"""Port of the redirect address. Fixed, because a tenant accepts only the registered address, character for
character."""
REDIRECT_PATH = "/callback"
LOGIN_SECONDS = 300.0
"""Seconds for the sign-in. Enough to fetch a phone for the second factor."""


def redirect_address(port: int = REDIRECT_PORT) -> str:
    """The redirect address to register for the client."""
    return f"http://{REDIRECT_HOST}:{port}{REDIRECT_PATH}"


class LoginKey(Value, frozen=True):
    """Client and instance of a login. It is never sent to another instance.

    `instance` is the URL of the instance, or `tenant:<id>` if only a tenant id is set.
    """

    instance: str
    client_id: str

    @classmethod
    def of(cls, instance: str | None, tenant_id: str | None, client_id: str) -> LoginKey:
        """The key for an instance, else for a tenant; ValueError without either."""
        if instance:
            return cls(instance, client_id)
        if tenant_id:
            return cls(f"tenant:{tenant_id.lower().replace('%', '%25').replace(' ', '%20')}", client_id)
        raise ValueError("a login belongs to an instance or to a tenant")

    def __str__(self) -> str:
        return f"{self.instance} {self.client_id}"  # unique, because an instance has no blank


class Login(Value, frozen=True, kw_only=True):
    """A stored user login. The next run needs no browser.

    `granted_at` is in seconds since the epoch. `scopes` is None if the token named none.
    """

    refresh_token: Secret
    instance: str
    client_id: str
    contract: str
    tenant_id: str | None = None
    user: str | None = None
    granted_at: float
    scopes: tuple[str, ...] | None = None

    @property
    def key(self) -> LoginKey:
        """The key under which the login is stored."""
        return LoginKey(self.instance, self.client_id)
