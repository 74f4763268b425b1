// Templates that escape by default: html`<p>${anything}</p>`. Only what html`` itself made goes in unescaped.

class Safe {
  constructor(text) {
    this.text = text;
  }
}

const SIGNS = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

const part = (value) => {
  if (value === null || value === undefined || value === false || value === true) return "";
  if (value instanceof Safe) return value.text;
  if (Array.isArray(value)) return value.map(part).join("");
  return String(value).replace(/[&<>"']/g, (sign) => SIGNS[sign]);
};

/** A piece of a page. Values are escaped; nothing, true and false are left out; lists are joined. */
export const html = (strings, ...values) => new Safe(strings.reduce((all, text, n) => all + part(values[n - 1]) + text));

/** Show a piece in an element of the page. */
export const put = (element, piece) => {
  element.innerHTML = part(piece);
};

const SPRITE = new URL("../../icons.svg", import.meta.url).pathname;

/** A picture beside a word; `turns`: it points along the text and mirrors in right-to-left. */
export const icon = (name, turns) =>
  html`<svg class="icon${turns ? " turns" : ""}" aria-hidden="true" focusable="false"><use href="${SPRITE}#${name}"></use></svg>`;
