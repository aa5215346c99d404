// Light or dark: what the system prefers, until somebody chooses. `?theme=dark` chooses for a television.

const KEY = "rollcall-theme";
const asked = new URLSearchParams(location.search).get("theme");
const chosen = ["light", "dark"].includes(asked) ? asked : read();
if (chosen) document.documentElement.dataset.theme = chosen;

/** Change to the other theme, and keep it. */
export function toggleTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  try {
    localStorage.setItem(KEY, root.dataset.theme);
  } catch {
    // It holds until the page is closed.
  }
}

function read() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
