"""A user's login: what is registered for it, and what is kept of it between runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from cxone_rollcall.model.struct import Value

if TYPE_CHECKING:
    from cxone_rollcall.model.secret import Secret

StoreKind = Literal["keyring", "file"]
STORE_KINDS: tuple[StoreKind, ...] = get_args(StoreKind)
"""Where a login may be kept."""

REDIRECT_HOST = "127.0.0.1"
REDIRECT_PORT = 8765
"""Fixed, because a tenant takes only the redirect address that is registered, to the letter."""
REDIRECT_PATH = "/callback"
LOGIN_SECONDS = 300.0
"""The time that a user has for signing in, with a second factor from a telephone in another room."""


def redirect_address(port: int = REDIRECT_PORT) -> str:
    """Return the redirect address to register for the client."""
    return f"http://{REDIRECT_HOST}:{port}{REDIRECT_PATH}"


class LoginKey(Value, frozen=True):
    """Whose login it is, and where it is good: a login is never sent to another instance than its own.

    `instance` is the instance's URL, or `tenant:<id>` where only a tenant id is set.
    """

    instance: str
    client_id: str

    @classmethod
    def of(cls, instance: str | None, tenant_id: str | None, client_id: str) -> LoginKey:
        """Return the key of these settings: the instance decides, else the tenant; ValueError without either."""
        if instance:
            return cls(instance, client_id)
        if tenant_id:
            return cls(f"tenant:{tenant_id.lower().replace('%', '%25').replace(' ', '%20')}", client_id)
        raise ValueError("a login belongs to an instance or to a tenant")

    def __str__(self) -> str:
        return f"{self.instance} {self.client_id}"  # an instance has no blank: two keys never have one text


class Login(Value, frozen=True, kw_only=True):
    """What is kept of a login, so that the next run needs no browser.

    `granted_at` is in seconds since the epoch. `scopes` is None where the token named none.
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
        """What the login is kept under."""
        return LoginKey(self.instance, self.client_id)
