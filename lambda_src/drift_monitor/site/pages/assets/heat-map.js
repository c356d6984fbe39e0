/** The heat map: a row per column, a cell per run, coloured by score over threshold. */

import { element } from "./dom.js";
import { level, times } from "./severity.js";
import { day, digits, monthAndYear, percent } from "./words.js";

/** Up to so many runs, a cell shows its score; beyond, a mark where it drifted. */
const RUNS_WITH_SCORES = 16;
const WHOLE = "Whole table";

const NO_DATA = { classes: "absent", text: "", said: "no data" };

/**
 * What one cell says.
 * @typedef {{classes: string, text: string, said: string}} Mark
 *
 * What was chosen: a cell's run, and its column, or null for the whole table.
 * @typedef {{at: number, column: string | null, said: string}} Choice
 */

/**
 * Draw the heat map.
 * @param {import("./data.js").Stretch} stretch
 * @param {string[]} order the columns, the first on top
 * @param {(choice: Choice) => void} choose called when a cell is focused or clicked
 * @returns {HTMLTableElement}
 */
export function heatMap(stretch, order, choose) {
  const wide = stretch.runs.length <= RUNS_WITH_SCORES;
  const table = element("table", {
    class: `heat ${wide ? "wide" : "narrow"}`,
    role: "grid",
    "aria-label": "Score over threshold, by column and run",
  });
  const rows = [
    { column: null, marks: stretch.runs.map(markOfRun) },
    ...order.map((column) => ({
      column,
      marks: stretch.columns
        .get(column)
        .map((cell, at) => (stretch.runs[at].status === "no_data" ? NO_DATA : markOfCell(cell))),
    })),
  ];
  const body = element("tbody");
  for (const row of rows) body.append(rowOf(row.column, row.marks));
  table.append(headOf(stretch.runs, wide), body);
  makeGrid(
    table,
    (line, at) => {
      const { column, marks } = rows[line];
      return {
        at,
        column,
        said: `${column ?? WHOLE}, ${stretch.runs[at].name}: ${marks[at].said}`,
      };
    },
    choose,
  );
  return /** @type {HTMLTableElement} */ (table);
}

/**
 * Choose a run's whole table.
 * @param {import("./data.js").Stretch} stretch
 * @param {number} at
 * @returns {Choice}
 */
export function wholeRun(stretch, at) {
  const run = stretch.runs[at];
  return { at, column: null, said: `${WHOLE}, ${run.name}: ${markOfRun(run).said}` };
}

/**
 * @param {string | null} column
 * @param {Mark[]} marks
 */
function rowOf(column, marks) {
  const name =
    column === null
      ? element("span", {}, WHOLE)
      : element("a", { href: `column.html#${encodeURIComponent(column)}`, tabindex: -1 }, column);
  const row = element(
    "tr",
    { class: column === null ? "whole" : null },
    element("th", { scope: "row", title: column ?? WHOLE }, name),
  );
  for (const mark of marks) {
    const cell = document.createElement("td");
    cell.className = mark.classes;
    cell.tabIndex = -1;
    cell.textContent = mark.text;
    row.append(cell);
  }
  return row;
}

/**
 * @param {import("./data.js").Run} run
 * @returns {Mark}
 */
export function markOfRun(run) {
  if (run.status === "error") return { classes: "error", text: "none", said: run.verdict };
  if (run.status === "no_data") return { classes: "no_data", text: "no data", said: "no data" };
  return {
    classes: `h${level(run.excess, run.status === "drifted")}`,
    text: run.percent,
    said:
      `${run.verdict}, ${run.drifted_columns} of ${run.scored_columns} columns drifted ` +
      `(${run.percent}, the table ${fromShare(run.drifted_share_threshold)})`,
  };
}

/** @param {number | null} share */
const fromShare = (share) => (share === null ? "from one column on" : `from ${percent(share)}`);

/**
 * @param {import("./data.js").Cell | null} cell
 * @returns {Mark}
 */
export function markOfCell(cell) {
  if (cell === null) return { classes: "absent", text: "", said: "in neither table" };
  const { status, score, excess } = cell;
  if (excess === null)
    return { classes: status, text: status === "skipped" ? "" : status, said: status };
  const said = cell.is_p_value
    ? `p-value ${digits(score)}, threshold`
    : `score ${digits(score)}, ${times(excess)} the threshold of`;
  return {
    classes: `h${level(excess, status === "drifted")}`,
    text: digits(score),
    said: `${cell.words}, ${said} ${digits(cell.threshold)} (${cell.title})`,
  };
}

/**
 * Head the runs: each by its day where there is room, else by day, month or year.
 * @param {import("./data.js").Run[]} runs
 * @param {boolean} wide
 */
function headOf(runs, wide) {
  const dates = runs.map((run) => new Date(run.scheduled_at));
  const names = wide ? dates.map(day) : namesFor(dates);
  const row = element("tr", {}, element("th", { scope: "col" }, "Column"));
  let year = "";
  for (let at = 0; at < names.length;) {
    let end = at + 1;
    while (!wide && end < names.length && names[end] === names[at]) end += 1;
    const fits = wide || end - at >= 4;
    const said = year && names[at].endsWith(` ${year}`) ? names[at].slice(0, -5) : names[at];
    row.append(
      element("th", { scope: "col", colspan: end - at, title: names[at] }, fits ? said : ""),
    );
    if (fits) year = names[at].slice(-4);
    at = end;
  }
  return element("thead", {}, row);
}

/**
 * Name each date so that a name spans four runs or more on average.
 * @param {Date[]} dates
 */
function namesFor(dates) {
  const ways = [day, monthAndYear, (date) => String(date.getUTCFullYear())];
  const named = ways.map((way) => dates.map(way));
  return named.find((names) => new Set(names).size * 4 <= names.length) ?? named[2];
}

/**
 * Let the arrow keys move through the cells; the whole grid is one stop of the Tab key.
 * @param {HTMLElement} table
 * @param {(line: number, at: number) => Choice} choiceOf
 * @param {(choice: Choice) => void} choose
 */
function makeGrid(table, choiceOf, choose) {
  const lines = [...table.querySelectorAll("tbody tr")];
  const width = lines[0].querySelectorAll("td").length;
  const cell = (line, at) => /** @type {HTMLElement} */ (lines[line].children[at + 1]);
  const placeOf = (target) => {
    const found = target.closest("td");
    return found && [lines.indexOf(found.parentElement), found.cellIndex - 1];
  };
  let focusable = cell(0, width - 1);
  focusable.tabIndex = 0;
  table.addEventListener("focusin", (event) => {
    const place = placeOf(event.target);
    if (!place) return;
    focusable.tabIndex = -1;
    focusable = cell(...place);
    focusable.tabIndex = 0;
    const choice = choiceOf(...place);
    focusable.setAttribute("aria-label", choice.said);
    choose(choice);
  });
  table.addEventListener("mouseover", (event) => {
    const place = placeOf(event.target);
    if (place && !event.target.title) event.target.title = choiceOf(...place).said;
  });
  table.addEventListener("keydown", (event) => {
    const place = placeOf(event.target);
    const step = STEPS[event.key];
    if (!place || !step) return;
    event.preventDefault();
    const [line, at] = step(...place, lines.length - 1, width - 1);
    const next = at < 0 ? lines[line].querySelector("a") : cell(line, at);
    if (!next) return;
    next.focus();
  });
  table.addEventListener("keydown", (event) => {
    const link = event.target.closest("th a");
    if (link && event.key === "ArrowRight") cell(lines.indexOf(link.closest("tr")), 0).focus();
  });
}

/** Where a key leads from a cell: [line, run]; run -1 is the column's name. */
const STEPS = {
  ArrowUp: (line, at) => [Math.max(0, line - 1), at],
  ArrowDown: (line, at, bottom) => [Math.min(bottom, line + 1), at],
  ArrowLeft: (line, at) => [line, at - 1],
  ArrowRight: (line, at, _bottom, end) => [line, Math.min(end, at + 1)],
  Home: (line) => [line, 0],
  End: (line, _at, _bottom, end) => [line, end],
  PageUp: (_line, at) => [0, at],
  PageDown: (_line, at, bottom) => [bottom, at],
};
