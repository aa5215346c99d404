// The desk view.
import { $, glyph, make, write } from "./dom.js";
import { addressOfTeam } from "./address.js";
import { Board } from "./board.js";
import { Stream } from "./stream.js";
import { barsOf, showBars } from "./bars.js";
import { AgentList } from "./agent_list.js";
import { showLink } from "./link.js";
import { showAlerts, showFindings, showRecent } from "./panels.js";
import { LOGGED_IN, PLACES, RARE } from "./groups.js";
import { moment, number } from "./format.js";
import { toggleTheme } from "./theme.js";

const board = new Board();
const stream = new Stream(board, draw);
const list = new AgentList(stream);
let missed = 0;
let look = board.look();

function draw() {
  missed = stream.missed;
  look = board.look(missed);
  document.title = `${board.tenant.title} - rollcall`;
  write($("title"), board.tenant.title || "rollcall");
  write($("contract"), board.tenant.contract ?? "");
  $("day").hidden = board.history === null;
  showTotals(look);
  showTeams(look);
  list.show(look, board);
  showAlerts(board);
  showFindings(board);
  showRecent(board);
  tick();
}

function tick() {
  stream.check();
  if (stream.missed !== missed) return draw();
  showLink(board, stream, look);
  showBars($("bars"), barsOf(board, look, stream));
  list.tick();
}

function showTotals(look) {
  const counts = look.isBlind ? { ...look.lastCounts, unknown: look.counts.unknown } : look.counts;
  const inside = LOGGED_IN.reduce((sum, place) => sum + (counts[place] ?? 0), 0);
  const shown = PLACES.filter(({ id }) => !RARE.has(id) || counts[id]);
  const lead = look.isBlind ? `Last known ${moment(board.asOf ?? stream.now)}: ` : "";
  const unknown = look.counts.unknown ? `, ${number(look.counts.unknown)} unknown now` : "";
  $("logged-in").replaceChildren(lead, make("b", {}, number(inside)), ` of ${number(look.rows.length)} logged in${unknown}`);
  $("tiles").replaceChildren(
    ...shown.map((place) =>
      make("li", { class: look.isBlind && place.id !== "unknown" ? "old" : null }, glyph(place), make("b", {}, number(counts[place.id] ?? 0)), make("span", { class: "label" }, place.label)),
    ),
  );
  $("stack").replaceChildren(
    ...shown.filter(({ id }) => look.counts[id]).map(({ id }) => {
      const part = make("span", { class: `fill-${id}` });
      part.style.flex = `${look.counts[id]} 0 0`;
      return part;
    }),
  );
}

function showTeams(look) {
  const shown = PLACES.filter(({ id }) => !RARE.has(id) || look.lastCounts[id]);
  const focused = document.activeElement?.dataset?.team;
  const heads = shown.map((place) => make("th", { scope: "col", title: place.label }, glyph(place), make("span", { class: "hidden-text" }, place.label)));
  $("team-heads").replaceChildren(make("tr", {}, make("th", { scope: "col" }, "Team"), ...heads));
  $("teams").replaceChildren(
    ...look.teams.map((team) => {
      const isBlind = team.blind === team.total;
      const counts = isBlind ? { ...team.lastCounts, unknown: team.counts.unknown } : team.counts;
      return make(
        "tr",
        { class: isBlind ? "old" : null },
        make("th", { scope: "row", title: team.name }, board.history ? make("a", { href: addressOfTeam(team.team), "data-team": team.team }, team.name) : team.name),
        ...shown.map(({ id }) => {
          const count = counts[id] ?? 0;
          return make("td", { class: id === "unknown" && count ? "hatched" : count ? null : "zero" }, number(count));
        }),
      );
    }),
  );
  if (focused !== undefined) [...$("teams").querySelectorAll("a")].find((link) => link.dataset.team === focused)?.focus({ preventScroll: true });
}

$("acknowledge").addEventListener("acknowledged", (event) => {
  board.apply("alerts", { alerts: board.alerts.map((alert) => (alert.id === event.detail.id ? event.detail : alert)) });
  draw();
});
$("cancel").addEventListener("click", () => $("acknowledge").close());
$("theme").addEventListener("click", toggleTheme);
setInterval(tick, 1000);
