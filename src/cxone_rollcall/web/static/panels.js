// Alerts, findings and the last changes.
import { address } from "./address.js";
import { $, make, write } from "./dom.js";
import { moment, number, plural, seconds } from "./format.js";
import { stateText } from "./groups.js";

const MOST_NAMED = 5;
let shown = "";

/** The alerts that hold now, each with a button that acknowledges it. */
export function showAlerts(board) {
  const now = JSON.stringify([board.alerts, board.unsent]);
  if (now === shown) return; // a button that has the focus stays
  shown = now;
  write($("alerts-head"), board.alerts.length ? `Alerts ${number(board.alerts.length)}` : "Alerts");
  const unsent = board.unsent.map((one) => make("li", { class: "wrong" }, `Not sent to ${one.place}: ${one.why}`));
  fill($("alerts"), [...board.alerts.map(alertItem), ...unsent], "None");
}

/** What is wrong with the data, whom it hides, and the fix. */
export function showFindings(board) {
  const findings = [...board.findings.values()];
  write($("findings-head"), findings.length ? `Findings ${number(findings.length)}` : "Findings");
  fill($("findings"), findings.map(findingItem), "None: nothing is hidden");
}

/** The changes of the last 15 minutes, newest first. */
export function showRecent(board) {
  write($("recent-head"), `Last 15 minutes: ${plural(board.recent.length, "change")}${board.hasMoreRecent ? " or more" : ""}`);
  fill($("recent"), board.recent.map(recentItem), "No changes yet");
}

function fill(list, items, none) {
  list.replaceChildren(...(items.length ? items : [make("li", { class: "none" }, none)]));
}

function alertItem(alert) {
  const subjects = alert.subjects.map(({ label, text }) => [label, text].filter(Boolean).join(" ")).filter(Boolean);
  const rest = subjects.length - MOST_NAMED;
  const who = `${subjects.slice(0, MOST_NAMED).join(", ")}${rest > 0 ? ` and ${number(rest)} more` : ""}`;
  const button = make("button", { type: "button" }, "Acknowledge");
  button.addEventListener("click", () => begin(alert));
  const done = alert.acknowledged ? make("span", { class: "soft" }, `by ${alert.acknowledged.by}`) : button;
  return make("li", {}, make("span", { class: alert.state }, make("b", {}, alert.name), alert.team ? ` ${alert.team}` : "", alert.state === "firing" ? "" : ` (${alert.state})`, make("br"), who), done);
}

/** Ask for a name and a note, and acknowledge with them. */
function begin(alert) {
  const dialog = $("acknowledge");
  write($("acknowledge-head"), `Acknowledge: ${alert.name}`);
  write($("refused"), "");
  $("acknowledge-form").onsubmit = async (event) => {
    event.preventDefault();
    const answer = await send(alert.id, { by: $("by").value, note: $("note").value });
    if (answer.error) return write($("refused"), answer.error);
    dialog.close();
    dialog.dispatchEvent(new CustomEvent("acknowledged", { detail: answer }));
  };
  dialog.showModal();
}

async function send(id, body) {
  const options = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(address(`api/v1/alerts/${encodeURIComponent(id)}/acknowledge`), options).catch(() => null);
  return answer ? answer.json().catch(() => ({ error: `rollcall answered ${answer.status}` })) : { error: "rollcall does not answer" };
}

function findingItem(finding) {
  const whom = finding.explains_all ? "Hides everybody. " : finding.explains.length ? `About ${plural(finding.explains.length, "agent")}. ` : "";
  return make(
    "li",
    {},
    make("span", { class: "code" }, `${finding.code} ${finding.name}`),
    make("div", {}, finding.message),
    make("div", { class: "soft" }, `${whom}Fix: ${finding.fix}`),
  );
}

function recentItem(change) {
  const at = seconds(change.at);
  return make(
    "li",
    {},
    make("time", {}, at === null ? "" : moment(at)),
    make("span", {}, change.name || change.agent_id),
    make("span", { class: "way" }, `${stateText(change.before)} → ${stateText(change.after)}`),
  );
}
