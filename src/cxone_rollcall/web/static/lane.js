// Intervals as pictures: parts of a lane, placed by their time.
import { make } from "./dom.js";
import { PLACE, stateText } from "./groups.js";
import { duration, minute, moment, seconds } from "./format.js";
import { placeOfInterval, ticks } from "./days.js";

/** Pixels that a time on an axis needs. */
const TICK = 60;
const CAUSES = {
  "recorder-down": "rollcall did not run",
  "not-recorded": "not recorded",
  "not-answered": "no answer yet",
  "file-not-writable": "the history file could not be written",
  RC902: "not explained",
};

/** The intervals of an answer, with their times in seconds since 1970. */
export function prepared(intervals) {
  return intervals.map((one) => ({ ...one, from: seconds(one.begin), to: seconds(one.end), place: placeOfInterval(one) }));
}

/** What an interval shows: "Break, Lunch", "Unknown: RC105". */
export function textOf(one) {
  if (one.place === null) return "Not on the roster";
  return one.place === "unknown" ? `Unknown: ${CAUSES[one.cause] ?? one.cause}` : stateText(one);
}

/** How exactly the begin of an interval is known, and from where the interval: "within 00:10, backfilled". */
export function certaintyOf(one) {
  const begin = one.place === null || one.place === "unknown" ? "" : one.begin_slack === null ? "or earlier" : one.begin_slack ? `within ${duration(one.begin_slack)}` : "exact";
  return [begin, one.source === "observed" ? "" : one.source].filter(Boolean).join(", ");
}

/** An interval in one line: "10:02:10 to 10:12:00, 09:50, Break, Lunch". */
export function lineOf(one) {
  return `${moment(one.from)} to ${moment(one.to)}, ${duration(one.seconds)}: ${textOf(one)}${one.source === "observed" || one.source === null ? "" : ` (${one.source})`}`;
}

/** The seconds in each place; those off the roster are under null. */
export function totalsOf(intervals) {
  const totals = new Map();
  for (const one of intervals) totals.set(one.place, (totals.get(one.place) ?? 0) + one.seconds);
  return totals;
}

/** The parts of a lane between begin and end. One that is too short to see is still a line. */
export function partsOf(intervals, begin, end) {
  const parts = [];
  for (const one of intervals) {
    const [from, to] = [Math.max(one.from, begin), Math.min(one.to, end)];
    if (from >= to || one.place === null) continue;
    const mark = one.source === "observed" || one.place === "unknown" ? "" : ` is-${one.source}`;
    const part = make("span", { class: `part fill-${one.place}${mark}`, title: lineOf(one) }, one.place === "unknown" ? "?" : null);
    placed(part, from, to, begin, end);
    parts.push(part);
  }
  return parts;
}

/** Give an element its place between begin and end. */
export function placed(element, from, to, begin, end) {
  element.style.left = `${(100 * (from - begin)) / (end - begin)}%`;
  element.style.width = `${(100 * (to - from)) / (end - begin)}%`;
}

/** An axis with times of day, so many pixels wide. */
export function axisOf(begin, end, width) {
  const axis = make("div", { class: "axis", "aria-hidden": "true" });
  for (const at of ticks(begin, end, Math.max(2, width / TICK))) {
    const tick = make("span", { class: "tick" }, make("span", {}, minute(at)));
    tick.style.left = `${(100 * (at - begin)) / (end - begin)}%`;
    axis.append(tick);
  }
  return axis;
}

/** What the marks mean: places, and how a part is known. */
export function legendOf(intervals) {
  const sources = new Set(intervals.map(({ source }) => source));
  const places = new Set(intervals.map(({ place }) => place));
  const marks = [
    ["backfilled", "filled in later from the server's own history"],
    ["inferred", "proven by what the server said after the gap"],
  ].filter(([source]) => sources.has(source));
  return [
    ...Object.values(PLACE).filter(({ id }) => places.has(id)).map((place) => make("li", {}, make("span", { class: `swatch fill-${place.id}`, "aria-hidden": "true" }, place.id === "unknown" ? "?" : null), place.label)),
    ...marks.map(([source, text]) => make("li", {}, make("span", { class: `swatch mark is-${source}`, "aria-hidden": "true" }), `${source}: ${text}`)),
  ];
}
