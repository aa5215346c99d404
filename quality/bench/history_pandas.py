"""Time in state by pandas, as an analyst would write it.

    python -m quality.bench.history_pandas POLLS.csv SECONDS

Each poll counts as `SECONDS` of the state that it showed; holes are not seen.
"""

import sys

import pandas as pd  # type: ignore[import-untyped]


def main(path: str, seconds: int) -> None:
    """Print the seconds of each agent in each state."""
    polls = pd.read_csv(path, dtype={"agent_id": str, "state": "category"})
    made = polls.groupby(["agent_id", "state"], observed=True).size() * seconds
    print(made.reset_index(name="seconds").to_csv(index=False))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
