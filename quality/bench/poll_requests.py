"""A poller written by hand, with a `requests` session, driven by `polls`.

It asks once for a page of all states, which says when the server looked last, and says that it is ready. Then it asks
for those who changed since, once for each line that it reads, and says how many those were and the seconds it took.
"""

import json
import os
import sys
import time

import requests

from quality.bench.script import API, PAGE_SIZE, TIMEOUT, get_token, headers_with


class Poller:
    """Asks who changed since the last time."""

    def __init__(self, session: requests.Session, states_url: str) -> None:
        self._session = session
        self._states_url = states_url
        self._polled: str | None = None

    def poll(self) -> int:
        """Ask, and return how many rows came on all pages."""
        params: dict[str, str | int] = {"top": PAGE_SIZE, "skip": 0}
        if self._polled is not None:
            params["updatedSince"] = self._polled
        response = self._session.get(self._states_url, params=params, timeout=TIMEOUT)
        response.raise_for_status()
        body = response.json()
        rows, further = len(body["agentStates"]), body["_links"]["next"] if self._polled is not None else None
        self._polled = body["lastPollTime"]
        while further:
            response = self._session.get(further, timeout=TIMEOUT)
            response.raise_for_status()
            body = response.json()
            rows, further = rows + len(body["agentStates"]), body["_links"]["next"]
        return rows


def main() -> None:
    """Poll for each line of standard input."""
    base_url = os.environ["CXONE_INSTANCE"]
    with requests.Session() as session:
        session.headers.update(headers_with(get_token(base_url)))
        poller = Poller(session, f"{base_url}{API}/agents/states")
        poller.poll()  # everybody: the moment to begin at
        poller.poll()  # as each one from now on
        print("{}", flush=True)
        for _ in sys.stdin:
            started = time.perf_counter()
            rows = poller.poll()
            print(json.dumps({"seconds": time.perf_counter() - started, "rows": rows}), flush=True)


if __name__ == "__main__":
    main()
