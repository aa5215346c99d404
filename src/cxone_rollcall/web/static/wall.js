// The wall: large letters, nothing to click, nothing that scrolls.
import { $, glyph, make, write } from "./dom.js";
import { Board } from "./board.js";
import { Stream } from "./stream.js";
import { barsOf, showBars } from "./bars.js";
import { showLink } from "./link.js";
import { LEAST, PREFERRED, fontSize, placeOfScreen } from "./letters.js";
import { PLACE, PLACES, RARE } from "./groups.js";
import { number, shortDuration } from "./format.js";
import { columnsOf, flowOf, shortName } from "./columns.js";
import "./theme.js";

const SIGN = { exact: "", between: "~", at_least: "≥" };
/** Height of a line in font sizes, as in wall.css, and what a column needs beside its texts. */
const WIDE = { line: 1.2, beside: 1 };
const DENSE = { line: 1.14, beside: 0.72 };
/** Minutes of arc, what must fit into a column, and how dense all is: tried in this order until everybody fits. */
const TRIES = [[PREFERRED, "Wilhelmina A. ≥0:00", WIDE], [LEAST, "Wilhelmina A. ≥0:00", WIDE], [LEAST, "Kwame ≥0:00", WIDE], [LEAST, "Kwame ≥0:00", DENSE]];
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
  TRIES.some(([arc, sample, layout]) => showColumns(look, arc, sample, layout));
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

/** Show the agents with letters of this size. False if somebody does not fit, unless it is dense: that is the last try. */
function showColumns(look, arc, sample, { line, beside }) {
  const dense = line === DENSE.line;
  const size = fontSize(arc, { ...placeOfScreen(location.search), width: innerWidth, height: innerHeight });
  document.documentElement.style.fontSize = `${size}px`;
  document.body.classList.toggle("dense", dense);
  const team = asked.get("team");
  const rows = look.rows.filter((row) => row.place !== "out" && (!team || row.agent.team === team));
  const place = $("columns");
  const lines = Math.max(2, Math.floor(place.clientHeight / (line * size)));
  const { fontFamily, fontStretch } = getComputedStyle(document.body);
  pen.font = `${size}px ${fontFamily}`;
  pen.fontStretch = fontStretch === "100%" ? "normal" : "condensed";
  const most = Math.max(1, Math.floor(place.clientWidth / (pen.measureText(sample).width + beside * size)));
  const groups = PLACES.map(({ id }) => ({ id, rows: rows.filter((row) => row.place === id).sort(longest) })).filter((group) => group.rows.length);
  const columns = dense ? flowOf(groups, most, lines) : columnsOf(groups, most, lines);
  if (columns === null) return false;
  const width = (place.clientWidth / Math.max(1, columns.length)) - beside * size;
  timers = [];
  place.replaceChildren(...columns.map((column) => make("ul", { class: "column" }, ...column.map((line) => lineItem(line, width)))));
  const elsewhere = look.rows.length - (look.counts.out ?? 0) - rows.length;
  const hidden = columns.flat().reduce((sum, { more }) => sum + (more ?? 0), 0);
  const parts = [hidden && `${number(hidden)} do not fit`, elsewhere && `${number(elsewhere)} in other teams`].filter(Boolean);
  write($("rest"), parts.join(", "));
  return true;
}

function lineItem({ head, more, row, id }, width) {
  if (head) return make("li", { class: `head is-${head}` }, glyph(PLACE[head]), PLACE[head].short ?? PLACE[head].label);
  return more ? make("li", { class: `more is-${id}` }, `and ${number(more)} more`) : item(row, width);
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
  return make("li", { class: `is-${place}${old || place === "unknown" ? " old" : ""}`, title: agent.name }, make("span", {}, was, name), time);
}

function longest(a, b) {
  return (a.agent.begin ?? Infinity) - (b.agent.begin ?? Infinity) || 0;
}

addEventListener("resize", draw);
setInterval(tick, 1000);
