// Where each agent stands: a place, a glyph and a label. The colour is in base.css.

export const PLACES = [
  { id: "available", glyph: "▲", label: "Available" },
  { id: "on-contact", glyph: "●", label: "On contact", short: "Contact" },
  { id: "after-contact", glyph: "◐", label: "After contact", short: "After" },
  { id: "unavailable", glyph: "■", label: "Unavailable" },
  { id: "pending", glyph: "◇", label: "Pending" },
  { id: "other", glyph: "◆", label: "Other" },
  { id: "unknown", glyph: "?", label: "Unknown" },
  { id: "out", glyph: "○", label: "Logged out or absent", short: "Out" },
];
export const PLACE = Object.fromEntries(PLACES.map((place) => [place.id, place]));
/** Places that are shown only while somebody is there. */
export const RARE = new Set(["pending", "other"]);
/** Places of people who are logged in. */
export const LOGGED_IN = PLACES.filter(({ id }) => id !== "unknown" && id !== "out").map(({ id }) => id);

/** The place of an agent as the server says it. */
export function placeOf(agent) {
  if (agent.standing === "present") return PLACE[agent.group] ? agent.group : "other";
  return agent.standing === "unknown" ? "unknown" : "out";
}

/** The words for a state: "Break, Lunch". */
export function stateText(state) {
  if (!state || !state.standing) return "not on the roster";
  if (state.standing !== "present") return state.standing === "logged_out" ? "Logged out" : capital(state.standing);
  const own = state.state ?? "Logged in";
  const sub = (state.sub_state ?? "").replace(new RegExp(`^${escaped(own)}\\s*[-–:]\\s*`, "i"), "");
  return sub && sub.toLowerCase() !== own.toLowerCase() ? `${own}, ${sub}` : own;
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
