"""All settings: names, examples, and suggestions for mistyped names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, get_args

from cxone_rollcall.model.closest_match import closest_match
from cxone_rollcall.model.credentials import NEEDED, GrantType
from cxone_rollcall.model.struct import Value

Contract = Literal["auto", "v2", "incontact"]

CONTRACTS: tuple[Contract, ...] = get_args(Contract)

PREFIX = "CXONE_"


class Setting(Value, frozen=True, kw_only=True):
    """One setting, with its names and the help of its flag.

    `name` is its key in a profile, `variable` its name in the environment and `.env`, `about` the help.
    """

    name: str
    example: str
    about: str = ""
    secret: bool = False
    has_flag: bool = True

    @property
    def variable(self) -> str:
        """The environment variable, such as `CXONE_CLIENT_ID`; messages use this name."""
        return PREFIX + self.name.upper()

    @property
    def file_variable(self) -> str:
        """The variable that names its file, such as `CXONE_CLIENT_SECRET_FILE`."""
        return f"{self.variable}_FILE"

    @property
    def flag(self) -> str:
        """The long option, such as `--client-id`; it exists if `has_flag`."""
        return "--" + self.name.replace("_", "-")

    @property
    def line(self) -> str:
        """A line to paste into `.env`."""
        return f"{self.variable}={self.example}"


SETTINGS = (
    Setting(name="instance", example="api-us-01.nice-incontact.com", about="API host of the tenant, or its URL."),
    Setting(
        name="grant_type", example="client_credentials", about="client_credentials, password or authorization_code."
    ),
    Setting(name="client_id", example="your-client-id", about="Id of the registered client."),
    Setting(name="client_secret", example="your-client-secret", secret=True, has_flag=False),
    Setting(name="access_key_id", example="your-access-key-id", about="Id of a user's access key."),
    Setting(name="access_key_secret", example="your-access-key-secret", secret=True, has_flag=False),
    Setting(name="tenant_id", example="11ed0000-0000-4000-8000-000000000000", about="Id of the tenant."),
    Setting(name="contract", example="v2", about="API to use: auto, v2 or incontact."),
    Setting(name="api_version", example="34", about="Version of the incontact API, such as 34."),
    Setting(name="profile", example="acme", about="Profile in config.toml."),
    Setting(name="ca_bundle", example="/etc/ssl/certs/ca-certificates.crt", has_flag=False),
    Setting(name="request_timeout", example="20", about="Limit for one request in seconds."),
)

BY_NAME = {setting.name: setting for setting in SETTINGS}
BY_VARIABLE = {setting.variable: setting for setting in SETTINGS}
SECRETS = tuple(setting for setting in SETTINGS if setting.secret)

REQUIRED: dict[GrantType, tuple[str, ...]] = {grant: ("instance", *names) for grant, names in NEEDED.items()}

# Names in other tools; too different to be found as misspellings.
_OTHER_NAMES = dict.fromkeys(("HOST", "URL", "BASEURL", "SERVER", "DOMAIN", "ENDPOINT"), "instance")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint such as `" Did you mean 'acme'?"`, or "".

    It names the known word closest to `word`, if any is close.
    """
    near = closest_match(word, known)
    return f" Did you mean {near!r}?" if near else ""


def looks_ours(variable: str) -> bool:
    """Whether a variable is unknown but named like ours (`CXONE_CLIENTID`, `cxone_instance`)."""
    return (
        variable not in BY_VARIABLE and re.fullmatch(r"cxone[a-z0-9_]+", variable, re.IGNORECASE | re.ASCII) is not None
    )


def setting_meant(variable: str) -> Setting | None:
    """The setting that a variable of `looks_ours` most likely means, or None."""
    bare = _bare(variable)
    if bare in _OTHER_NAMES:
        return BY_NAME[_OTHER_NAMES[bare]]
    settings = {_bare(setting.variable): setting for setting in SETTINGS}
    near = closest_match(bare, settings)
    return settings[near] if near else None


def _bare(variable: str) -> str:
    return variable.upper().replace("_", "").removeprefix("CXONE")
