/** Links to what a run left: its report, while it is kept, and its JSON. */

import { element } from "./dom.js";

/**
 * Tell whether a run's report has been removed by now.
 * @param {import("./data.js").Run} run
 * @param {Date} [now]
 */
export function isRemoved(run, now = new Date()) {
  return run.report_until !== null && new Date(run.report_until) <= now;
}

/**
 * Link a run's report; say so where it has been removed.
 * @param {import("./data.js").Run} run
 * @param {string} monitor
 * @param {string} home
 * @param {string} [words] what the link says: the run's name where left out
 */
export function reportLink(run, monitor, home, words = run.name) {
  if (isRemoved(run)) {
    return element(
      "span",
      {},
      `${run.name} `,
      element("span", { class: "soft" }, "(report removed, the numbers stay)"),
    );
  }
  return element("a", { href: `${home}reports/${monitor}/${run.run_id}/index.html` }, words);
}

/**
 * Link a run's JSON.
 * @param {import("./data.js").Run} run
 * @param {string} monitor
 * @param {string} home
 */
export function jsonLink(run, monitor, home) {
  const href = `${home}monitors/${monitor}/runs/${run.run_id}/drift.json`;
  return element("a", { href, "aria-label": `JSON of ${run.name}` }, "JSON");
}
