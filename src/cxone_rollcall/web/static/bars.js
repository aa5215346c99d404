// What is wrong now, each in its own bar: the page, CXone, a part of the teams.
import { make, write } from "./dom.js";
import { moment } from "./format.js";

/** The bars for a look at the board: kind, headline, details. */
export function barsOf(board, look, stream) {
  const bars = [];
  const now = stream.now;
  if (stream.lostSince !== null && !document.hidden) {
    const what = stream.missed >= 3 ? "Nobody's state is known here until it answers." : "Trying again.";
    bars.push({ kind: "page", title: `This page lost rollcall since ${moment(stream.lostSince, now)}`, text: what });
  }
  if (board.history?.trouble) bars.push({ kind: "history", title: "The history is not being written", text: `${board.history.trouble}. What changes waits in memory.` });
  const poll = board.poll;
  if (poll === null || poll.ok) return bars;
  const all = look.rows.length === 0 || look.isBlind;
  const causes = [...board.findings.values()].filter((one) => one.explains_all || one.explains.length);
  if (all && !poll.asked) bars.push({ kind: "cxone", title: `Not polled ${sinceOf(board, now)}`, text: poll.missed });
  else if (all) bars.push({ kind: "cxone", title: titleOf(board, causes[0], now), text: why(causes[0], poll), brief: brief(causes[0]) });
  else if (look.blind) {
    const blind = look.teams.filter((team) => team.blind).length;
    bars.push({ kind: "teams", title: `${blind} of ${look.teams.length} teams blind`, text: why(causes[0], poll), brief: brief(causes[0]) });
  }
  return bars;
}

function sinceOf(board, now) {
  return board.asOf === null ? "yet" : `since ${moment(board.asOf, now)}`;
}

function titleOf(board, cause, now) {
  const since = sinceOf(board, now);
  const reached = cause && !cause.code.startsWith("RC1");
  return board.asOf === null && !reached ? "Cannot reach CXone yet" : reached ? `CXone gives no states ${since}` : `Cannot reach CXone ${since}`;
}

function brief(cause) {
  return cause ? `${cause.code} ${cause.name}` : "";
}

function why(cause, poll) {
  if (!cause) return poll.missed;
  const asked = cause.requests?.length ? ` (request ${cause.requests.map((one) => `#${one}`).join(", ")})` : "";
  return `${cause.code} ${cause.name}: ${cause.message}${asked}. Fix: ${cause.fix}`;
}

/** Show the bars, in full or in brief. An element is written only if its text differs. */
export function showBars(place, bars, inBrief = false) {
  bars.forEach((bar, index) => {
    const element = place.children[index] ?? place.appendChild(make("div", {}, make("strong"), " ", make("span")));
    element.className = `bar bar-${bar.kind}`;
    write(element.firstElementChild, bar.title);
    write(element.lastElementChild, (inBrief && bar.brief) || bar.text);
  });
  while (place.children.length > bars.length) place.lastElementChild.remove();
}
