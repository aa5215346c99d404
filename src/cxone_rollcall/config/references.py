"""Secrets by reference: where a worker finds them. The engine of a fleet holds only the references."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cxone_rollcall.config.file_permissions import check_private
from cxone_rollcall.config.profiles import ProfileFile
from cxone_rollcall.config.read_file import as_path, read_file
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.pasted_text import shown

SERVICE = "rollcall-fleet"
"""The service under which the keyring keeps them."""


def secret_of(reference: str, key: str, environ: Mapping[str, str], profiles: ProfileFile) -> str:
    """The secret that a reference such as `env:ACME_SECRET` names.

    `key` is the setting that it is for. SettingError, which quotes the reference alone, if it is not there, or if
    other users can read its file.
    """
    scheme, _, rest = reference.partition(":")
    if scheme == "env":
        return _found(environ.get(rest), reference, f"export {rest}=...")
    if scheme == "file":
        return _in_file(as_path(rest), reference)
    if scheme == "keyring":
        return _found(_in_keyring(rest, reference), reference, f"keyring set {SERVICE} {rest}")
    if scheme == "profile":
        value = profiles.profiles.get(rest, {}).get(key)
        return _found(value if isinstance(value, str) else None, reference, f"[profiles.{rest}]\n{key} = ...")
    raise SettingError(f"{key} is no reference to a secret", example=f'{key} = "env:ACME_SECRET"')


def _found(value: str | None, reference: str, example: str) -> str:
    if not value:
        raise SettingError(f"there is no secret at {shown(reference)} on this machine", example=example)
    return value


def _in_file(path: Path, reference: str) -> str:
    try:
        data, status = read_file(path, named=shown(reference))
        check_private(path, status, "a secret")
        return _found(data.decode().strip("\r\n"), reference, f"chmod 600 {path}")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not text"
        raise SettingError(f"{shown(reference)} cannot be read: {why}", example=f"chmod 600 {path}") from None


def _in_keyring(name: str, reference: str) -> str | None:
    try:
        import keyring
    except ImportError:
        raise SettingError(
            f"{shown(reference)} needs the keyring library, which is not installed", example="pip install keyring"
        ) from None
    try:
        return keyring.get_password(SERVICE, name)
    except Exception as error:  # noqa: BLE001  each keyring has errors of its own
        raise SettingError(f"{shown(reference)}: the keyring cannot be used ({type(error).__name__})") from None
