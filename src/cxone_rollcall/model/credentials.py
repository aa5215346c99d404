"""The credentials for a token."""

from __future__ import annotations

from typing import Literal, get_args

from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.struct import Value

GrantType = Literal["client_credentials", "password", "authorization_code"]
GRANT_TYPES: tuple[GrantType, ...] = get_args(GrantType)

NEEDED: dict[GrantType, tuple[str, ...]] = {
    "client_credentials": ("client_id", "client_secret"),
    "password": ("access_key_id", "access_key_secret"),
    "authorization_code": ("client_id",),
}
"""What each grant cannot do without."""


class Credentials(Value, frozen=True, kw_only=True):
    """The grant type and what it needs; the rest is None.

    An access key needs `grant_type="password"`; its client is optional. `grant_is_guessed` is True if no setting names
    the grant: it was derived from the credentials, and may change when the API is known.

    SettingError if something that the grant needs is missing, if a secret has no id, an access key has no secret, or a
    secret is no `Secret`.
    """

    grant_type: str = "client_credentials"
    grant_is_guessed: bool = False
    client_id: str | None = None
    client_secret: Secret | None = None
    access_key_id: str | None = None
    access_key_secret: Secret | None = None

    def __post_init__(self) -> None:
        for name in ("client_secret", "access_key_secret"):
            if not isinstance(getattr(self, name), Secret | None):
                raise SettingError(
                    f"{name} must be a Secret, which no log and no traceback shows",
                    example=f'{name}=Secret(os.environ["CXONE_{name.upper()}"])',
                )
        needed = next((names for grant, names in NEEDED.items() if grant == self.grant_type), None)
        if needed is None:
            raise SettingError(f"grant_type must be one of {', '.join(GRANT_TYPES)}", example='grant_type="password"')
        missing = [name for name in needed if not getattr(self, name)]
        for name, other in (
            ("client_id", "client_secret"),
            ("access_key_id", "access_key_secret"),
            ("access_key_secret", "access_key_id"),
        ):
            if getattr(self, other) and not getattr(self, name):
                missing.append(name)
        if missing:
            key_forgotten = self.access_key_secret and self.grant_type != "password"
            raise SettingError(
                f"missing for the grant {self.grant_type}: {', '.join(dict.fromkeys(missing))}",
                example='grant_type="password"  # the grant of an access key' if key_forgotten else "",
            )
