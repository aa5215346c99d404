"""`tutorial` and `script` with a session and 16 threads: `python -m quality.bench.threads CONTRACT`.

It sends the same requests, 16 at a time over kept connections: first the agents (the first page alone, because it has
the total), then their states. It needs the same environment, and runs in the checkout.
"""

import os
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from quality.bench import script, tutorial

THREADS = 16

Rows = list[dict[str, Any]]


class Asker:
    """Sends single requests, or many at a time."""

    def __init__(self, session: requests.Session, threads: ThreadPoolExecutor, base_url: str) -> None:
        self._session, self._threads, self._base_url = session, threads, base_url

    def ask(self, target: str) -> dict[str, Any]:
        """Return the JSON of a target."""
        response = self._session.get(self._base_url + target, timeout=tutorial.TIMEOUT)
        response.raise_for_status()
        body: dict[str, Any] = response.json()
        return body

    def ask_all(self, targets: Iterable[str], rows_at: str) -> Rows:
        """Return the rows of these targets, in order."""
        return list(chain.from_iterable(body[rows_at] for body in self._threads.map(self.ask, targets)))


def read_v2(asker: Asker) -> None:
    """Print the table of the tutorial."""
    size = tutorial.PAGE_SIZE
    first = asker.ask(f"/api/v2/agents?page=1&pageSize={size}")
    pages = range(2, -(-first["totalCount"] // size) + 1)
    further = asker.ask_all((f"/api/v2/agents?page={page}&pageSize={size}" for page in pages), "entities")
    agents: Rows = first["entities"] + further
    ids = [str(agent["id"]) for agent in agents]
    batches = (ids[start : start + tutorial.BATCH_SIZE] for start in range(0, len(ids), tutorial.BATCH_SIZE))
    rows = asker.ask_all((f"/api/v2/agents/states?agentIds={','.join(batch)}" for batch in batches), "entities")
    tutorial.show(agents, {str(row["agentId"]): row for row in rows})


def read_incontact(asker: Asker) -> None:
    """Print the table of the script."""
    script.show(_listed(asker, "agents", "agents"), _listed(asker, "agents/states", "agentStates"))


def _listed(asker: Asker, path: str, rows_at: str) -> Rows:
    target = f"{script.API}/{path}?top={script.PAGE_SIZE}&skip="
    first = asker.ask(f"{target}0")
    skips = range(script.PAGE_SIZE, first["totalRecords"], script.PAGE_SIZE)
    rows: Rows = first[rows_at] + asker.ask_all((f"{target}{skip}" for skip in skips), rows_at)
    return rows


def main(contract: str) -> None:
    """Print the table of a contract."""
    base_url = os.environ["CXONE_INSTANCE"]
    with requests.Session() as session, ThreadPoolExecutor(THREADS) as threads:
        session.mount(base_url, HTTPAdapter(pool_maxsize=THREADS))
        if contract == "v2":
            token = tutorial.get_token(base_url, os.environ["CXONE_CLIENT_ID"], os.environ["CXONE_CLIENT_SECRET"])
            read = read_v2
        else:
            token, read = script.get_token(base_url), read_incontact
        session.headers.update(script.headers_with(token))
        read(Asker(session, threads, base_url))


if __name__ == "__main__":
    main(sys.argv[1])
