// Which agents stand in which column of the wall.

/** Columns for groups of rows, in their order: each group has one or more; what does not fit is `hidden`. */
export function columnsFor(groups, most, lines) {
  const shown = groups.slice(0, most);
  const widths = shown.map(() => 1);
  for (let left = most - shown.length; left > 0; left -= 1) {
    const needs = shown.map((group, index) => group.rows.length - widths[index] * lines);
    const neediest = needs.indexOf(Math.max(...needs));
    if (neediest < 0 || needs[neediest] <= 0) break;
    widths[neediest] += 1;
  }
  return shown.flatMap((group, index) => divided(group, widths[index], lines));
}

function divided({ id, rows }, width, lines) {
  const room = width * lines;
  const fits = rows.length > room ? Math.max(0, room - 1) : rows.length;
  return Array.from({ length: width }, (_, at) => ({
    id,
    rows: rows.slice(at * lines, Math.min(fits, (at + 1) * lines)),
    hidden: at === width - 1 ? rows.length - fits : 0,
  }));
}

/** The longest form of a name that fits: "Kavya Al-Sayed", "Kavya A.", "Kavya", "Kav…". */
export function shortName(name, fits) {
  const words = name.split(/\s+/);
  const forms = [name];
  if (words.length > 1) forms.push(`${words[0]} ${[...words.at(-1)][0]}.`);
  forms.push(words[0]);
  const form = forms.find(fits);
  if (form) return form;
  const letters = [...words[0]];
  while (letters.length > 1 && !fits(`${letters.join("")}…`)) letters.pop();
  return `${letters.join("")}…`;
}
