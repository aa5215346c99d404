// The wall: large letters, nothing to click, nothing that scrolls.
import { $, glyph, make, write } from "./dom.js";
import { Board } from "./board.js";
import { Stream } from "./stream.js";
import { barsOf, showBars } from "./bars.js";
import { showLink } from "./link.js";
import { LEAST, PREFERRED, fontSize, placeOfScreen } from "./letters.js";
import { PLACE, PLACES, RARE } from "./groups.js";
import { number, shortDuration } from "./format.js";
import { columnsFor, shortName } from "./columns.js";
import "./theme.js";

const SIGN = { exact: "", between: "~", at_least: "≥" };
/** Height of a line in font sizes, as in wall.css, and what a column needs beside its texts. */
const LINE = 1.2;
const BESIDE = 1;
/** Minutes of arc, and what must fit into a column: tried in this order until everybody fits. */
const TRIES = [[PREFERRED, "Wilhelmina A. ≥0:00"], [LEAST, "Wilhelmina A. ≥0:00"], [LEAST, "Kwame ≥0:00"]];
const asked = new URLSearchParams(location.search);
const board = new Board();
const stream = new Stream(board, draw);
const pen = document.createElement("canvas").getContext("2d");
let missed = 0;
let look = board.look();
let bars = "";
let timers = [];

function draw() {
  missed = stream.missed;
  look = board.look(missed);
  document.title = `${board.tenant.title} - rollcall`;
  write($("title"), board.tenant.title || "rollcall");
  showTiles(look);
  showStatus(look);
  TRIES.some(([arc, sample], index) => showColumns(look, arc, sample, index === TRIES.length - 1));
}

function tick() {
  stream.check();
  if (stream.missed !== missed || showStatus(look)) return draw();
  for (const [cell, sign, begin] of timers) write(cell, sign + shortDuration(stream.now - begin));
}

/** Show age and bars. True if there are other bars than before: then there is less room. */
function showStatus(look) {
  showLink(board, stream, look);
  const now = barsOf(board, look, stream);
  showBars($("bars"), now, true);
  const kinds = now.map(({ kind }) => kind).join();
  const differs = kinds !== bars;
  bars = kinds;
  return differs;
}

function showTiles(look) {
  const counts = look.isBlind ? { ...look.lastCounts, unknown: look.counts.unknown } : look.counts;
  const shown = PLACES.filter(({ id }) => !RARE.has(id) || counts[id]);
  const most = Math.max(0, ...Object.values(counts).map((count) => count ?? 0));
  $("tiles").className = most > 9999 ? "larger" : most > 999 ? "large" : "";
  $("tiles").replaceChildren(
    ...shown.map((place) => {
      const count = counts[place.id] ?? 0;
      const hatched = place.id === "unknown" ? (count ? " hatched" : "") : look.isBlind ? " old" : "";
      return make("li", { class: `is-${place.id}${hatched}` }, make("span", { class: "number" }, glyph(place), number(count)), make("span", { class: "label", title: place.label }, place.short ?? place.label));
    }),
  );
}

/** Show the agents with letters of this size. False if somebody does not fit, unless it is the last try. */
function showColumns(look, arc, sample, isLast) {
  const size = fontSize(arc, { ...placeOfScreen(location.search), width: innerWidth, height: innerHeight });
  document.documentElement.style.fontSize = `${size}px`;
  const team = asked.get("team");
  const rows = look.rows.filter((row) => row.place !== "out" && (!team || row.agent.team === team));
  const place = $("columns");
  const lines = Math.max(1, Math.floor(place.clientHeight / (LINE * size)) - 1);
  pen.font = `${size}px ${getComputedStyle(document.body).fontFamily}`;
  const most = Math.max(1, Math.floor(place.clientWidth / (pen.measureText(sample).width + BESIDE * size)));
  const groups = PLACES.map(({ id }) => ({ id, rows: rows.filter((row) => row.place === id).sort(longest) })).filter((group) => group.rows.length);
  const columns = columnsFor(groups, most, lines);
  const fits = columns.reduce((sum, column) => sum + column.rows.length, 0);
  if (fits < rows.length && !isLast) return false;
  const width = (place.clientWidth / Math.max(1, columns.length)) - BESIDE * size;
  timers = [];
  place.replaceChildren(...columns.map((column) => make("ul", { class: `column is-${column.id}`, "aria-label": PLACE[column.id].label }, head(PLACE[column.id]), ...column.rows.map((row) => item(row, width)), more(column))));
  const elsewhere = look.rows.length - (look.counts.out ?? 0) - rows.length;
  const hidden = rows.length - fits;
  const parts = [hidden && `${number(hidden)} do not fit`, elsewhere && `${number(elsewhere)} in other teams`].filter(Boolean);
  write($("rest"), parts.join(", "));
  return true;
}

function head(place) {
  return make("li", { class: "head" }, glyph(place), place.short ?? place.label);
}

function more(column) {
  return column.hidden ? make("li", { class: "more" }, `and ${number(column.hidden)} more`) : null;
}

function item(row, width) {
  const { agent, place, old, last, lastPlace } = row;
  const time = make("span", { class: "time" });
  const runs = !old && place !== "unknown" && agent.begin !== null;
  if (runs) {
    timers.push([time, SIGN[agent.since_certainty] ?? "", agent.begin]);
    time.textContent = timers.at(-1)[1] + shortDuration(stream.now - agent.begin);
  }
  const was = place === "unknown" && last ? glyph({ ...PLACE[lastPlace], id: "unknown" }) : null;
  const room = width - (was ? 1.1 * pen.measureText("—").width : 0) - (runs ? pen.measureText(time.textContent).width : 0);
  const name = shortName(agent.name || agent.agent_id, (text) => pen.measureText(text).width <= room);
  return make("li", { class: old || place === "unknown" ? "old" : null, title: agent.name }, make("span", {}, was, name), time);
}

function longest(a, b) {
  return (a.agent.begin ?? Infinity) - (b.agent.begin ?? Infinity) || 0;
}

addEventListener("resize", draw);
setInterval(tick, 1000);
