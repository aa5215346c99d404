"""Loads the state of each agent into DuckDB, with dlt."""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"  # before the import: dlt reports its use to its makers otherwise

import dlt

from cxone_rollcall import connect_from_settings, stream_states

TEXTS: Any = {name: {"data_type": "text"} for name in ("name", "team", "state")}  # columns even if all are null


@dlt.resource(name="agent_states", primary_key="agent_id", write_disposition="merge", columns=TEXTS)
async def agent_states() -> AsyncIterator[dict[str, Any]]:
    """Yield each agent of the tenant of the settings. A roster that is not complete raises at its end."""
    as_of = datetime.now(UTC)
    async with connect_from_settings() as client:
        async for entry in stream_states(client):
            yield {
                "agent_id": entry.agent.agent_id,
                "name": entry.agent.name,
                "team": entry.agent.team,
                "standing": entry.standing.value,
                "state": entry.state.state if entry.state else None,
                "as_of": as_of,
            }


pipeline = dlt.pipeline("rollcall", destination=dlt.destinations.duckdb("states.duckdb"), dataset_name="cxone")
print(pipeline.run(agent_states()))
with pipeline.sql_client() as sql:
    print(sql.execute_sql("SELECT standing, count(*) FROM agent_states GROUP BY 1 ORDER BY 1"))
