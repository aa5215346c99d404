// The day of a team: a lane for each agent, and the time in each place.
import { $, glyph, make, write } from "./dom.js";
import { addressOfAgent } from "./address.js";
import { Calendar } from "./calendar.js";
import { Record } from "./record.js";
import { follow } from "./frame.js";
import { ZONE, busyPart } from "./days.js";
import { axisOf, legendOf, partsOf, prepared, totalsOf } from "./lane.js";
import { PLACES, RARE } from "./groups.js";
import { moment, number, seconds, shortSpan, span } from "./format.js";

/** Seconds between two questions. */
const EVERY = 30;

const stream = follow(polled);
const calendar = new Calendar(stream, changed);
const record = new Record(calendar, stream, { path: () => ["api/v1/timeline", asked()], show, every: EVERY });
let skip = 0;

/** The team of the address (null: everybody), and how many agents come before. */
function asked() {
  const team = new URLSearchParams(location.search).get("team");
  return { ...(team === null ? {} : { team }), ...(skip ? { skip } : {}) };
}

function polled() {
  calendar.show();
  record.refresh();
}

function changed() {
  skip = 0;
  polled();
}

function show(day) {
  const lanes = (day?.agents ?? []).map(({ agent, intervals }) => ({ agent, intervals: prepared(intervals) }));
  const all = lanes.flatMap(({ intervals }) => intervals);
  $("table").hidden = !lanes.length;
  $("nobody").hidden = !day || lanes.length > 0;
  if (day) showHead(day);
  showRest(day, lanes);
  $("legend").replaceChildren(...legendOf(all));
  if (!lanes.length) return;
  const [first] = lanes;
  const [begin, end] = busyPart(lanes.map(({ intervals }) => intervals), first.intervals[0].from, first.intervals.at(-1).to);
  const held = new Set(all.map(({ place }) => place));
  const places = PLACES.filter(({ id }) => !RARE.has(id) || held.has(id));
  const heads = places.map((place) => make("th", { scope: "col", class: "number", title: place.label }, glyph(place), make("span", { class: "hidden-text" }, place.label)));
  $("heads").replaceChildren(make("tr", {}, make("th", { scope: "col" }, "Agent"), make("th", { scope: "col", class: "plot" }, make("span", { class: "hidden-text" }, "Day"), axisOf(begin, end, innerWidth / 2)), ...heads));
  const focused = document.activeElement?.dataset?.agent;
  $("lanes").replaceChildren(...lanes.map((lane) => rowOf(lane, places, begin, end)));
  if (focused !== undefined) [...$("lanes").querySelectorAll("a")].find((one) => one.dataset.agent === focused)?.focus({ preventScroll: true });
  $("sums").replaceChildren(make("tr", {}, make("th", { scope: "row" }, day.left_out || day.skipped ? `Sum of these ${number(lanes.length)}` : "Sum"), make("td", {}), ...numbers(totalsOf(all), places)));
}

function showHead(day) {
  const title = day.team === null ? "Everybody" : day.team || "No team";
  write($("name"), title);
  document.title = `${title} - rollcall`;
  const names = day.teams.map(({ team }) => team);
  const select = $("team");
  const options = [["*", `All teams (${number(day.teams.reduce((sum, { agents }) => sum + agents, 0))})`], ...day.teams.map(({ team, agents }) => [`=${team}`, `${team || "No team"} (${number(agents)})`])];
  if (day.team !== null && !names.includes(day.team)) options.push([`=${day.team}`, day.team]);
  if (document.activeElement !== select || select.options.length !== options.length) select.replaceChildren(...options.map(([value, label]) => make("option", { value }, label)));
  select.value = day.team === null ? "*" : `=${day.team}`;
}

function showRest(day, lanes) {
  const before = day?.skipped ?? 0;
  const parts = [before && `${number(before)} before them`, day?.left_out && `${number(day.left_out)} after them`].filter(Boolean);
  write($("rest"), !day ? "" : parts.length ? `${number(lanes.length)} of ${number(day.total)} agents; not on the screen: ${parts.join(", ")}` : `All ${number(day.total)} agents of this choice`);
  $("before").hidden = !before;
  $("after").hidden = !day?.left_out;
  if (!lanes.length) return write($("coverage"), "");
  const { known, unknown } = day.coverage;
  const { from, to } = { from: lanes[0].intervals[0].from, to: lanes[0].intervals.at(-1).to };
  write($("coverage"), `${span(from, to)} in ${ZONE}. Of these agents' time ${shortSpan(known)} of ${shortSpan(known + unknown)} hours are known. As of ${moment(seconds(day.as_of), stream.now)}.`);
}

function rowOf({ agent, intervals }, places, begin, end) {
  const totals = totalsOf(intervals);
  const link = make("a", { href: addressOfAgent(agent.agent_id, calendar.isToday ? "" : calendar.date), "data-agent": agent.agent_id, title: agent.agent_id }, agent.name || agent.agent_id);
  return make("tr", {}, make("th", { scope: "row" }, link), make("td", { class: "plot" }, make("div", { class: "lane", "aria-hidden": "true" }, ...partsOf(intervals, begin, end))), ...numbers(totals, places));
}

function numbers(totals, places) {
  return places.map(({ id }) => make("td", { class: `number${id === "unknown" && totals.get(id) ? " hatched" : totals.get(id) ? "" : " zero"}` }, shortSpan(totals.get(id) ?? 0)));
}

function go(to) {
  skip = to;
  record.refresh();
  $("name").scrollIntoView({ block: "nearest" });
}

$("team").addEventListener("change", () => {
  const query = new URLSearchParams(location.search);
  if ($("team").value === "*") query.delete("team");
  else query.set("team", $("team").value.slice(1));
  history.pushState(null, "", query.size ? `?${query}` : location.pathname);
  changed();
});
$("after").addEventListener("click", () => go(skip + $("lanes").children.length));
$("before").addEventListener("click", () => go(Math.max(0, skip - 60)));
