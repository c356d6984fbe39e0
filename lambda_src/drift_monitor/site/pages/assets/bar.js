/** The bar above a report: the runs before and after it that the history knows by now. */

import { History } from "./data.js";
import { dataOf } from "./dom.js";
import { isRemoved } from "./links.js";

const bar = document.getElementById("drift-monitor");
const { monitor, run, home } = bar.dataset;
const folder = `${home}monitors/${monitor}/`;

/** The years that there are: the history page knows. */
async function years() {
  const answer = await fetch(`${folder}history.html`);
  return answer.ok
    ? dataOf("years", new DOMParser().parseFromString(await answer.text(), "text/html"))
    : [];
}

/**
 * @param {string} id of the link
 * @param {import("./data.js").Run | null | undefined} neighbour
 */
function lead(id, neighbour) {
  const link = /** @type {HTMLAnchorElement} */ (document.getElementById(id));
  if (!neighbour) return;
  link.title = neighbour.name;
  link.hidden = false;
  if (isRemoved(neighbour)) {
    link.href = `${folder}history.html`;
    link.textContent += " (report removed)";
  } else {
    link.href = `${home}reports/${monitor}/${neighbour.run_id}/index.html`;
  }
}

const history = new History(folder, await years());
lead("previous-run", (await history.before(run, 1)).runs[0]);
lead("next-run", await history.after(run));
