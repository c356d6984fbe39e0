/** Elements. What is data goes in as text, never as HTML. */

/**
 * Make an element.
 * @param {string} tag
 * @param {Record<string, string | number | boolean | null | undefined>} [attributes] false, null: left out
 * @param {...(Node | string | number | null)} children strings become text
 * @returns {HTMLElement}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined)
      made.setAttribute(name, String(value));
  }
  made.append(
    ...children
      .filter((child) => child !== null)
      .map((child) => (child instanceof Node ? child : String(child))),
  );
  return made;
}

/**
 * Find an element that the page has.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no #${id}.`);
  return found;
}

/**
 * Read the data that the page was made with.
 * @param {string} id of a script element of JSON
 * @param {Document} [page]
 */
export function dataOf(id, page = document) {
  return JSON.parse(page.getElementById(id)?.textContent ?? "null");
}

/**
 * Say in a section that it could not be filled, and why.
 * @param {HTMLElement} section
 * @param {unknown} error
 */
export function tellFailure(section, error) {
  const sentence = error instanceof Error ? error.message : String(error);
  section.replaceChildren(element("p", { class: "alert", role: "alert" }, sentence));
}
