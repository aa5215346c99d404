// Calendar days of this browser's zone, and the part of one that is drawn.
import { placeOf } from "./groups.js";

const HOUR = 3600;
const HALF_SHIFT = 3 * HOUR;

/** The zone in which days and times are shown. */
export const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The day of a moment (seconds since 1970) as 2026-03-29. */
export function dateOf(seconds) {
  const day = new Date(seconds * 1000);
  return [day.getFullYear(), two(day.getMonth() + 1), two(day.getDate())].join("-");
}

/** Begin and end of a day in seconds since 1970. It has 23 or 25 hours when clocks change. */
export function dayOf(date) {
  const [year, month, day] = date.split("-").map(Number);
  return [new Date(year, month - 1, day).getTime() / 1000, new Date(year, month - 1, day + 1).getTime() / 1000];
}

/** The day so many days later. */
export function shifted(date, days) {
  const [year, month, day] = date.split("-").map(Number);
  return dateOf(new Date(year, month - 1, day + days, 12).getTime() / 1000);
}

/** Whether a text is a day such as 2026-03-29. */
export function isDate(text) {
  return /^\d{4}-\d\d-\d\d$/.test(text ?? "") && dateOf(dayOf(text)[0]) === text;
}

/** Where an interval is drawn; null if the agent was not on the roster. */
export function placeOfInterval(one) {
  return one.standing === "not_on_roster" ? null : placeOf(one);
}

/** The part of a window in which somebody was logged in or lost from sight, in full hours or quarters. */
export function busyPart(lanes, begin, end) {
  let [first, last] = [Infinity, -Infinity];
  for (const one of lanes.flat()) {
    const place = placeOfInterval(one);
    if (place === null || place === "out" || one.cause === "not-recorded") continue;
    first = Math.min(first, one.from);
    last = Math.max(last, one.to);
  }
  if (first >= last) return [begin, end];
  const step = last - first > HALF_SHIFT ? HOUR : HOUR / 4;
  return [Math.max(begin, Math.floor(first / step) * step), Math.min(end, Math.ceil(last / step) * step)];
}

/** Moments to mark on an axis from begin to end: at most `most`, at full hours or parts of one. */
export function ticks(begin, end, most) {
  const step = [300, 900, 1800, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR].find((one) => (end - begin) / one <= most) ?? 12 * HOUR;
  const offset = new Date(begin * 1000).getTimezoneOffset() * 60;
  const made = [];
  for (let at = Math.ceil((begin - offset) / step) * step + offset; at <= end; at += step) made.push(at);
  return made;
}

function two(value) {
  return String(value).padStart(2, "0");
}
