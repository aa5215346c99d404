"""A poller as a script would write it, with a `requests` session. `polls` drives it.

It requests all states once, which gives the time of the server's last poll, and prints that it is ready. For each line
that it reads, it requests the changes since then, and prints their number and the seconds.
"""

import json
import os
import sys
import time

import requests

from quality.bench.script import API, PAGE_SIZE, TIMEOUT, get_token, headers_with


class Poller:
    """Requests the changes since the last poll."""

    def __init__(self, session: requests.Session, states_url: str) -> None:
        self._session = session
        self._states_url = states_url
        self._polled: str | None = None

    def poll(self) -> int:
        """Return the number of rows on all pages."""
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
        poller.poll()  # all states: gives the start time
        poller.poll()  # like each poll from now on
        print("{}", flush=True)
        for _ in sys.stdin:
            started = time.perf_counter()
            rows = poller.poll()
            print(json.dumps({"seconds": time.perf_counter() - started, "rows": rows}), flush=True)


if __name__ == "__main__":
    main()
