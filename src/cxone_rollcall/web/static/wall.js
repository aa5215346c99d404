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
/** Least width of a column, and height of a line, in font sizes. As in wall.css. */
const COLUMN = 7;
const LINE = 1.2;
const asked = new URLSearchParams(location.search);
const board = new Board();
const stream = new Stream(board, draw);
const pen = document.createElement("canvas").getContext("2d");
let missed = 0;
let bars = "";
let timers = [];

function draw() {
  missed = stream.missed;
  const look = board.look(missed);
  document.title = `${board.tenant.title} - rollcall`;
  write($("title"), board.tenant.title || "rollcall");
  showTiles(look);
  showStatus(look);
  if (!showColumns(look, PREFERRED)) showColumns(look, LEAST);
}

function tick() {
  stream.check();
  const look = board.look(missed);
  if (stream.missed !== missed || showStatus(look)) return draw();
  for (const [cell, sign, begin] of timers) write(cell, sign + shortDuration(stream.now - begin));
}

/** Show age and bars. True if there are other bars than before: then there is less room. */
function showStatus(look) {
  showLink(board, stream);
  const now = barsOf(board, look, stream);
  showBars($("bars"), now);
  const kinds = now.map(({ kind }) => kind).join();
  const differs = kinds !== bars;
  bars = kinds;
  return differs;
}

function showTiles(look) {
  const shown = PLACES.filter(({ id }) => !RARE.has(id) || look.counts[id]);
  $("tiles").replaceChildren(
    ...shown.map((place) => {
      const count = look.counts[place.id] ?? 0;
      const hatched = place.id === "unknown" && count ? " hatched" : "";
      return make("li", { class: `is-${place.id}${hatched}` }, make("span", { class: "number" }, glyph(place), number(count)), make("span", { class: "label", title: place.label }, place.short ?? place.label));
    }),
  );
}

/** Show the agents with letters of this size. False if somebody does not fit and smaller letters may help. */
function showColumns(look, arc) {
  const size = fontSize(arc, { ...placeOfScreen(location.search), width: innerWidth, height: innerHeight });
  document.documentElement.style.fontSize = `${size}px`;
  const team = asked.get("team");
  const rows = look.rows.filter((row) => row.place !== "out" && (!team || row.agent.team === team));
  const place = $("columns");
  const lines = Math.max(1, Math.floor(place.clientHeight / (LINE * size)));
  const most = Math.max(1, Math.floor(place.clientWidth / (COLUMN * size)));
  const groups = PLACES.map(({ id }) => ({ id, rows: rows.filter((row) => row.place === id).sort(longest) })).filter((group) => group.rows.length);
  const columns = columnsFor(groups, most, lines);
  const fits = columns.reduce((sum, column) => sum + column.rows.length, 0);
  if (fits < rows.length && arc > LEAST) return false;
  const width = (place.clientWidth / Math.max(1, columns.length)) - 1.2 * size;
  pen.font = `${size}px ${getComputedStyle(document.body).fontFamily}`;
  timers = [];
  place.replaceChildren(...columns.map((column) => make("ul", { class: `column is-${column.id}`, "aria-label": PLACE[column.id].label }, ...column.rows.map((row) => item(row, width)), more(column))));
  const away = look.counts.out ?? 0;
  const elsewhere = look.rows.length - away - rows.length;
  const hidden = rows.length - fits;
  const parts = [hidden && `${number(hidden)} do not fit`, elsewhere && `${number(elsewhere)} in other teams`, away && `${number(away)} out`].filter(Boolean);
  write($("rest"), parts.length ? `Not on the screen: ${parts.join(", ")}` : "");
  return true;
}

function more(column) {
  return column.hidden ? make("li", { class: "more" }, `and ${number(column.hidden)} more`) : null;
}

function item(row, width) {
  const { agent, place, old } = row;
  const time = make("span", { class: "time" });
  const runs = !old && place !== "unknown" && agent.begin !== null;
  if (runs) {
    timers.push([time, SIGN[agent.since_certainty] ?? "", agent.begin]);
    time.textContent = timers.at(-1)[1] + shortDuration(stream.now - agent.begin);
  }
  const room = width - (runs ? pen.measureText(time.textContent).width : 0);
  const name = shortName(agent.name || agent.agent_id, (text) => pen.measureText(text).width <= room);
  return make("li", { class: old || place === "unknown" ? "old" : null, title: agent.name }, make("span", {}, name), time);
}

function longest(a, b) {
  return (a.agent.begin ?? Infinity) - (b.agent.begin ?? Infinity) || 0;
}

addEventListener("resize", draw);
setInterval(tick, 1000);
