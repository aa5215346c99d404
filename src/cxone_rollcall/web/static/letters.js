// How large letters must be to be read from a distance.

/** Minutes of arc of a capital letter: the least that is read with ease, and what is preferred. */
export const LEAST = 16;
export const PREFERRED = 20;
/** Height of a capital letter, as a part of the font size. */
const CAPITAL = 0.7;

/** The font size in pixels at which capitals have so many minutes of arc on a full screen. */
export function fontSize(arc, { distance, diagonal, width, height }) {
  const metres = distance * Math.tan((arc / 60) * (Math.PI / 180));
  const metresOfScreen = (diagonal * 0.0254 * height) / Math.hypot(width, height);
  return ((metres / metresOfScreen) * height) / CAPITAL;
}

/** Distance in metres and diagonal in inches from the address; 5 m and 55 inches without them. */
export function placeOfScreen(search) {
  const given = new URLSearchParams(search);
  return { distance: within(given.get("distance"), 0.5, 50, 5), diagonal: within(given.get("diagonal"), 7, 400, 55) };
}

function within(text, least, most, otherwise) {
  const value = Number.parseFloat(text);
  return value >= least && value <= most ? value : otherwise;
}
