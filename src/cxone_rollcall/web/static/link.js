// How old the data is, and whether this page is connected.
import { $, write } from "./dom.js";
import { age, moment } from "./format.js";

/** Show the age of the data and the state of the connection. */
export function showLink(board, stream, look) {
  const { asOf } = board;
  const [kind, word] = stateOf(board, stream, look);
  $("live").className = `live ${kind}`;
  write($("link"), word);
  const late = kind === "lost" || look.isBlind;
  const old = asOf === null ? "no data yet" : `data ${age(stream.now - asOf)} old`;
  write($("age"), late && asOf !== null ? `last known ${moment(asOf, stream.now)}, ${age(stream.now - asOf)} old` : old);
}

function stateOf(board, stream, look) {
  if (stream.lostSince !== null) return ["lost", board.poll ? "lost" : "connecting"];
  if (board.poll === null) return ["late", "waiting"];
  if (!board.poll.ok && (look.isBlind || board.asOf === null)) return ["lost", "blind"];
  if (!board.poll.ok) return ["late", look.blind ? "partly blind" : "late"];
  return ["", "live"];
}
