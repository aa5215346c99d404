// Times and counts as text.

/** Seconds as 12:40, 1:05:09 or 3 d 04 h. */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [days, hours] = [Math.floor(whole / 86400), Math.floor(whole / 3600)];
  if (days) return `${days} d ${two(hours - days * 24)} h`;
  const [minutes, rest] = [Math.floor(whole / 60) % 60, whole % 60];
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${two(minutes)}:${two(rest)}`;
}

/** Seconds as 2:40, 47m, 1h05 or 3d, for the wall. */
export function shortDuration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const minutes = Math.floor(whole / 60);
  if (minutes < 10) return `${minutes}:${two(whole % 60)}`;
  if (minutes < 60) return `${minutes}m`;
  return minutes < 1440 ? `${Math.floor(minutes / 60)}h${two(minutes % 60)}` : `${Math.floor(minutes / 1440)}d`;
}

/** How old something is: "2 s", "4 min", "3 h". */
export function age(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 100) return `${whole} s`;
  return whole < 6000 ? `${Math.floor(whole / 60)} min` : `${Math.floor(whole / 3600)} h`;
}

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** A moment (seconds since 1970) as local time of day; with the weekday if it is long ago. */
export function moment(seconds, now = seconds) {
  return (now - seconds > 43200 ? DAY : CLOCK).format(new Date(seconds * 1000));
}

const MINUTE = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** A moment as local time of day without seconds. */
export function minute(seconds) {
  return MINUTE.format(new Date(seconds * 1000));
}

/** A window as "08:00 to 17:00". */
export function span(begin, end) {
  return `${minute(begin)} to ${minute(end)}`;
}

/** Seconds as 12:05 or 0:07, in hours and minutes; "–" for none. Less than a minute is "<1". */
export function shortSpan(seconds) {
  if (!seconds) return "–";
  return seconds < 60 ? "<1" : `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}`;
}

/** An ISO timestamp as seconds since 1970; null stays null. */
export function seconds(text) {
  return text ? Date.parse(text) / 1000 : null;
}

/** "1 agent", "2 agents". */
export function plural(count, one, many = `${one}s`) {
  return `${number(count)} ${count === 1 ? one : many}`;
}

/** A number with separators: 5,000. */
export function number(count) {
  return count.toLocaleString("en");
}

function two(value) {
  return String(value).padStart(2, "0");
}
