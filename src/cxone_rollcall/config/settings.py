"""The settings of a run, and where a secret may be sent."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from cxone_rollcall.config.definitions import (
    BY_NAME,
    CONTRACTS,
    REQUIRED,
    SETTINGS,
    Contract,
    Setting,
    did_you_mean,
    setting_meant,
)
from cxone_rollcall.config.read_file import as_path
from cxone_rollcall.config.sources import pick
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.credentials import GRANT_TYPES, GrantType
from cxone_rollcall.model.groups import Group
from cxone_rollcall.model.instance import Instance
from cxone_rollcall.model.login import LoginKey
from cxone_rollcall.model.pasted_text import is_quoted, shown
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.struct import Value

if TYPE_CHECKING:
    from cxone_rollcall.config.sources import Source, Sourced

_Name = TypeVar("_Name", bound=str)

DEFAULT_REQUEST_TIMEOUT = 20.0


class Settings(Value, frozen=True, kw_only=True):
    """The settings of a run. `request_timeout` is in seconds; `instance` is None if only `tenant_id` is known.

    `sources` maps each setting with a value to its source ("default" for a default). `hints` are sentences, without
    values, to print if the login is refused: suspicious secrets, and variables named almost like a setting. `groups`
    are groups of states by a state's name.
    """

    instance: Instance | None
    contract: Contract
    grant_type: GrantType
    client_id: str | None
    client_secret: Secret | None
    access_key_id: str | None
    access_key_secret: Secret | None
    tenant_id: str | None
    api_version: str | None
    profile: str | None
    ca_bundle: Path | None
    request_timeout: float
    sources: Mapping[str, str]
    hints: tuple[str, ...]
    groups: Mapping[str, Group] = {}
    of_profile: bool = False
    """Whether the profile says which tenant this is. Its name is no name of another one."""

    @property
    def base_url(self) -> str:
        """The address of the instance, "" if only the tenant id is known."""
        return self.instance.url if self.instance else ""

    @property
    def login_key(self) -> LoginKey:
        """The key of the user's login. A grant that needs one has a client id."""
        return LoginKey.of(self.base_url, self.tenant_id, str(self.client_id))


def resolve(
    sources: Sequence[Source],
    *,
    profiles: Sequence[str] = (),
    is_logged_in: Callable[[LoginKey], bool] = lambda _: False,
) -> Settings:
    """The settings from `sources`, the strongest first.

    A client without a secret uses the stored login of a user if it `is_logged_in` and no grant is set.

    SettingError names what is malformed and everything that is missing (`profiles` are the names to choose from). It is
    raised too if a secret was not set in the same place as its instance, or `ca_bundle` neither in the session nor in
    the place of the secret. A secret that the grant does not use is left out. Reads no files.
    """
    found = {setting.name: value for setting in SETTINGS if (value := pick(setting, sources)) is not None}
    contract = _one_of(found.get("contract"), CONTRACTS, "auto")
    grant = _one_of(found.get("grant_type"), GRANT_TYPES, _usual_grant(contract, found))
    timeout = _seconds(found.get("request_timeout"))
    ca_bundle = found.get("ca_bundle")
    if grant != "password":
        found.pop("access_key_secret", None)
    instance = _instance(found["instance"]) if "instance" in found else None
    missing = [name for name in REQUIRED[grant] if name not in found]
    if "tenant_id" in found and contract != "v2" and "instance" in missing:
        missing.remove("instance")  # NICE's issuer knows the address of each tenant of the incontact API
    logged_in = False
    if missing == ["client_secret"] and "grant_type" not in found:
        tenant_id = found["tenant_id"].text if "tenant_id" in found else None
        logged_in = is_logged_in(LoginKey.of(instance.url if instance else None, tenant_id, found["client_id"].text))
    if logged_in:
        grant, missing = "authorization_code", []
    if missing:
        raise _missing(missing, grant, sources, profiles)

    def text(name: str) -> str | None:
        return found[name].text if name in found else None

    def secret(name: str) -> Secret | None:
        if name not in found:
            return None
        if instance is not None:  # else it goes to NICE's issuer, whose address is fixed
            _check_secret_may_go(found[name], instance, found["instance"], sources)
        return Secret(found[name].text)

    if ca_bundle is not None:
        _check_bundle_may_vouch(ca_bundle, grant, found, sources)
    return Settings(
        instance=instance,
        contract=contract,
        grant_type=grant,
        client_id=text("client_id"),
        client_secret=secret("client_secret"),
        access_key_id=text("access_key_id"),
        access_key_secret=secret("access_key_secret"),
        tenant_id=text("tenant_id"),
        api_version=_version(found.get("api_version")),
        profile=text("profile"),
        ca_bundle=_bundle_path(ca_bundle) if ca_bundle else None,
        request_timeout=timeout,
        sources=MappingProxyType(
            dict.fromkeys(("contract", "grant_type", "request_timeout"), "default")
            | ({"grant_type": "a user has logged in"} if logged_in else {})
            | {name: value.source.label for name, value in found.items()}
        ),
        of_profile=_is_of_profile(found["instance" if "instance" in found else "tenant_id"], sources),
        hints=(*_suspicious_secrets(found), *_near_misses(sources, [s.name for s in SETTINGS if s.name not in found])),
    )


def _is_of_profile(tenant: Sourced, sources: Iterable[Source]) -> bool:
    """Whether the chosen profile names the same tenant."""
    theirs = pick(tenant.setting, [source for source in sources if source.group == "profile"])
    return theirs is not None and theirs.text == tenant.text


def _instance(value: Sourced) -> Instance:
    return Instance.parse(value.text, named=value.named)


def _usual_grant(contract: Contract, found: Mapping[str, Sourced]) -> GrantType:
    """The grant that fits the credentials. An access key needs the grant password."""
    key = "access_key_id" in found and ("access_key_secret" in found or "client_secret" not in found)
    return "password" if key and contract != "v2" else "client_credentials"


def _version(value: Sourced | None) -> str | None:
    if value is None:
        return None
    found = re.fullmatch(r"v?(\d{1,3})(?:\.0)?", value.text, re.ASCII | re.IGNORECASE)
    if found is None:
        raise value.refusal("must be a version of the incontact API, such as 34")
    return str(int(found[1]))


def _check_secret_may_go(
    secret: Sourced, instance: Instance, instance_from: Sourced, sources: Iterable[Source]
) -> None:
    """Raise SettingError if a secret was set beside another instance.

    It was set beside this one if its own source, or profile, names the same instance.
    """
    group = secret.source.group
    if group == instance_from.source.group:
        return
    beside = pick(BY_NAME["instance"], [source for source in sources if source.group == group])
    if beside is not None:
        # If this instance is malformed, its own error is more helpful.
        own = _instance(beside)
        if own == instance:
            return
        where = f"it was set beside {own.url}"
    else:
        where = "it was set beside no instance"
    raise SettingError(
        f"{secret.named} is not sent to {instance.url} ({instance_from.source.label}):"
        f" {where}. A secret goes only to the instance that was set beside it, so that nobody who can change the"
        " instance gets the secret. If this instance is the right one, set both in one place.",
        example=f"{BY_NAME['instance'].variable}={instance.url}\n{secret.setting.line}",
    )


def _bundle_path(bundle: Sourced) -> Path:
    return bundle.source.folder / as_path(bundle.text)


def _check_bundle_may_vouch(
    bundle: Sourced, grant: GrantType, found: Mapping[str, Sourced], sources: Sequence[Source]
) -> None:
    """Raise SettingError if the certificate file is not trusted with a secret.

    It is if the session names it, or the place of each secret does. Trusted certificates decide who can read what is
    sent. The session belongs to the user, but a `.env` may come from a stranger, and may choose the profile. A user
    login is stored outside the settings: for it, only a `.env` is untrusted.
    """
    if bundle.source.group == "session":
        return
    setting = bundle.setting
    refusal = f"{bundle.named} is not trusted with"
    for secret in [value for value in found.values() if value.setting.secret]:
        beside = pick(setting, [source for source in sources if source.group == secret.source.group])
        if beside is None or _bundle_path(beside) != _bundle_path(bundle):
            raise SettingError(
                f"{refusal} {secret.named}: it was not set beside it. The"
                " certificates decide who can read what is sent. If this file is the right one, set it in the"
                " environment, or beside the secret.",
                example=f"export {setting.line}",
            )
    if grant == "authorization_code" and bundle.source.group == "dotenv":
        raise SettingError(
            f"{refusal} a user's login, because a .env may come from a stranger. The certificates decide who can read"
            " what is sent. If this file is the right one, set it in the environment or in a profile.",
            example=f"export {setting.line}",
        )


def _missing(
    missing: Sequence[str], grant: GrantType, sources: Sequence[Source], profiles: Sequence[str]
) -> SettingError:
    """One error that names everything that is missing, and possible reasons."""
    if not any(source.values for source in sources):
        return _nothing_set(sources, missing, profiles)
    settings = [BY_NAME[name] for name in missing]
    named = []
    for setting in settings:
        blank = [source.label for source in sources if setting.name in source.values]
        named.append(setting.variable + (f" (it is set but blank in {', '.join(blank)})" if blank else ""))
    sentences = [f"Missing for the grant {grant}: {', '.join(named)}.", *_near_misses(sources, missing)]
    if not any(source.group == "profile" for source in sources):
        sentences += _choosable(profiles)
    if grant == "client_credentials" and "client_secret" in missing and "grant_type" not in missing:
        sentences.append("A user who logs in needs no secret: rollcall auth login.")
    sentences.append("A file named .env in this folder may have:")
    return SettingError(" ".join(sentences), example="\n".join(setting.line for setting in settings))


def _nothing_set(sources: Sequence[Source], missing: Sequence[str], profiles: Sequence[str]) -> SettingError:
    """The error for a newcomer. It shows the settings that most people have: an access key."""
    sentences = (
        "No settings were found. Most people have the access key of a user: put it into a file named .env in this"
        " folder, as below. A client or a login with the browser works too: see docs/settings.md.",
        *_near_misses(sources, missing),
        *_choosable(profiles),
        "To try rollcall without an account: rollcall check --demo",
    )
    lines = [BY_NAME[name].line for name in ("instance", "access_key_id", "access_key_secret")]
    return SettingError(" ".join(sentences), example="\n".join(lines))


def _choosable(profiles: Sequence[str]) -> list[str]:
    names = ", ".join(map(shown, profiles))
    return [f"Profiles to choose from with --profile: {names}."] if len(profiles) > 1 else []


def _near_misses(sources: Iterable[Source], unset: Sequence[str]) -> list[str]:
    """A sentence for each unknown variable that resembles an unset setting."""
    return [
        _near_miss(stray, meant, source)
        for source in sources
        for stray in source.strays
        if (meant := setting_meant(stray)) is not None and meant.name in unset
    ]


def _near_miss(stray: str, meant: Setting, source: Source) -> str:
    of_file = meant.secret and stray.upper().endswith("_FILE")
    if of_file and source.group == "dotenv":
        return f"{stray} is set ({source.label}), but only the environment may name a file with a secret."
    return f"{stray} is set ({source.label}); did you mean {meant.file_variable if of_file else meant.variable}?"


def _one_of(value: Sourced | None, known: tuple[_Name, ...], default: _Name) -> _Name:
    if value is None:
        return default
    word = value.text.lower().replace("-", "_")
    for candidate in known:
        if candidate == word:
            return candidate
    raise value.refusal(f"must be one of {', '.join(known)}." + did_you_mean(word, known))


def _seconds(value: Sourced | None) -> float:
    if value is None:
        return DEFAULT_REQUEST_TIMEOUT
    try:
        seconds = float(value.text)
    except ValueError:
        seconds = math.nan
    if math.isfinite(seconds) and seconds > 0:
        return seconds
    raise value.refusal("must be a number of seconds above 0")


def _suspicious_secrets(found: Mapping[str, Sourced]) -> list[str]:
    """What looks wrong about the secrets. They are sent unchanged nevertheless."""
    hints = []
    for value in found.values():
        if not value.setting.secret:
            continue
        text, name = value.text, value.named
        if is_quoted(text.strip()):
            hints.append(f"{name} begins and ends with a quote, which is sent too; docker --env-file keeps quotes.")
        if text.endswith(("\n", "\r")):
            hints.append(f"{name} ends with a line break, which is sent too.")
        if text.strip("\r\n") != text.strip("\r\n").strip():
            hints.append(f"{name} begins or ends with a blank, which is sent too.")
        if text == value.setting.example:
            hints.append(f"{name} is still the text of the example.")
    return hints
