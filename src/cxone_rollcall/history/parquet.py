"""Writes exported rows as a Parquet file, with DuckDB."""

from __future__ import annotations

from pathlib import Path

from cxone_rollcall.errors import SettingError
from cxone_rollcall.history.export import COLUMNS
from cxone_rollcall.model.shell import pip_install

_TYPES = {"begin": "TIMESTAMP_MS", "end": "TIMESTAMP_MS", "seconds": "DECIMAL(12, 3)", "begin_slack": "DECIMAL(12, 3)"}
"""Types of columns. All others are texts."""


def need_duckdb() -> None:
    """Raise `SettingError` if DuckDB is not installed."""
    try:
        import duckdb  # noqa: F401  an extra, and 60 MB to load
    except ImportError:
        raise SettingError(
            "Parquet needs DuckDB, which is an extra: install it, or export --format csv",
            example=pip_install("duckdb"),
        ) from None


def write_parquet(source: Path, target: Path) -> None:
    """Write the rows of a CSV file as Parquet. Raises `OSError` if the disk is full."""
    import duckdb

    columns = ", ".join(f"'{name}': '{_TYPES.get(name, 'VARCHAR')}'" for name in COLUMNS)
    read = f"read_csv(?, header = true, auto_detect = false, quote = '\"', escape = '\"', columns = {{{columns}}})"
    copy = f"COPY (SELECT * FROM {read}) TO '{_literal(target)}' (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)"  # noqa: S608
    with duckdb.connect(config={"threads": 1}) as db:
        try:
            db.execute(copy, [str(source)])
        except duckdb.IOException as error:
            raise OSError(str(error)) from error


def _literal(path: Path) -> str:
    return str(path).replace("'", "''")
