"""Reads the profiles of `config.toml` and chooses one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from cxone_rollcall.config.definitions import BY_NAME, did_you_mean
from cxone_rollcall.config.file_permissions import check_private
from cxone_rollcall.config.read_file import read_file
from cxone_rollcall.config.sources import Source, Sourced
from cxone_rollcall.config.toml_file import TomlFile, toml_text
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.closest_match import closest_match
from cxone_rollcall.model.groups import GROUPS, Group
from cxone_rollcall.model.pasted_text import cleaned, is_blank, shown
from cxone_rollcall.model.struct import HiddenRepr, field

_PROFILE_KEYS = tuple(name for name in BY_NAME if name != "profile")
_TOP_KEYS = ("default_profile", "profiles", "groups")
_GROUPS_EXAMPLE = '[groups]\n"Break - Training" = "after-contact"'
_EXAMPLE = '[profiles.acme]\ninstance = "api-us-01.nice-incontact.com"\nclient_id = "your-client-id"'


class ProfileFile(HiddenRepr, frozen=True):
    """The content of `config.toml`. `groups` are the groups of states, by a state's name."""

    hidden = ("profiles",)

    path: Path
    profiles: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    default: str | None = None
    groups: Mapping[str, Group] = field(default_factory=dict)


def read_profiles(path: Path, *, named_by: str = "") -> ProfileFile:
    """Read `config.toml`; a missing file has no profiles.

    SettingError if it is malformed, if it is missing although the variable `named_by` names it, or if it holds a secret
    that other users of this machine can read.
    """
    try:
        data, status = read_file(path)
    except (FileNotFoundError, NotADirectoryError):
        if named_by:
            raise SettingError(f"{named_by} (environment) names {path}, which does not exist") from None
        return ProfileFile(path)
    except OSError as error:
        raise SettingError(f"{path} cannot be read: {error.strerror}") from None
    profiles = _parse(path, data)
    if any(map(_holds_secret, profiles.profiles.values())):
        check_private(path, status, "a secret")
    return profiles


def chosen_profile(file: ProfileFile, choice: Sourced | None) -> Source | None:
    """The settings of the chosen profile, or None.

    That is the profile that `choice` names, else the default, else the only one. Unknown profiles and unknown keys
    raise SettingError. The source sets `profile` too.
    """
    if choice is not None:
        return _named(file, choice.text, choice.named, choice.written)
    if file.default is not None:
        return _named(file, file.default, f"default_profile in {file.path}", 'default_profile = "{}"'.format)
    if len(file.profiles) == 1:
        return _source(file, next(iter(file.profiles)))
    return None


def _named(file: ProfileFile, name: str, chosen_by: str, written: Callable[[str], str]) -> Source:
    if name not in file.profiles:
        unknown = f"{chosen_by} names the profile {shown(name)}, which is not in {file.path}"
        if not file.profiles:
            raise SettingError(f"{unknown}; it has no profiles.", example=_EXAMPLE)
        known = f"known profiles: {', '.join(map(shown, file.profiles))}.{did_you_mean(name, file.profiles)}"
        example = written(closest_match(name, file.profiles) or next(iter(file.profiles)))
        raise SettingError(f"{unknown}; {known}", example=example)
    return _source(file, name)


def _source(file: ProfileFile, name: str) -> Source:
    label = f"profile {shown(name)} in {file.path}"
    values = {"profile": name}
    for key, value in file.profiles[name].items():
        if key not in _PROFILE_KEYS:
            raise SettingError(f"{label} has the unknown key {shown(key)}.{did_you_mean(key, _PROFILE_KEYS)}")
        values[key] = _text(label, key, value)
    return Source(label=label, group="profile", values=values, folder=file.path.parent)


def _text(label: str, key: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if key == "request_timeout" and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise SettingError(f"{key} of {label} must be text in quotes", example=f'{key} = "{BY_NAME[key].example}"')


def _parse(path: Path, data: bytes) -> ProfileFile:
    document = TomlFile(toml_text(data, str(path)), str(path)).values
    for key in document:
        if key not in _TOP_KEYS:
            raise SettingError(
                f"{path} has the unknown top-level key {shown(key)}: settings belong in a profile."
                + did_you_mean(key, _TOP_KEYS),
                example=_EXAMPLE,
            )
    profiles = document.get("profiles", {})
    if not isinstance(profiles, dict) or not all(isinstance(table, dict) for table in profiles.values()):
        raise SettingError(f"profiles in {path} must be tables", example=_EXAMPLE)
    default = document.get("default_profile")
    if default is not None and not isinstance(default, str):
        raise SettingError(f"default_profile in {path} must be text in quotes", example='default_profile = "acme"')
    groups = _groups(path, document.get("groups", {}))
    return ProfileFile(path, profiles, None if default is None or is_blank(default) else cleaned(default), groups)


def _groups(path: Path, table: object) -> Mapping[str, Group]:
    """The groups of states that the file changes."""
    if not isinstance(table, dict):
        raise SettingError(f"groups in {path} must be a table", example=_GROUPS_EXAMPLE)
    for name, group in table.items():
        if group not in GROUPS:
            near = closest_match(group, GROUPS) if isinstance(group, str) else None
            raise SettingError(
                f"groups in {path} put {shown(name)} into no known group; the groups are {', '.join(GROUPS)}",
                example=f'[groups]\n"{name}" = "{near}"' if near else _GROUPS_EXAMPLE,
            )
    return table


def _holds_secret(table: Mapping[str, object]) -> bool:
    """Whether the table has a secret, even under a misspelt key."""
    return any("secret" in key.lower() and not is_blank(str(value)) for key, value in table.items())
