"""Reads the files that hold settings, and checks the certificate file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from cxone_rollcall.config.definitions import BY_NAME, SETTINGS
from cxone_rollcall.config.folders import config_folder
from cxone_rollcall.config.profiles import chosen_profile, read_profiles
from cxone_rollcall.config.read_file import as_path, read_file
from cxone_rollcall.config.secret_files import secret_file_sources
from cxone_rollcall.config.settings import Settings, resolve
from cxone_rollcall.config.sources import Source, dotenv_source, environment_source, flag_sources, pick
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.login import LoginKey
from cxone_rollcall.model.pasted_text import cleaned, is_blank
from cxone_rollcall.model.struct import replace

_CONFIG_VARIABLE = "ROLLCALL_CONFIG"


def config_path(environ: Mapping[str, str]) -> Path:
    """The path of `config.toml`: ROLLCALL_CONFIG, else in the user's config folder."""
    named = environ.get(_CONFIG_VARIABLE, "")
    if not is_blank(named):
        return as_path(cleaned(named))
    return config_folder() / "config.toml"


def load(
    flags: Mapping[str, str | None],
    environ: Mapping[str, str],
    cwd: Path,
    config_file: Path,
    *,
    is_logged_in: Callable[[LoginKey], bool] = lambda _: False,
    latest_login: Callable[[], Mapping[str, str]] = dict,
) -> Settings:
    """The settings of a run, from all sources.

    The order is flags, `environ` and the files of secrets that it names, `.env` in `cwd`, the chosen profile of
    `config_file`. `flags` maps setting names (`client_id`) to texts, or to None if not given. `is_logged_in` and
    SettingError as in `resolve`; SettingError too if a file is unusable. If nothing at all is set, `latest_login` gives
    the settings of the login stored last.
    """
    session = [*flag_sources(flags), environment_source(environ, cwd), *secret_file_sources(environ, cwd)]
    sources = [*session, dotenv_source(cwd / ".env")]
    named = not is_blank(environ.get(_CONFIG_VARIABLE, ""))
    file = read_profiles(config_file, named_by=_CONFIG_VARIABLE if named else "")
    profile = chosen_profile(file, pick(BY_NAME["profile"], sources))
    sources += [profile] if profile else []
    if not any(pick(setting, sources) for setting in SETTINGS):
        sources.append(Source(label="the last auth login", group="session", values=latest_login()))
    settings = resolve(sources, profiles=tuple(file.profiles), is_logged_in=is_logged_in)
    if settings.ca_bundle is not None:
        _check_ca_bundle(settings.ca_bundle, settings.sources["ca_bundle"])
    return replace(settings, groups=file.groups)


def _check_ca_bundle(path: Path, source: str) -> None:
    """Raise SettingError unless `path` is a file with certificates in text form."""
    setting = BY_NAME["ca_bundle"]
    try:
        data, _ = read_file(path, named=f"{setting.variable} ({source}) names {path}, which")
    except OSError as error:
        raise SettingError(
            f"{setting.variable} ({source}) names {path}, which cannot be read: {error.strerror}", example=setting.line
        ) from None
    if b"-----BEGIN " not in data:
        raise SettingError(f"{setting.variable} ({source}) names {path}, which holds no PEM certificates")
