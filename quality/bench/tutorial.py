"""The script of the tutorials for `v2`, with `requests`. It sends one request at a time.

It gets a token, reads the agents in pages of 100 and their states in batches of 50 ids, and prints a table. As in
tutorials, it has no session, so each request opens a connection; it never waits, and an error ends it. To run it alone,
set CXONE_INSTANCE (a URL), CXONE_CLIENT_ID and CXONE_CLIENT_SECRET.
"""

import os
from typing import Any

import requests

PAGE_SIZE = 100
BATCH_SIZE = 50
TIMEOUT = 30


def get_token(base_url: str, client_id: str, client_secret: str) -> str:
    """Return an access token."""
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
    response = requests.post(f"{base_url}/oauth/token", data=form, timeout=TIMEOUT)
    response.raise_for_status()
    token: str = response.json()["access_token"]
    return token


def list_agents(base_url: str, headers: dict[str, str]) -> list[dict[str, Any]]:
    """Return all agents, page by page."""
    agents: list[dict[str, Any]] = []
    page = 1
    while True:
        params = {"page": page, "pageSize": PAGE_SIZE}
        response = requests.get(f"{base_url}/api/v2/agents", headers=headers, params=params, timeout=TIMEOUT)
        response.raise_for_status()
        body = response.json()
        agents.extend(body["entities"])
        if not body["entities"] or page * PAGE_SIZE >= body["totalCount"]:
            return agents
        page += 1


def ask_states(base_url: str, headers: dict[str, str], ids: list[str]) -> dict[str, dict[str, Any]]:
    """Return the states of these agents by id, batch by batch."""
    states: dict[str, dict[str, Any]] = {}
    for start in range(0, len(ids), BATCH_SIZE):
        params = {"agentIds": ",".join(ids[start : start + BATCH_SIZE])}
        response = requests.get(f"{base_url}/api/v2/agents/states", headers=headers, params=params, timeout=TIMEOUT)
        response.raise_for_status()
        for row in response.json()["entities"]:
            states[str(row["agentId"])] = row
    return states


def main() -> None:
    """Print the table."""
    base_url = os.environ["CXONE_INSTANCE"]
    token = get_token(base_url, os.environ["CXONE_CLIENT_ID"], os.environ["CXONE_CLIENT_SECRET"])
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    agents = list_agents(base_url, headers)
    show(agents, ask_states(base_url, headers, [str(agent["id"]) for agent in agents]))


def show(agents: list[dict[str, Any]], states: dict[str, dict[str, Any]]) -> None:
    """Print each agent with its state, and the number logged in."""
    for agent in agents:
        state = states.get(str(agent["id"]), {})
        name = f"{agent.get('firstName', '')} {agent.get('lastName', '')}"
        print(f"{agent['id']:<14}{name:<32}{state.get('state', '-'):<14}{state.get('subState', '')}")
    print(f"{len(states)} of {len(agents)} agents are logged in")


if __name__ == "__main__":
    main()
