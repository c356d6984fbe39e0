/** The table of runs: sorts by a click on a heading, filters by verdict and by words. */

import { element } from "./dom.js";
import { jsonLink, reportLink } from "./links.js";
import { thousands } from "./words.js";

const SORTS = {
  run: (run) => run.run_id,
  verdict: (run) => ["error", "no_data", "drifted", "ok"].indexOf(run.status),
  share: (run) => run.drifted_share,
  rows: (run) => run.current_rows,
};

/**
 * Return the runs that fit a filter, in order.
 * @param {import("./data.js").Run[]} runs
 * @param {{verdict: string, words: string, by: keyof typeof SORTS, descending: boolean}} view
 */
export function shown(runs, view) {
  const words = view.words.trim().toLowerCase();
  const kept = runs.filter(
    (run) => (view.verdict === "" || run.status === view.verdict) && wordsOf(run).includes(words),
  );
  const key = SORTS[view.by];
  const sign = view.descending ? -1 : 1;
  return kept.sort((one, other) => {
    if (key(one) === key(other)) return one.run_id < other.run_id ? 1 : -1;
    return key(one) < key(other) ? -sign : sign;
  });
}

/** @param {import("./data.js").Run} run */
function wordsOf(run) {
  return `${run.name} ${run.scheduled_at} ${run.run_id} ${run.verdict}`.toLowerCase();
}

/**
 * Take over the table that the server made.
 * @param {HTMLElement} section
 * @param {string} monitor
 * @param {string} home
 */
export function runsTable(section, monitor, home) {
  const body = section.querySelector("tbody");
  const count = section.querySelector("[role=status]");
  const verdict = section.querySelector("select");
  const words = section.querySelector("input");
  const view = { verdict: "", words: "", by: "run", descending: true };
  let runs = [];

  const draw = () => {
    const kept = shown(runs, view);
    body.replaceChildren(...kept.map((run) => rowOf(run, monitor, home)));
    count.textContent =
      kept.length === runs.length
        ? `${thousands(runs.length)} runs`
        : `${thousands(kept.length)} of ${thousands(runs.length)} runs`;
    for (const head of section.querySelectorAll("th[data-by]")) {
      head.setAttribute(
        "aria-sort",
        head.dataset.by === view.by ? (view.descending ? "descending" : "ascending") : "none",
      );
    }
  };
  for (const head of section.querySelectorAll("th[data-by]")) {
    const button = element("button", { type: "button" }, head.textContent);
    button.addEventListener("click", () => {
      view.descending = view.by === head.dataset.by ? !view.descending : true;
      view.by = head.dataset.by;
      draw();
    });
    head.replaceChildren(button);
  }
  verdict.addEventListener("change", () => {
    view.verdict = verdict.value;
    draw();
  });
  words.addEventListener("input", () => {
    view.words = words.value;
    draw();
  });

  return {
    /** @param {import("./data.js").Run[]} newRuns */
    show(newRuns) {
      runs = [...newRuns];
      draw();
    },
    /** The runs that the filter leaves, by id. */
    kept: () => new Set(shown(runs, view).map((run) => run.run_id)),
  };
}

/**
 * @param {import("./data.js").Run} run
 * @param {string} monitor
 * @param {string} home
 */
function rowOf(run, monitor, home) {
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, reportLink(run, monitor, home)),
    element(
      "td",
      {},
      element("span", { class: `verdict ${run.failed_checks ? "" : run.status}` }, run.verdict),
    ),
    element(
      "td",
      { class: "number" },
      run.scored_columns && run.status !== "error"
        ? `${run.drifted_columns} of ${run.scored_columns} (${run.percent})`
        : "–",
    ),
    element("td", { class: "number" }, thousands(run.current_rows)),
    element("td", { class: "links" }, jsonLink(run, monitor, home)),
  );
}
