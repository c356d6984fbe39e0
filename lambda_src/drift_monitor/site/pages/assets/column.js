/** The page of one column, named in the address after #. */

import { categoriesChart, middleChart, nullsChart, scoreChart } from "./column-charts.js";
import { History, readJson } from "./data.js";
import { byId, dataOf, element, tellFailure } from "./dom.js";
import { lineChart } from "./line-chart.js";
import { jsonLink, reportLink } from "./links.js";
import { pager } from "./pager.js";
import { Profiles } from "./profiles.js";
import { times } from "./severity.js";
import { sides } from "./sides.js";
import { digits, percent } from "./words.js";

const { monitor, home } = document.body.dataset;
const profiles = new Profiles("");
const history = new History("", dataOf("years"));
const newest = await newestWithData().catch((error) => tellFailure(byId("sides"), error));
let endings = [];

/** The newest run that had data, the newest where none had; what it found, whole and in short. */
async function newestWithData() {
  const { runs, columns } = await history.before(null);
  const at = runs.findLastIndex((one) => one.status !== "no_data");
  const run = runs.at(at);
  const result = await readJson(`runs/${run.run_id}/drift.json`);
  return { run, columns: result.columns, cellOf: (name) => columns.get(name)?.at(at) };
}

/** The column that the address names; the worst of the newest run where it names none. */
function chosen() {
  return decoded(location.hash.slice(1)) || newest?.columns[0]?.column || "";
}

/** @param {string} text what a reader typed need not be encoded well: then it is taken as it is */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function showNewest() {
  const name = chosen();
  const column = newest?.columns.find((one) => one.column === name);
  document.title = `${name} · ${monitor} · Drift Monitor`;
  for (const place of document.querySelectorAll(".column-name")) place.textContent = name;
  const names = newest?.columns.map((one) => one.column) ?? [];
  const options = (names.includes(name) ? names : [name, ...names]).map((one) =>
    element("option", { value: one, selected: one === name }, one),
  );
  byId("columns").replaceChildren(...options);
  if (!newest) return;
  const cell = newest.cellOf(name);
  byId("verdict").replaceChildren(
    ...(column && cell ? verdict(column, cell) : ["Not in the newest run's tables."]),
  );
  byId("sides").replaceChildren(
    ...(column
      ? sides(column)
      : [element("p", { class: "soft" }, "The newest run's tables do not have this column.")]),
  );
}

/**
 * @param {any} column of drift.json
 * @param {import("./data.js").Cell} cell
 */
function verdict(column, cell) {
  const soft = (text) => element("span", { class: "soft" }, text);
  const parts = [verdictOf(cell)];
  if (cell.score !== null) {
    const kind = cell.is_p_value ? "p-value" : "score";
    parts.push(
      element("span", {}, `${kind} ${digits(cell.score)}, threshold ${digits(cell.threshold)}`),
      soft(`${cell.title}, ${column.kind}`),
    );
  }
  if (column.reason) parts.push(soft(column.reason));
  return [...parts, soft(newest.run.name)];
}

/** @param {import("./data.js").Cell} cell */
function verdictOf({ status, words }) {
  const tone = ["drifted", "ok", "unsure", "muted"].includes(status) ? status : "error";
  return element("span", { class: `verdict ${tone}` }, words);
}

/** @param {import("./data.js").Stretch} stretch */
async function show(stretch) {
  const name = chosen();
  const cells = stretch.columns.get(name) ?? stretch.runs.map(() => null);
  const found = await profiles.of(name, stretch.runs);
  if (stretch !== current || name !== chosen()) return; // the reader has gone on meanwhile
  for (const end of endings) end();
  endings = [];
  const charts = {
    score: scoreChart(cells),
    middle: middleChart(found),
    nulls: nullsChart(found),
    categories: categoriesChart(found),
  };
  for (const [id, chart] of Object.entries(charts)) {
    byId(id).closest("section").hidden = chart === null;
    if (chart) endings.push(drawn(byId(id), chart, stretch.runs));
  }
  byId("column-runs").replaceChildren(
    ...stretch.runs.map((run, at) => rowOf(run, cells[at], found[at])).reverse(),
  );
}

/**
 * Draw a chart of a stretch of runs.
 * @param {HTMLElement} box
 * @param {object} chart
 * @param {import("./data.js").Run[]} runs
 * @returns {() => void} ends the drawing
 */
function drawn(box, chart, runs) {
  const times = runs.map((run) => Date.parse(run.scheduled_at) / 1000);
  return lineChart(box, {
    times,
    height: 230,
    ...chart,
    choose: (at) => mark(runs.length - 1 - at),
  });
}

/**
 * @param {import("./data.js").Run} run
 * @param {import("./data.js").Cell | null} cell
 * @param {import("./profiles.js").Profile | null} profile
 */
function rowOf(run, cell, profile) {
  const { mean, q50, null_share: nullShare } = profile?.current ?? {};
  const numbers = [
    digits(cell?.score),
    digits(cell?.threshold),
    (cell?.excess ?? null) === null ? "–" : times(cell.excess),
    digits(mean),
    digits(q50),
    nullShare === null || nullShare === undefined ? "–" : percent(nullShare),
  ];
  return element(
    "tr",
    { tabindex: -1 },
    element("th", { scope: "row" }, reportLink(run, monitor, home)),
    element("td", {}, cell === null ? "–" : verdictOf(cell)),
    ...numbers.map((text) => element("td", { class: "number" }, text)),
    element("td", { class: "links" }, jsonLink(run, monitor, home)),
  );
}

/**
 * Lead the eye to a run's row.
 * @param {number} line
 */
function mark(line) {
  const rows = [...byId("column-runs").children];
  for (const row of rows) row.classList.toggle("chosen", row === rows[line]);
  rows[line].scrollIntoView({ block: "nearest" });
  rows[line].focus();
}

byId("columns").addEventListener("change", (event) => {
  location.hash = encodeURIComponent(event.target.value);
});
let current = { runs: [], columns: new Map() };
const fail = (error) => tellFailure(byId("score"), error);
addEventListener("hashchange", () => {
  showNewest();
  show(current).catch(fail);
});
showNewest();
await pager(
  byId("pager"),
  history,
  (stretch) => {
    current = stretch;
    show(stretch).catch(fail);
  },
  fail,
);
for (const one of document.querySelectorAll(".with-script")) one.hidden = false;
