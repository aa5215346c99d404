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
  unsent = [];
  history = null;
  recent = [];
  recentSeconds = 900;
  tenant = { title: "", contract: null };
  interval = 10;
  poll = null;

  /** Apply an event. True if the board is now exactly that of a poll. */
  apply(type, event) {
    if (type === "board") this.#begin(event);
    else if (type === "change") this.#change(event);
    else if (type === "finding") event.begins ? this.findings.set(event.code, event) : this.findings.delete(event.code);
    else if (type === "alerts") this.alerts = event.alerts;
    else if (type === "history") this.history = event.history;
    else if (type === "poll") this.#poll(event);
    return type === "poll";
  }

  get asOf() {
    return seconds(this.poll?.as_of);
  }

  #begin(event) {
    this.agents = new Map(event.agents.map((agent) => [agent.agent_id, prepared(agent)]));
    this.findings = new Map(event.findings.map((finding) => [finding.code, finding]));
    this.alerts = event.alerts ?? [];
    this.unsent = event.unsent ?? [];
    this.history = event.history;
    this.recent = event.recent.changes;
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
    if (JSON.stringify(was) === JSON.stringify(is) || isUnknown(was) || isUnknown(is)) return;
    const who = event.after ?? before ?? {};
    this.recent.unshift({ at: null, poll: event.poll, name: who.name, team: who.team, before: was, after: is });
    this.recent.length = Math.min(this.recent.length, MOST_RECENT);
  }

  #poll(event) {
    this.poll = event;
    this.interval = event.interval;
    for (const change of this.recent) if (change.poll === event.poll) change.at ??= event.received_at;
    const oldest = seconds(event.received_at) - this.recentSeconds;
    this.recent = this.recent.filter((change) => change.at === null || seconds(change.at) >= oldest);
  }

  /** Whether there are more recent changes than are kept. */
  get hasMoreRecent() {
    return this.recent.length >= MOST_RECENT;
  }

  /**
   * What may be shown if this page itself has missed so many polls. `counts` are by place; `lastCounts` have unknown
   * agents where they were last known.
   */
  look(pageMissed = 0) {
    const stale = pageMissed >= STALE;
    const rows = [];
    const counts = {};
    const lastCounts = {};
    const teams = new Map();
    for (const agent of this.agents.values()) {
      const place = pageMissed >= UNKNOWN ? "unknown" : agent.place;
      const last = agent.last_known ?? (stale ? agent : null);
      const lastPlace = place === "unknown" && last ? placeOf(last) : place;
      const row = { agent, place, last, lastPlace, old: last !== null, at: last && (seconds(last.as_of) ?? this.asOf) };
      rows.push(row);
      add(counts, place);
      add(lastCounts, lastPlace);
      const name = agent.team || "No team";
      if (!teams.has(name)) teams.set(name, { name, team: agent.team ?? "", counts: {}, lastCounts: {}, total: 0, blind: 0 });
      const team = teams.get(name);
      add(team.counts, place);
      add(team.lastCounts, lastPlace);
      team.total += 1;
      team.blind += place === "unknown" || row.old ? 1 : 0;
    }
    const blind = rows.filter((row) => row.old || row.place === "unknown").length;
    const isBlind = blind > 0 && blind === rows.length;
    return { rows, counts, lastCounts, blind, isBlind, teams: [...teams.values()].sort((a, b) => a.name.localeCompare(b.name)) };
  }
}

function prepared(agent) {
  agent.place = placeOf(agent);
  agent.begin = seconds(agent.since);
  return agent;
}

function add(counts, place) {
  counts[place] = (counts[place] ?? 0) + 1;
}

function isUnknown(state) {
  return state?.standing === "unknown";
}

function brief(agent) {
  if (!agent) return null;
  const { standing, state, sub_state, group } = agent;
  return { standing, state, sub_state, group };
}
