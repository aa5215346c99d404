// Elements with text. Texts from outside become text nodes, never markup.

/** Make an element. `props` are attributes; a class is `class`. */
export function make(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) if (value != null && value !== false) element.setAttribute(name, value === true ? "" : value);
  element.append(...children.filter((child) => child != null));
  return element;
}

/** Set text, only if it differs: screen readers notice each write. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** The element of this id. */
export function $(id) {
  return document.getElementById(id);
}

/** A glyph with its colour; hidden from screen readers, which read the label beside it. */
export function glyph(place) {
  return make("span", { class: `glyph is-${place.id}`, "aria-hidden": "true" }, place.glyph);
}
