// Which agents stand where on the wall.

/**
 * Columns of lines for groups of rows, each group in columns of its own. A line is a `head`, a `row` or `more`, a number
 * of rows that do not fit. Null if somebody does not fit.
 */
export function columnsOf(groups, most, lines) {
  const columns = groups.flatMap(({ id, rows }) =>
    Array.from({ length: Math.ceil(rows.length / (lines - 1)) }, (_, at) => [{ head: id }, ...linesOf(id, rows.slice(at * (lines - 1), (at + 1) * (lines - 1)))]),
  );
  return columns.length <= most ? columns : null;
}

/** The same as one flow through all columns: a group goes on below the one before. What does not fit is counted. */
export function flowOf(groups, most, lines) {
  const all = groups.reduce((sum, { rows }) => sum + rows.length, 0);
  for (let room = Math.min(all, most * lines); room > 0; room -= 1) {
    const columns = flowed(groups, shares(groups, room), lines);
    if (columns.length <= most) return columns;
  }
  return [];
}

/** How many rows of each group are shown, if there is room for so many: small groups whole, large ones the same. */
function shares(groups, room) {
  const shown = groups.map(() => 0);
  for (let left = room; left > 0; ) {
    const open = shown.map((_, index) => index).filter((index) => shown[index] < groups[index].rows.length);
    if (!open.length) break;
    const each = Math.max(1, Math.floor(left / open.length));
    for (const index of open) {
      const added = Math.min(each, groups[index].rows.length - shown[index], left);
      shown[index] += added;
      left -= added;
    }
  }
  return shown;
}

function flowed(groups, shown, lines) {
  const columns = [[]];
  groups.forEach(({ id, rows }, index) => {
    const hidden = rows.length - shown[index];
    const items = [...linesOf(id, rows.slice(0, shown[index])), ...(hidden ? [{ more: hidden, id }] : [])];
    if (columns.at(-1).length > lines - 2) columns.push([]); // no head alone at the bottom
    columns.at(-1).push({ head: id });
    for (const item of items) {
      if (columns.at(-1).length === lines) columns.push([{ head: id }]);
      columns.at(-1).push(item);
    }
  });
  return columns;
}

function linesOf(id, rows) {
  return rows.map((row) => ({ row, id }));
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
