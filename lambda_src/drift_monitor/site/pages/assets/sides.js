/** Reference beside current: what the newest run's drift.json says of one column. */

import { element } from "./dom.js";
import { digits, percent, thousands } from "./words.js";

/**
 * Return the tables that compare the two sides.
 * @param {any} column of drift.json
 * @returns {HTMLElement[]}
 */
export function sides(column) {
  const { reference, current } = column;
  if (!reference && !current)
    return [
      element(
        "p",
        { class: "soft" },
        column.reason ?? "The column was not read in the newest run.",
      ),
    ];
  const parts = [compared(reference ?? {}, current ?? {})];
  for (const [title, change] of [
    ["New in current", column.new_categories],
    ["Gone from current", column.vanished_categories],
  ]) {
    if (change) parts.push(element("h3", {}, title), element("p", {}, changeWords(change)));
  }
  const blocks = [element("div", {}, ...parts)];
  if (reference?.frequent || current?.frequent)
    blocks.push(element("div", {}, frequent(reference?.frequent ?? [], current?.frequent ?? [])));
  return blocks;
}

/**
 * @param {any} reference
 * @param {any} current
 */
function compared(reference, current) {
  const share = (side) =>
    side.values === undefined ? "–" : percent(side.nulls / Math.max(1, side.values + side.nulls));
  const count = (number) => (number === undefined || number === null ? "–" : thousands(number));
  const rows = [
    ["Values", count(reference.values), count(current.values)],
    ["Without a value", share(reference), share(current)],
  ];
  for (const [key, title] of [
    ["mean", "Mean"],
    ["std", "Standard deviation"],
  ]) {
    if (key in reference || key in current) addNumber(rows, title, reference[key], current[key]);
  }
  for (const quantile of Object.keys(reference.quantiles ?? current.quantiles ?? {})) {
    addNumber(
      rows,
      quantileWords(Number(quantile)),
      reference.quantiles?.[quantile],
      current.quantiles?.[quantile],
    );
  }
  if ((reference.distinct ?? current.distinct ?? null) !== null)
    rows.push(["Categories", count(reference.distinct), count(current.distinct)]);
  return listOf(["", "Reference", "Current"], rows);
}

/**
 * @param {string[][]} rows
 * @param {string} title
 * @param {number | null | undefined} before
 * @param {number | null | undefined} after
 */
function addNumber(rows, title, before, after) {
  if ((before ?? null) !== null || (after ?? null) !== null)
    rows.push([title, digits(before), digits(after)]);
}

/** @param {number} share */
function quantileWords(share) {
  if (share === 0.5) return "Median";
  const percentile = Math.round(share * 100);
  return `${percentile}${percentile === 1 ? "st" : "th"} percentile`;
}

/**
 * @param {{value: string, share: number}[]} reference
 * @param {{value: string, share: number}[]} current
 */
function frequent(reference, current) {
  const shareIn = (side, value) => side.find((one) => one.value === value)?.share ?? null;
  const values = [...new Set([...current, ...reference].map((one) => one.value))];
  const most = Math.max(...[...reference, ...current].map((one) => one.share));
  const cell = (share) =>
    share === null
      ? [element("span", { class: "soft" }, "not among them")]
      : [
          percent(share),
          element("meter", { min: 0, max: most, value: share, "aria-hidden": "true" }),
        ];
  const rows = values.map((value) => [
    value === "" ? "(empty text)" : value,
    cell(shareIn(reference, value)),
    cell(shareIn(current, value)),
  ]);
  return listOf(["Most frequent value", "Reference", "Current"], rows);
}

/** @param {{categories: number, share: number, examples: string[]}} change */
function changeWords(change) {
  if (!change.categories) return "No category.";
  const categories = change.categories === 1 ? "category" : "categories";
  const counted = `${thousands(change.categories)} ${categories}, ${percent(change.share)} of the values there`;
  if (!change.examples.length) return `${counted}; none has ten rows, so none is named.`;
  const such = change.examples.length < change.categories ? ", such as" : ":";
  return `${counted}${such} ${change.examples.join(", ")}.`;
}

/**
 * @param {string[]} heads
 * @param {(string | (string | Node)[])[][]} rows
 */
function listOf(heads, rows) {
  const [first, ...others] = heads;
  const head = element(
    "tr",
    {},
    first ? element("th", { scope: "col" }, first) : element("td"),
    ...others.map((title) => element("th", { scope: "col", class: "number" }, title)),
  );
  const body = rows.map(([title, ...cells]) =>
    element(
      "tr",
      {},
      element("th", { scope: "row", class: "wrap" }, ...[title].flat()),
      ...cells.map((cell) => element("td", { class: "number" }, ...[cell].flat())),
    ),
  );
  const table = element(
    "table",
    { class: "list" },
    element("thead", {}, head),
    element("tbody", {}, ...body),
  );
  return element(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": first || "Numbers" },
    table,
  );
}
