/** How far a score is over its threshold. */

/** Beyond this a score is as far as the pages tell apart. */
export const FURTHEST = 1000;

/**
 * Return score over threshold, or threshold over score for p-values: over 1 is drift.
 * @param {import("./data.js").Cell | null} cell
 * @param {Record<string, {title: string, is_p_value: boolean}>} methods
 * @returns {number | null} null: it has no score
 */
export function excess(cell, methods) {
  if (cell === null || cell.score === null || cell.threshold === null || cell.method === null)
    return null;
  return methods[cell.method]?.is_p_value
    ? over(cell.threshold, cell.score)
    : over(cell.score, cell.threshold);
}

/**
 * @param {number} above
 * @param {number} below
 */
export function over(above, below) {
  if (below === 0) return above === 0 ? 1 : FURTHEST;
  return Math.min(above / below, FURTHEST);
}

/**
 * Return the step of the heat map's scale, 0 to 4. The verdict decides between 1 and 2.
 * @param {number} ratio
 * @param {boolean} drifted
 */
export function level(ratio, drifted) {
  if (!drifted) return ratio < 0.5 ? 0 : 1;
  return ratio < 2 ? 2 : ratio < 4 ? 3 : 4;
}

/**
 * Say what became of a column.
 * @param {import("./data.js").Cell} cell
 */
export function statusWords(cell) {
  if (cell.severity === "critical") return "critical drift";
  return cell.status === "ok" ? "no drift" : cell.status;
}

/**
 * Say how many times the threshold.
 * @param {number} ratio
 */
export function times(ratio) {
  if (ratio >= FURTHEST) return `over ${FURTHEST.toLocaleString("en-US")}×`;
  return `${ratio < 10 ? ratio.toFixed(1) : Math.round(ratio)}×`;
}

/**
 * List columns, the worst in the newest run with data first: drifted, then scored, then the others.
 * @param {import("./data.js").Stretch} stretch
 * @param {Record<string, {title: string, is_p_value: boolean}>} methods
 * @returns {string[]}
 */
export function worstFirst(stretch, methods) {
  const newest = stretch.runs.findLastIndex((run) => run.status !== "no_data");
  const rank = (name) => {
    const cell = stretch.columns.get(name)?.[newest] ?? null;
    const ratio = excess(cell, methods);
    return ratio === null
      ? -1
      : ratio + (FURTHEST + 1) * [null, "warn", "critical"].indexOf(cell.severity);
  };
  const ranks = new Map([...stretch.columns.keys()].map((name) => [name, rank(name)]));
  return [...ranks.keys()].sort(
    (one, other) => ranks.get(other) - ranks.get(one) || (one < other ? -1 : 1),
  );
}
