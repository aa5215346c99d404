"""The certificate that a command serves with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cxone_rollcall.errors import SettingError

if TYPE_CHECKING:
    import ssl


def tls_context(certificate: str | None, key: str | None, *, example: str) -> ssl.SSLContext | None:
    """The TLS context, or None without files. Raises `SettingError` if the files are unusable."""
    import ssl

    if not certificate and not key:
        return None
    if not certificate or not key:
        given, missing = ("--tls-cert", "--tls-key") if certificate else ("--tls-key", "--tls-cert")
        raise SettingError(f"{given} needs {missing}", example=example)
    from cxone_rollcall.config.read_file import read_file

    for option, name in (("--tls-cert", certificate), ("--tls-key", key)):
        try:
            read_file(Path(name), named=f"{option} {name}")
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            raise SettingError(f"{option} {name} cannot be read: {why}", example=example) from error
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate, key, password="")  # without a password OpenSSL would ask on the terminal
    except (OSError, ValueError) as error:
        raise SettingError(
            f"--tls-cert {certificate} and --tls-key {key} must be a matching certificate and key, in PEM and without a"
            " password",
            example=example,
        ) from error
    return context
