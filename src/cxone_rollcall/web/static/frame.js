// What the pages of a day have in common: the board behind them, its age, what is wrong, the theme.
import { $, write } from "./dom.js";
import { Board } from "./board.js";
import { Stream } from "./stream.js";
import { address } from "./address.js";
import { barsOf, showBars } from "./bars.js";
import { showLink } from "./link.js";
import { toggleTheme } from "./theme.js";

/** Follow the board. `polled` is called with it and what may be shown of it after each poll. */
export function follow(polled) {
  const board = new Board();
  let missed = 0;
  let look = board.look();
  const stream = new Stream(board, draw);

  function draw() {
    missed = stream.missed;
    look = board.look(missed);
    write($("title"), board.tenant.title || "rollcall");
    polled(board, look);
    tick();
  }

  function tick() {
    stream.check();
    if (stream.missed !== missed) return draw();
    showLink(board, stream, look);
    showBars($("bars"), barsOf(board, look, stream));
  }

  $("theme").addEventListener("click", toggleTheme);
  $("board").href = cameFromBoard() ? document.referrer : address("");
  setInterval(tick, 1000);
  return stream;
}

/** Whether the page before this one was the desk. Its filters are in its address. */
function cameFromBoard() {
  return document.referrer.split(/[?#]/)[0] === address("");
}
