// The list of agents: filtered, sorted, at most some hundred rows; the rest is counted.
import { addressOfAgent, agentOf } from "./address.js";
import { $, glyph, make, write } from "./dom.js";
import { PLACE, PLACES, stateText } from "./groups.js";
import { duration, moment, number } from "./format.js";

const PAGE = 200;
const FILTERS = ["team", "group", "sort", "search"];
const GIVEN = new URLSearchParams(location.search);
const SORTS = [["since", "longest first"], ["name", "by name"], ["team", "by team"], ["state", "by state"]];
const SIGN = { exact: "", between: "~", at_least: "≥ " };

export class AgentList {
  #stream;
  #limit = PAGE;
  #timers = [];
  #last = null;
  #lookedAt = history.state?.agent ?? agentOf(document.referrer);

  constructor(stream) {
    this.#stream = stream;
    $("sort").append(...SORTS.map(([value, label]) => make("option", { value }, label)));
    $("group").append(make("option", { value: "" }, "All but out"), make("option", { value: "all" }, "Everybody"));
    $("group").append(...PLACES.map(({ id, glyph: sign, label }) => make("option", { value: id }, `${sign} ${label}`)));
    $("team").append(make("option", { value: "" }, "All teams"));
    for (const id of FILTERS) $(id).addEventListener("input", () => this.#changed());
    for (const id of FILTERS.slice(1)) $(id).value = GIVEN.get(id) ?? $(id).value;
    $("more").addEventListener("click", () => this.#again(this.#limit + PAGE));
  }

  /** Show the rows of a look that the filters let through. */
  show(look, board) {
    this.#last = [look, board];
    this.#showTeams(look.teams);
    const over = new Set(board.alerts.filter((alert) => alert.state === "firing").flatMap((alert) => alert.agents));
    const filter = { team: $("team").value, group: $("group").value, text: $("search").value.trim().toLowerCase() };
    const through = look.rows.filter((row) => passes(row, filter));
    through.sort(order($("sort").value, over));
    const shown = through.slice(0, this.#limit);
    this.#timers = [];
    const body = $("agents");
    const focused = document.activeElement?.dataset?.agent ?? this.#lookedAt;
    this.#lookedAt = null;
    shown.forEach((row, index) => this.#fill(body.children[index] ?? body.appendChild(newRow()), row, over, board.history !== null));
    while (body.children.length > shown.length) body.lastElementChild.remove();
    if (focused && document.activeElement?.dataset?.agent !== focused) linkOf(focused)?.focus();
    this.tick();
    this.#count(look, through, shown);
  }

  /** Let the seconds go on, only for states that are known now. */
  tick() {
    const now = this.#stream.now;
    for (const [cell, sign, begin] of this.#timers) write(cell, sign + duration(now - begin));
  }

  /** Keep the filters in the address, so that a way back finds them. */
  #changed() {
    const query = new URLSearchParams(location.search);
    for (const id of FILTERS) $(id).value ? query.set(id, $(id).value) : query.delete(id);
    history.replaceState(history.state, "", query.size ? `?${query}` : location.pathname);
    this.#again(PAGE);
  }

  #again(limit) {
    this.#limit = limit;
    if (this.#last) this.show(...this.#last);
  }

  #fill(element, row, over, hasDay) {
    const { agent, place, old, at, last } = row;
    const [time, name, team, state] = element.children;
    element.className = [old && "old", place === "unknown" && "unknown", over.has(agent.agent_id) && "over"].filter(Boolean).join(" ");
    fillName(name, agent, hasDay);
    write(team, agent.team ?? "");
    const text = place === "unknown" && last ? `was ${stateText(last)}` : stateText(agent);
    state.replaceChildren(glyph(PLACE[place]), " ", text);
    state.title = `${PLACE[place].label}: ${text}`;
    time.title = agent.since_certainty === "at_least" ? "at least" : agent.since_certainty ?? "";
    if (!old && place !== "unknown" && place !== "out" && agent.begin !== null)
      this.#timers.push([time, (over.has(agent.agent_id) ? "! " : "") + (SIGN[agent.since_certainty] ?? ""), agent.begin]);
    else write(time, old && at ? `at ${moment(at)}` : place === "unknown" ? "?" : "–");
  }

  #count(look, through, shown) {
    const filtered = look.rows.length - through.length;
    const capped = through.length - shown.length;
    const parts = [filtered && `${number(filtered)} by the filter`, capped && `${number(capped)} below the last row`].filter(Boolean);
    write($("rest").firstElementChild, parts.length ? `${number(filtered + capped)} not on the screen: ${parts.join(", ")}` : `All ${number(look.rows.length)} are listed`);
    $("more").hidden = !capped;
    $("nobody").hidden = shown.length > 0;
    write($("nobody"), look.rows.length ? "Nobody passes the filter" : "No agents are known yet");
  }

  #showTeams(teams) {
    const select = $("team");
    const names = teams.map(({ name }) => name);
    if (names.join("\n") === [...select.options].slice(1).map(({ value }) => value).join("\n")) return;
    const chosen = select.options.length > 1 ? select.value : GIVEN.get("team");
    while (select.options.length > 1) select.lastElementChild.remove();
    select.append(...names.map((name) => make("option", { value: name }, name)));
    select.value = names.includes(chosen) ? chosen : "";
  }
}

function newRow() {
  return make("tr", {}, make("td", { class: "time" }), make("td"), make("td"), make("td"));
}

/** Write a name. With a history it is a link to the agent's day. */
function fillName(cell, agent, hasDay) {
  const text = agent.name || agent.agent_id;
  cell.title = agent.agent_id;
  if (!hasDay) return write(cell, text);
  if (cell.firstElementChild === null) {
    cell.replaceChildren(make("a", {}));
    cell.firstElementChild.addEventListener("click", () => history.replaceState({ agent: cell.firstElementChild.dataset.agent }, ""));
  }
  const link = cell.firstElementChild;
  link.dataset.agent = agent.agent_id;
  link.href = addressOfAgent(agent.agent_id);
  write(link, text);
}

function linkOf(agent) {
  return [...$("agents").querySelectorAll("a")].find((link) => link.dataset.agent === agent);
}

function passes({ agent, place, last }, { team, group, text }) {
  if (team && (agent.team || "No team") !== team) return false;
  if (group === "" ? place === "out" : group !== "all" && place !== group) return false;
  return !text || `${agent.name} ${agent.agent_id} ${stateText(last ?? agent)}`.toLowerCase().includes(text);
}

function order(sort, over) {
  const compare = {
    name: (a, b) => text(a.agent.name, b.agent.name),
    team: (a, b) => text(a.agent.team, b.agent.team) || begin(a) - begin(b),
    state: (a, b) => text(stateText(a.agent), stateText(b.agent)) || begin(a) - begin(b),
    since: (a, b) => begin(a) - begin(b) || text(a.agent.name, b.agent.name),
  }[sort];
  const first = (row) => (over.has(row.agent.agent_id) ? 0 : row.place === "out" ? 2 : 1);
  return (a, b) => first(a) - first(b) || compare(a, b);
}

const COLLATOR = new Intl.Collator();

function text(a, b) {
  return COLLATOR.compare(a ?? "", b ?? "");
}

function begin(row) {
  return row.agent.begin ?? Number.MAX_SAFE_INTEGER;
}
