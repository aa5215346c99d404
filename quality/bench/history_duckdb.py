"""Time in state by DuckDB, from the Parquet files of `rollcall history export`.

python -m quality.bench.history_duckdb FOLDER
"""

import sys
from pathlib import Path

import duckdb


def main(folder: str) -> None:
    """Print the seconds of each agent in each state."""
    files = str(Path(folder) / "*.parquet")
    rows = duckdb.execute(
        'SELECT agent_id, standing, state, sub_state, sum(epoch("end") - epoch("begin")) FROM read_parquet(?)'
        " GROUP BY ALL ORDER BY ALL",
        [files],
    ).fetchall()
    for row in rows:
        print(*row, sep=",")


if __name__ == "__main__":
    main(sys.argv[1])
