/** How far a score is over its threshold. */

/** The JSON says no more than this. */
const FURTHEST = 1000;

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
 * @returns {string[]}
 */
export function worstFirst(stretch) {
  const newest = stretch.runs.findLastIndex((run) => run.status !== "no_data");
  const rank = (name) => {
    const { severity, excess } = stretch.columns.get(name)[newest] ?? { excess: null };
    return excess === null
      ? -1
      : excess + (FURTHEST + 1) * [null, "warn", "critical"].indexOf(severity);
  };
  return [...stretch.columns.keys()].sort(
    (one, other) => rank(other) - rank(one) || (one < other ? -1 : 1),
  );
}
