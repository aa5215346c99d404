"""Secrets by reference: where a worker finds them. The engine of a fleet holds only the references."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cxone_rollcall.config.definitions import BY_NAME
from cxone_rollcall.config.file_permissions import check_private
from cxone_rollcall.config.profiles import ProfileFile
from cxone_rollcall.config.read_file import as_path, read_file
from cxone_rollcall.config.secret_files import one_line
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.pasted_text import shown
from cxone_rollcall.model.shell import pip_install, quoted

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
        return _in_file(as_path(rest), reference, BY_NAME[key].variable)
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


def _in_file(path: Path, reference: str, variable: str) -> str:
    written = f"printf %s 'the secret' > {quoted(str(path))}"
    try:
        data, status = read_file(path, named=shown(reference))
    except OSError as error:
        raise SettingError(f"{shown(reference)} cannot be read: {error.strerror}", example=written) from None
    check_private(path, status, "a secret")
    return one_line(data, shown(reference), variable, expected=written)


def _in_keyring(name: str, reference: str) -> str | None:
    try:
        import keyring
    except ImportError:
        raise SettingError(
            f"{shown(reference)} needs the keyring library, which is not installed", example=pip_install("keyring")
        ) from None
    try:
        return keyring.get_password(SERVICE, name)
    except Exception as error:  # noqa: BLE001  each keyring has errors of its own
        raise SettingError(f"{shown(reference)}: the keyring cannot be used ({type(error).__name__})") from None
