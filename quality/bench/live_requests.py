"""A board as a script would poll it, with `requests`. `live` drives it.

For each line of stdin it asks for all agents and all their states, page by page, and writes them as one JSON list.
"""

import json
import os
import resource
import sys
import time

import requests

from quality.bench.script import API, PAGE_SIZE, TIMEOUT, get_token, headers_with


def main() -> None:
    """Poll once, then for each line of standard input."""
    base_url = os.environ["CXONE_INSTANCE"]
    with requests.Session() as session:
        session.headers.update(headers_with(get_token(base_url)))
        while True:
            wall, cpu = time.perf_counter(), time.process_time()
            asked, lists = 0, []
            for path, rows_at in (("agents", "agents"), ("agents/states", "agentStates")):
                url, rows = f"{base_url}{API}/{path}?top={PAGE_SIZE}&skip=0", []
                while url:
                    response = session.get(url, timeout=TIMEOUT)
                    response.raise_for_status()
                    body = response.json()
                    rows += body[rows_at]
                    url, asked = body["_links"]["next"], asked + 1
                lists.append(rows)
            states = {row["agentId"]: row for row in lists[1]}
            json.dumps([{**agent, "state": states.get(agent["agentId"])} for agent in lists[0]])
            used = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
            kept = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            print(json.dumps({**used, "requests": asked, "peak": kept}), flush=True)
            if not sys.stdin.readline():
                return


if __name__ == "__main__":
    main()
