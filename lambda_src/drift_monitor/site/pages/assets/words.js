/** How the pages say things: as the pages that are made on the server do. */

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAY = 86_400_000;

const VERDICTS = { ok: "no drift", drifted: "drift", error: "not scored", no_data: "no data" };

/**
 * Say a run's verdict.
 * @param {import("./data.js").Run} run
 */
export function verdictWords(run) {
  const verdict = run.severity === "critical" ? "critical drift" : VERDICTS[run.status];
  if (!run.failed_checks) return verdict;
  const failed = run.failed_checks.critical + run.failed_checks.warn;
  return `${failed} ${failed === 1 ? "check" : "checks"} failed, ${verdict}`;
}

/** @param {Date} date */
export function dayAndMonth(date) {
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
}

/** @param {Date} date */
export function monthAndYear(date) {
  return `${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

/** @param {Date} date */
export function day(date) {
  return `${dayAndMonth(date)} ${date.getUTCFullYear()}`;
}

/** @param {Date} date */
export function minute(date) {
  return `${day(date)} ${date.toISOString().slice(11, 16)}`;
}

/**
 * Say a window as people do: whole days by their first and last, as its own time zone counts them.
 * @param {import("./data.js").Window | null} window
 */
export function windowWords(window) {
  if (window === null) return "all rows there";
  const start = clockAt(window.start);
  const end = clockAt(window.end);
  if (start.getUTCHours() || end.getUTCHours())
    return `${minute(start)} to ${minute(end)} ${window.timezone ?? "UTC"}`;
  const last = new Date(end.getTime() - DAY);
  if (last <= start) return day(start);
  return `${firstDay(start, last)} to ${day(last)}`;
}

/**
 * What a clock showed there, as if it were UTC.
 * @param {string} moment with its own offset, such as 2026-10-25T00:00:00+02:00
 */
function clockAt(moment) {
  return new Date(`${moment.slice(0, 19)}Z`);
}

/**
 * @param {Date} start
 * @param {Date} last
 */
function firstDay(start, last) {
  if (start.getUTCFullYear() !== last.getUTCFullYear()) return day(start);
  return start.getUTCMonth() === last.getUTCMonth()
    ? String(start.getUTCDate())
    : dayAndMonth(start);
}

/**
 * Name a run by its window; where there is none, by its time.
 * @param {import("./data.js").Run} run
 */
export function runWords(run) {
  return run.window === null
    ? `${minute(new Date(run.scheduled_at))} UTC`
    : windowWords(run.window);
}

/** @param {number} count */
export function thousands(count) {
  return count.toLocaleString("en-US");
}

/** @param {number} share 0 to 1 */
export function percent(share) {
  return share > 0 && share < 0.005 ? "<1%" : `${roundedHalfToEven(share * 100)}%`;
}

/**
 * Round as the server does.
 * @param {number} number
 */
function roundedHalfToEven(number) {
  const below = Math.floor(number);
  if (number - below !== 0.5) return Math.round(number);
  return below % 2 ? below + 1 : below;
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
