"""The usual script for `incontact`, with `requests`. It sends one request at a time.

It gets a token with an access key, follows `_links.next` through the agents and then the states, 100 per page, and
prints a table. As in tutorials, it has no session, so each request opens a connection; it never waits, and an error
ends it. To run it alone, set CXONE_INSTANCE (a URL), CXONE_CLIENT_ID, CXONE_CLIENT_SECRET, CXONE_ACCESS_KEY_ID and
CXONE_ACCESS_KEY_SECRET.
"""

import os
from typing import Any

import requests

API = "/incontactapi/services/v34.0"
PAGE_SIZE = 100
TIMEOUT = 30
LOGGED_OUT = 0


def get_token(base_url: str) -> str:
    """Return an access token."""
    form = {
        "grant_type": "password",
        "username": os.environ["CXONE_ACCESS_KEY_ID"],
        "password": os.environ["CXONE_ACCESS_KEY_SECRET"],
    }
    client = (os.environ["CXONE_CLIENT_ID"], os.environ["CXONE_CLIENT_SECRET"])
    response = requests.post(f"{base_url}/auth/token", data=form, auth=client, timeout=TIMEOUT)
    response.raise_for_status()
    token: str = response.json()["access_token"]
    return token


def headers_with(token: str) -> dict[str, str]:
    """Return the headers of a request."""
    return {"Authorization": f"Bearer {token}", "Accept": "application/json"}


def follow(url: str | None, headers: dict[str, str], rows_at: str) -> list[dict[str, Any]]:
    """Return the rows of this page and all later ones."""
    rows: list[dict[str, Any]] = []
    while url:
        response = requests.get(url, headers=headers, timeout=TIMEOUT)
        response.raise_for_status()
        body = response.json()
        rows.extend(body[rows_at])
        url = body["_links"]["next"]
    return rows


def main() -> None:
    """Print the table."""
    base_url = os.environ["CXONE_INSTANCE"]
    headers = headers_with(get_token(base_url))
    first = f"top={PAGE_SIZE}&skip=0"
    agents = follow(f"{base_url}{API}/agents?{first}", headers, "agents")
    show(agents, follow(f"{base_url}{API}/agents/states?{first}", headers, "agentStates"))


def show(agents: list[dict[str, Any]], rows: list[dict[str, Any]]) -> None:
    """Print each agent with its state, and the number logged in."""
    states = {row["agentId"]: row for row in rows}
    for agent in agents:
        state = states.get(agent["agentId"], {})
        name = f"{agent.get('firstName', '')} {agent.get('lastName', '')}"
        said = f"{state.get('agentStateName', '-'):<16}{state.get('outStateDescription', '')}"
        print(f"{agent['agentId']:<14}{name:<32}{said}")
    logged_in = sum(row["agentStateId"] != LOGGED_OUT for row in states.values())
    print(f"{logged_in} of {len(agents)} agents are logged in")


if __name__ == "__main__":
    main()
