// The connection to rollcall: events, the server's clock, and how long nothing has come.
import { address } from "./address.js";
import { seconds } from "./format.js";

const EVENTS = ["board", "change", "finding", "alerts", "history", "poll"];
/** Seconds that a poll may be late before it counts as missed by this page. */
const SLACK = 3;

export class Stream {
  #board;
  #notify;
  #source = null;
  #clock = null;
  #heard = performance.now();
  #openedAt = 0;
  lostSince = null;

  constructor(board, notify) {
    this.#board = board;
    this.#notify = notify;
    this.#open();
    document.addEventListener("visibilitychange", () => this.check());
    addEventListener("online", () => this.#open());
  }

  /** The server's time now, in seconds since 1970. It does not follow this machine's clock. */
  get now() {
    return this.#clock ? this.#clock.time + (performance.now() - this.#clock.at) / 1000 : Date.now() / 1000;
  }

  /** Polls that this page has missed, because nothing came. */
  get missed() {
    return Math.max(0, Math.floor((this.#silence - SLACK) / this.#board.interval));
  }

  get isOpen() {
    return this.#source?.readyState === EventSource.OPEN;
  }

  /** Look after the connection, once a second. */
  check() {
    const silent = this.#silence > this.#board.interval + SLACK;
    if (!silent && this.isOpen) this.lostSince = null;
    else if (silent || this.#silence > SLACK) this.lostSince ??= this.now - this.#silence;
    const patience = Math.max(10, 2 * this.#board.interval);
    const since = (performance.now() - this.#openedAt) / 1000;
    if (this.#source.readyState === EventSource.CLOSED ? since > 2 : this.#silence > patience && since > patience) this.#open();
  }

  get #silence() {
    return (performance.now() - this.#heard) / 1000;
  }

  #open() {
    this.#source?.close();
    this.#openedAt = performance.now();
    this.#source = new EventSource(address("api/v1/events"));
    for (const type of EVENTS) this.#source.addEventListener(type, (event) => this.#take(type, JSON.parse(event.data)));
    this.#source.addEventListener("clock", (event) => this.#setClock(seconds(JSON.parse(event.data).now)));
    this.#source.addEventListener("error", () => this.#askToLogIn());
  }

  #take(type, event) {
    this.#heard = performance.now();
    if (type === "poll" && event.as_of) {
      const time = seconds(event.as_of) + event.age;
      if (time > this.now) this.#setClock(time);
    }
    if (this.#board.apply(type, event)) {
      this.check();
      this.#notify();
    }
  }

  #setClock(time) {
    if (time) this.#clock = { time, at: performance.now() };
  }

  async #askToLogIn() {
    if (this.#source.readyState !== EventSource.CLOSED) return;
    const answer = await fetch(address("api/v1/board"), { method: "HEAD" }).catch(() => null);
    if (answer?.status === 401) location.reload();
  }
}
