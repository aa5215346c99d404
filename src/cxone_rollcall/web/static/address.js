// Addresses of rollcall, the same from each of its pages.

/** The address of a path below the board, such as "api/v1/board". */
export function address(path) {
  return new URL(`../${path}`, import.meta.url).href;
}

/** The address of one person's day. */
export function addressOfAgent(id, date = "") {
  return address(`agents/${encodeURIComponent(id)}${date && `?date=${date}`}`);
}

/** The address of a team's day; of everybody's without a team. */
export function addressOfTeam(team, date = "") {
  const query = new URLSearchParams({ ...(team === null ? {} : { team }), ...(date && { date }) });
  return address(`day${query.size ? `?${query}` : ""}`);
}

/** The agent whose day an address shows; null for another page. */
export function agentOf(url) {
  const [path] = url.split(/[?#]/);
  const above = address("agents/");
  return path.startsWith(above) ? decodeURIComponent(path.slice(above.length)) : null;
}
