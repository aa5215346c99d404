// One person's day: a line of time for each place, the time in each state, and each interval.
import { $, glyph, make, write } from "./dom.js";
import { addressOfTeam, agentOf } from "./address.js";
import { Calendar } from "./calendar.js";
import { Record } from "./record.js";
import { follow } from "./frame.js";
import { ZONE, busyPart } from "./days.js";
import { axisOf, certaintyOf, legendOf, lineOf, partsOf, placed, prepared, textOf, totalsOf } from "./lane.js";
import { PLACE, PLACES, RARE, stateText } from "./groups.js";
import { duration, moment, number, plural, seconds, span } from "./format.js";

const ID = agentOf(location.href);
const PAGE = 200;
/** Seconds between two questions. A poll is often sooner. */
const EVERY = 5;
const FAR = 10;

const stream = follow(polled);
const calendar = new Calendar(stream, changed);
const record = new Record(calendar, stream, { path: () => [`api/v1/agents/${encodeURIComponent(ID)}/timeline`, {}], show, every: EVERY });
let day = null;
let intervals = [];
let chosen = null;
let limit = PAGE;

function polled(board, look) {
  const row = look.rows.find(({ agent }) => agent.agent_id === ID);
  const place = row && PLACE[row.place];
  const agent = row?.agent;
  if (agent) named(agent);
  const text = row && (row.place === "unknown" && row.last ? `was ${stateText(row.last)}` : stateText(agent));
  const since = !row || row.old || row.place === "unknown" || row.place === "out" || agent.begin === null ? "" : sinceOf(agent);
  $("now").replaceChildren(...(row ? [glyph(place), ` ${row.old && row.at ? `last known ${moment(row.at)}: ` : ""}${text}${since}`] : board.poll ? ["not on the roster now"] : []));
  calendar.show();
  record.refresh();
}

function sinceOf({ begin, since_certainty, since_earliest }) {
  const latest = moment(begin, stream.now);
  if (since_certainty === "at_least") return `, at least since ${latest}`;
  return since_certainty === "between" ? `, since between ${moment(seconds(since_earliest), stream.now)} and ${latest}` : `, since ${latest}`;
}

function changed() {
  [chosen, limit] = [null, PAGE];
  calendar.show();
  record.refresh();
}

function named({ name, team }) {
  write($("name"), name || ID);
  $("name").title = ID;
  document.title = `${name || ID} - rollcall`;
  write($("team-day"), team || "No team");
  $("team-day").href = addressOfTeam(team ?? "", calendar.isToday ? "" : calendar.date);
}

function show(answer) {
  day = answer;
  intervals = answer ? prepared(answer.intervals) : [];
  if (answer) named(answer.agent);
  const selected = chosen === null ? null : intervals.findIndex(({ from }) => from === chosen);
  if (selected === -1) chosen = null;
  showTotals();
  showChart();
  showSums();
  showList();
}

function showTotals() {
  const totals = totalsOf(intervals);
  const shown = day ? PLACES.filter(({ id }) => !RARE.has(id) || totals.has(id)) : [];
  $("totals").replaceChildren(...shown.map((place) => make("li", {}, glyph(place), make("b", {}, duration(totals.get(place.id) ?? 0)), make("span", { class: "label" }, place.label))));
  if (!day) return write($("coverage"), "");
  const { known, unknown, not_on_roster: absent } = day.coverage;
  const [begin, end] = ends();
  const parts = [`${span(begin, end)} in ${ZONE}`, `known ${duration(known)} of ${duration(known + unknown)}${unknown ? `, unknown ${duration(unknown)}` : ""}`, absent && `not on the roster ${duration(absent)}`];
  write($("coverage"), `${parts.filter(Boolean).join("; ")}. As of ${moment(seconds(day.as_of), stream.now)}.`);
}

function ends() {
  return [intervals[0].from, intervals.at(-1).to];
}

function showChart() {
  $("chart").hidden = $("tables").hidden = !intervals.length;
  $("legend").replaceChildren(...legendOf(intervals));
  if (!intervals.length) return write($("readout"), "");
  const [begin, end] = busyPart([intervals], ...ends());
  const held = new Set(intervals.map(({ place }) => place));
  const shown = PLACES.filter(({ id }) => !RARE.has(id) || held.has(id));
  $("places").replaceChildren(...shown.map((place) => make("span", {}, glyph(place), ` ${place.short ?? place.label}`)));
  const lines = shown.map(({ id }) => make("div", { class: "line" }, ...partsOf(intervals.filter(({ place }) => place === id), begin, end)));
  const cursor = make("div", { class: "cursor", hidden: true });
  $("moment").replaceChildren(axisOf(begin, end, $("moment").clientWidth), ...lines, cursor);
  $("moment").setAttribute("aria-valuemax", intervals.length - 1);
  showChosen();
}

/** Mark the chosen interval in the picture and in the table, and say it. */
function showChosen() {
  const at = chosen === null ? -1 : intervals.findIndex(({ from }) => from === chosen);
  const one = intervals[at];
  const cursor = $("moment").querySelector(".cursor");
  if (cursor) cursor.hidden = !one;
  const [begin, end] = busyPart([intervals], ...ends());
  if (one && cursor) placed(cursor, Math.max(begin, Math.min(one.from, end)), Math.max(begin, Math.min(one.to, end)), begin, end);
  $("moment").setAttribute("aria-valuenow", Math.max(0, at));
  $("moment").setAttribute("aria-valuetext", one ? spoken(one) : `${plural(intervals.length, "interval")}; arrow keys go from one to the next`);
  $("readout").classList.toggle("soft", !one);
  const outside = begin > ends()[0] || end < ends()[1] ? `Drawn from ${span(begin, end)}; before and after, nobody was logged in or nothing was recorded. ` : "";
  write($("readout"), one ? spoken(one) : `${outside}A click into the picture, or an arrow key, shows an interval.`);
  for (const row of $("intervals").children) {
    if (Number(row.dataset.from) === chosen) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

function spoken(one) {
  return [lineOf({ ...one, source: null }), certaintyOf(one) && `begin ${certaintyOf(one)}`].filter(Boolean).join("; ");
}

function choose(index) {
  if (!intervals.length) return;
  const at = Math.max(0, Math.min(index, intervals.length - 1));
  chosen = intervals[at].from;
  if (intervals.length - at > limit) {
    limit = intervals.length - at;
    showList();
  }
  showChosen();
  const [row, box] = [$("intervals").querySelector("[aria-current]"), $("intervals").closest(".scroll")];
  if (row && box) box.scrollTop = row.offsetTop - box.clientHeight / 2;
}

function showSums() {
  const sums = new Map();
  for (const one of intervals) {
    const text = textOf(one);
    const sum = sums.get(text) ?? { text, place: one.place, time: 0 };
    sum.time += one.seconds;
    sums.set(text, sum);
  }
  const rows = [...sums.values()].sort((a, b) => b.time - a.time);
  $("sums").replaceChildren(...rows.map(({ text, place, time }) => make("tr", {}, make("td", {}, place ? glyph(PLACE[place]) : null, ` ${text}`), make("td", { class: "number" }, duration(time)))));
  const all = rows.reduce((sum, { time }) => sum + time, 0);
  $("sum").replaceChildren(...(rows.length ? [make("tr", {}, make("th", { scope: "row" }, "Sum"), make("td", { class: "number" }, duration(all)))] : []));
}

function showList() {
  const newest = intervals.slice(-limit).reverse();
  $("intervals").replaceChildren(...newest.map(rowOf));
  const rest = intervals.length - newest.length;
  write($("rest"), rest ? `${number(rest)} earlier ones are not listed` : intervals.length ? `All ${plural(intervals.length, "interval")}, the newest first` : "");
  $("more").hidden = !rest;
  if (intervals.length) showChosen();
}

function rowOf(one) {
  const row = make("tr", { class: one.place === "unknown" ? "unknown" : null, "data-from": one.from }, make("td", {}, moment(one.from)), make("td", {}, moment(one.to)), make("td", { class: "number" }, duration(one.seconds)), make("td", {}, one.place ? glyph(PLACE[one.place]) : null, ` ${textOf(one)}`), make("td", { class: "soft" }, certaintyOf(one)));
  row.addEventListener("click", () => choose(intervals.findIndex(({ from }) => from === one.from)));
  return row;
}

$("moment").addEventListener("keydown", (event) => {
  const at = chosen === null ? -1 : intervals.findIndex(({ from }) => from === chosen);
  const last = intervals.length - 1;
  const to = { ArrowRight: at + 1, ArrowUp: at + 1, ArrowLeft: at < 0 ? last : at - 1, ArrowDown: at < 0 ? last : at - 1, Home: 0, End: last, PageUp: at + FAR, PageDown: at < 0 ? last : at - FAR }[event.key];
  if (event.key === "Escape") {
    chosen = null;
    return showChosen();
  }
  if (to === undefined) return;
  event.preventDefault();
  choose(to);
});
$("moment").addEventListener("click", (event) => {
  const { left, width } = $("moment").getBoundingClientRect();
  const [begin, end] = busyPart([intervals], ...ends());
  const at = begin + ((event.clientX - left) / width) * (end - begin);
  choose(intervals.findIndex(({ from, to }) => from <= at && at < to));
});
addEventListener("resize", showChart);
$("more").addEventListener("click", () => {
  limit += PAGE;
  showList();
});
