// What the history says of a day, asked again while the day goes on.
import { address } from "./address.js";
import { $, write } from "./dom.js";

export class Record {
  #calendar;
  #stream;
  #show;
  #path;
  #every;
  #asked = -Infinity;
  #key = "";
  #going = null;

  /** `path` returns path and query below the board; `show` is called with each answer. Asks at most each `every` seconds. */
  constructor(calendar, stream, { path, show, every }) {
    [this.#calendar, this.#stream, this.#path, this.#show, this.#every] = [calendar, stream, path, show, every];
  }

  /** Ask, if there may be news: after a poll, or for another day. */
  async refresh() {
    const [path, query] = this.#path();
    const [from, to] = this.#calendar.window.map((seconds) => new Date(seconds * 1000).toISOString());
    const url = address(`${path}?${new URLSearchParams({ from, to, ...query })}`);
    const isNew = url !== this.#key;
    const isDue = this.#calendar.isToday && !document.hidden && performance.now() - this.#asked >= this.#every * 1000;
    if (!isNew && (!isDue || this.#going)) return;
    this.#going?.abort();
    const going = (this.#going = new AbortController());
    this.#key = url;
    this.#asked = performance.now();
    const answer = await fetched(url, going.signal);
    if (this.#going !== going) return;
    this.#going = null;
    if (answer === null) return;
    write($("said"), answer.error ?? "");
    $("said").hidden = !answer.error;
    if (answer.error) this.#key = ""; // ask again with the next poll
    this.#show(answer.error ? null : answer, from, to);
  }
}

/** The JSON of an answer; `error` says what is wrong. Null if it was given up. */
async function fetched(url, signal) {
  try {
    const answer = await fetch(url, { signal });
    if (answer.status === 401) location.reload();
    return await answer.json();
  } catch (error) {
    return error.name === "AbortError" ? null : { error: "rollcall does not answer" };
  }
}
