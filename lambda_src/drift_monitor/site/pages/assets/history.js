/** The history page. */

import { csvOf, save } from "./csv.js";
import { History } from "./data.js";
import { byId, dataOf, element, tellFailure } from "./dom.js";
import { heatMap, wholeRun } from "./heat-map.js";
import { lineChart } from "./line-chart.js";
import { jsonLink, reportLink } from "./links.js";
import { pager } from "./pager.js";
import { runsTable } from "./runs-table.js";
import { times, worstFirst } from "./severity.js";

const LINES = 6;
const { monitor, home } = document.body.dataset;
const table = runsTable(byId("runs"), monitor, home);
/** Columns in the chart, and the number of each one's colour. @type {Map<string, number>} */
const drawn = new Map();
let stretch = { runs: [], columns: new Map() };
let order = [];
let endChart = () => {};

/** @param {import("./data.js").Stretch} newStretch */
function show(newStretch) {
  stretch = newStretch;
  order = worstFirst(stretch).filter((name) =>
    stretch.columns.get(name).some((cell) => cell && cell.status !== "skipped"),
  );
  for (const name of drawn.keys()) if (!stretch.columns.has(name)) drawn.delete(name);
  for (const name of order.slice(0, 3)) if (drawn.size < 3 && isScored(name)) draw(name);
  table.show(stretch.runs);
  showHeatMap();
  showChart();
  showFirst(document.querySelectorAll(".with-script"));
}

/** @param {NodeListOf<HTMLElement>} elements that only work with script */
function showFirst(elements) {
  for (const one of elements) one.hidden = false;
}

/** @param {string} name */
function isScored(name) {
  return stretch.columns.get(name).some((cell) => cell && cell.excess !== null);
}

/** @param {string} name */
function draw(name) {
  const taken = new Set(drawn.values());
  const free = Array.from({ length: LINES }, (_, at) => at + 1).find(
    (number) => !taken.has(number),
  );
  if (free) drawn.set(name, free);
}

function showHeatMap() {
  const box = byId("heat-map");
  const map = heatMap(stretch, order, showChoice);
  box.replaceChildren(map);
  box.scrollLeft = box.scrollWidth;
  showChoice(wholeRun(stretch, stretch.runs.length - 1));
}

/**
 * Say what a cell says, and lead on.
 * @param {import("./heat-map.js").Choice} choice
 */
function showChoice({ at, column, said }) {
  const run = stretch.runs[at];
  const links = [reportLink(run, monitor, home, "Report"), jsonLink(run, monitor, home)];
  if (column !== null) {
    links.push(
      element("a", { href: `column.html#${encodeURIComponent(column)}` }, `All about ${column}`),
    );
    if (!drawn.has(column) && drawn.size < LINES && isScored(column))
      links.push(drawButton(column));
  }
  byId("readout").replaceChildren(
    element("p", {}, said),
    element("p", { class: "readout-links" }, ...links),
  );
}

/** @param {string} column */
function drawButton(column) {
  const button = element("button", { type: "button", class: "button" }, "Draw its line below");
  button.addEventListener("click", () => {
    draw(column);
    showChart();
    button.remove();
  });
  return button;
}

function showChart() {
  showChips();
  endChart();
  const lines = [...drawn].map(([label, number]) => ({
    label,
    values: stretch.columns.get(label).map((cell) => cell?.excess ?? null),
    colour: `--line-${number}`,
    dash: number - 1,
  }));
  lines.push({
    label: "Threshold",
    values: stretch.runs.map(() => 1),
    colour: "--ink",
    dash: 4,
    width: 1,
    points: false,
  });
  endChart = lineChart(byId("lines"), {
    times: stretch.runs.map((run) => Date.parse(run.scheduled_at) / 1000),
    lines,
    from: 0,
    say: times,
    choose: (at) => showRun(at),
  });
}

/** @param {number} at */
function showRun(at) {
  const cells = byId("heat-map").querySelectorAll("tbody tr:first-child td");
  cells[at].focus();
  cells[at].scrollIntoView({ block: "nearest", inline: "nearest" });
}

function showChips() {
  const chips = [...drawn].map(([name, number]) => {
    const chip = element(
      "button",
      { type: "button", class: `button chip line-${number}`, "aria-label": `Remove ${name}` },
      element("span", {}, name),
    );
    chip.addEventListener("click", () => {
      drawn.delete(name);
      showChart();
      byId("add").focus();
    });
    return chip;
  });
  byId("chips").replaceChildren(...chips);
  const add = byId("add");
  const rest = order.filter((name) => !drawn.has(name) && isScored(name));
  add.replaceChildren(
    element("option", { value: "" }, "Add a column…"),
    ...rest.map((name) => element("option", { value: name }, name)),
  );
  add.disabled = drawn.size >= LINES || !rest.length;
}

byId("add").addEventListener("change", (event) => {
  draw(event.target.value);
  showChart();
});
byId("csv").addEventListener("click", () =>
  save(csvOf(stretch, table.kept()), `${monitor}-drift.csv`),
);
const history = new History("", dataOf("years"));
await pager(byId("pager"), history, show, (error) => tellFailure(byId("heat-map"), error));
