/** How the pages write dates and numbers. What became of runs and columns is worded in their JSON. */

/** @param {Date} date in UTC */
export function day(date) {
  return date.toUTCString().slice(5, 16).replace(/^0/, "");
}

/** @param {Date} date in UTC */
export function monthAndYear(date) {
  return date.toUTCString().slice(8, 16);
}

/** @param {number} count */
export function thousands(count) {
  return count.toLocaleString("en-US");
}

/** @param {number} share 0 to 1 */
export function percent(share) {
  return share.toLocaleString("en-US", { style: "percent", maximumSignificantDigits: 3 });
}

/**
 * Three digits that matter; — for none.
 * @param {number | null | undefined} number
 */
export function digits(number) {
  if (number === null || number === undefined || !Number.isFinite(number)) return "–";
  if (number !== 0 && (Math.abs(number) >= 1e6 || Math.abs(number) < 1e-4))
    return number.toExponential(1);
  if (Math.abs(number) >= 1000) return Math.round(number).toLocaleString("en-US");
  return String(Number(number.toPrecision(3)));
}

/**
 * Say how long ago a moment was, or how far off it is.
 * @param {Date} moment
 * @param {Date} [now]
 */
export function fromNow(moment, now = new Date()) {
  const seconds = (moment.getTime() - now.getTime()) / 1000;
  const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  for (const [unit, length] of [
    ["year", 31_557_600],
    ["month", 2_629_800],
    ["week", 604_800],
    ["day", 86_400],
    ["hour", 3600],
  ]) {
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
  }
  return relative.format(Math.trunc(seconds / 60), "minute");
}
