// The board: what the events said, and what may be shown of it now.
import { placeOf } from "./groups.js";
import { seconds } from "./format.js";

/** Missed polls from which a state is only the last known one, and from which nobody's state is known. */
const STALE = 2;
const UNKNOWN = 3;
const MOST_RECENT = 200;

export class Board {
  agents = new Map();
  findings = new Map();
  alerts = [];
  recent = [];
  recentCount = 0;
  tenant = { title: "", contract: null };
  interval = 10;
  poll = null;

  /** Apply an event. True if the board is now exactly that of a poll. */
  apply(type, event) {
    if (type === "board") this.#begin(event);
    else if (type === "change") this.#change(event);
    else if (type === "finding") event.begins ? this.findings.set(event.code, event) : this.findings.delete(event.code);
    else if (type === "alerts") this.alerts = event.alerts;
    else if (type === "poll") {
      this.poll = event;
      this.interval = event.interval;
    }
    return type === "poll" || type === "alerts";
  }

  get asOf() {
    return seconds(this.poll?.as_of);
  }

  #begin(event) {
    this.agents = new Map(event.agents.map((agent) => [agent.agent_id, prepared(agent)]));
    this.findings = new Map(event.findings.map((finding) => [finding.code, finding]));
    this.alerts = event.alerts ?? [];
    this.recent = event.recent.changes;
    this.recentCount = event.recent.count;
    this.recentSeconds = event.recent.seconds;
    this.tenant = event.tenant;
    this.interval = event.interval;
    this.poll = event.last_poll;
  }

  #change(event) {
    const before = this.agents.get(event.agent_id);
    if (event.after) this.agents.set(event.agent_id, prepared(event.after));
    else this.agents.delete(event.agent_id);
    const [was, is] = [brief(before), brief(event.after)];
    if (JSON.stringify(was) === JSON.stringify(is)) return;
    const who = event.after ?? before ?? {};
    this.recent.unshift({ at: null, poll: event.poll, name: who.name, team: who.team, before: was, after: is });
    this.recent.length = Math.min(this.recent.length, MOST_RECENT);
    this.recentCount += 1;
  }

  /** What may be shown if this page itself has missed so many polls. */
  look(pageMissed = 0) {
    const stale = pageMissed >= STALE;
    const rows = [];
    const counts = {};
    const teams = new Map();
    for (const agent of this.agents.values()) {
      const place = pageMissed >= UNKNOWN ? "unknown" : agent.place;
      const row = { agent, place, old: stale || agent.last_known != null, last: agent.last_known ?? (stale ? agent : null) };
      rows.push(row);
      counts[place] = (counts[place] ?? 0) + 1;
      const name = agent.team || "No team";
      if (!teams.has(name)) teams.set(name, { name, counts: {}, total: 0, blind: 0 });
      const team = teams.get(name);
      team.counts[place] = (team.counts[place] ?? 0) + 1;
      team.total += 1;
      team.blind += place === "unknown" || row.old ? 1 : 0;
    }
    const blind = rows.filter((row) => row.old || row.place === "unknown").length;
    return { rows, counts, blind, teams: [...teams.values()].sort((a, b) => a.name.localeCompare(b.name)) };
  }
}

function prepared(agent) {
  agent.place = placeOf(agent);
  agent.begin = seconds(agent.since);
  return agent;
}

function brief(agent) {
  if (!agent) return null;
  const { standing, state, sub_state, group } = agent;
  return { standing, state, sub_state, group };
}
