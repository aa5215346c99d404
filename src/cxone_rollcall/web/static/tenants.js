// The list of tenants, read again every few seconds.

import { $ } from "./dom.js";

const SECONDS = 3;

async function refresh() {
  try {
    const answer = await fetch(location.pathname, { signal: AbortSignal.timeout(SECONDS * 1000) });
    const fresh = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("tenants");
    if (!fresh) throw new Error(`status ${answer.status}`);
    if ($("tenants").innerHTML !== fresh.innerHTML) keepFocus(() => $("tenants").replaceChildren(...fresh.children));
    $("lost").hidden = true;
  } catch {
    $("lost").hidden = false;
  }
  setTimeout(refresh, SECONDS * 1000);
}

/** Do something to the list, and focus the same tenant again. */
function keepFocus(change) {
  const href = document.activeElement?.getAttribute("href");
  change();
  if (href) [...$("tenants").querySelectorAll("a")].find((link) => link.getAttribute("href") === href)?.focus();
}

setTimeout(refresh, SECONDS * 1000);
