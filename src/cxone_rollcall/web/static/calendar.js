// The choice of a day, kept in the address.
import { $ } from "./dom.js";
import { dateOf, dayOf, isDate, shifted } from "./days.js";

export class Calendar {
  #stream;
  #chosen;
  #changed;

  /** `changed` is called when another day is chosen. */
  constructor(stream, changed) {
    this.#stream = stream;
    this.#changed = changed;
    this.#read();
    $("earlier").addEventListener("click", () => this.#choose(shifted(this.date, -1)));
    $("later").addEventListener("click", () => this.#choose(shifted(this.date, 1)));
    $("today").addEventListener("click", () => this.#choose(this.today));
    $("date").addEventListener("change", () => isDate($("date").value) && this.#choose($("date").value));
    addEventListener("popstate", () => {
      this.#read();
      changed();
    });
  }

  /** Today, by the server's clock. */
  get today() {
    return dateOf(this.#stream.now);
  }

  /** The day that is shown. */
  get date() {
    return this.#chosen ?? this.today;
  }

  get isToday() {
    return this.date === this.today;
  }

  /** Begin and end of the day in seconds since 1970. */
  get window() {
    return dayOf(this.date);
  }

  /** Show the day in the controls. */
  show() {
    if (document.activeElement !== $("date")) $("date").value = this.date;
    $("date").max = this.today;
    $("later").disabled = $("today").disabled = this.isToday;
  }

  #read() {
    const date = new URLSearchParams(location.search).get("date");
    this.#chosen = isDate(date) ? date : null;
  }

  #choose(date) {
    if (date > this.today) return;
    this.#chosen = date === this.today ? null : date;
    const query = new URLSearchParams(location.search);
    if (this.#chosen) query.set("date", date);
    else query.delete("date");
    history.pushState(null, "", query.size ? `?${query}` : location.pathname);
    this.#changed();
  }
}
