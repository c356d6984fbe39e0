/**
 * A monitor's runs, read from the JSON beside the pages: one file per year.
 *
 * @typedef {{start: string, end: string, timezone?: string}} Window
 * In its time zone, UTC where it names none.
 * @typedef {{
 *   run_id: string, scheduled_at: string, window: Window | null,
 *   status: "ok" | "drifted" | "error" | "no_data", severity: "warn" | "critical" | null,
 *   reference_rows: number, current_rows: number,
 *   scored_columns: number, drifted_columns: number, drifted_share: number,
 *   drifted_share_threshold: number | null, report_until: string | null,
 *   broken_columns?: number,
 *   failed_checks?: {critical: number, warn: number},
 *   name: string, verdict: string, percent: string, excess: number,
 * }} Run
 * Excess: how many times its threshold the share of drifted columns is.
 * @typedef {{
 *   status: string, severity: string | null, method: string | null,
 *   score: number | null, threshold: number | null, excess: number | null,
 *   words: string, title: string | null, is_p_value: boolean | null,
 * }} Cell
 * One column in one run. Excess: how far its score is over its threshold, from 1 on; null: it has none.
 * @typedef {{runs: Run[], columns: Map<string, (Cell | null)[]>}} Stretch
 * Runs in a row, the oldest first, and each column's cell in each of them: null where the column was
 * in neither table.
 */

export const RUNS_AT_ONCE = 200;

/**
 * Read a JSON beside the page.
 * @param {string} address
 */
export async function readJson(address) {
  let answer;
  try {
    answer = await fetch(address);
  } catch {
    throw new Error(
      `${address} could not be read: the site does not answer. Reload the page to try again.`,
    );
  }
  if (!answer.ok) {
    throw new Error(
      `${address} could not be read: the site answers ${answer.status}. Reload the page to try again.`,
    );
  }
  return answer.json();
}

/**
 * Unpack a year's file: each column's arrays become cells.
 * @param {any} year
 * @returns {Stretch}
 */
export function unpacked(year) {
  const columns = new Map();
  for (const [name, { verdict, score, excess }] of Object.entries(year.series)) {
    columns.set(
      name,
      verdict.map((number, at) =>
        number === null
          ? null
          : { ...year.verdicts[number], score: score[at], excess: excess[at] },
      ),
    );
  }
  return { runs: year.runs, columns };
}

/**
 * Put two stretches together.
 * @param {Stretch} earlier
 * @param {Stretch} later
 * @returns {Stretch}
 */
export function joined(earlier, later) {
  const columns = new Map();
  for (const name of new Set([...earlier.columns.keys(), ...later.columns.keys()])) {
    columns.set(name, [
      ...(earlier.columns.get(name) ?? earlier.runs.map(() => null)),
      ...(later.columns.get(name) ?? later.runs.map(() => null)),
    ]);
  }
  return { runs: [...earlier.runs, ...later.runs], columns };
}

/**
 * Take the runs from one position up to, but without, another.
 * @param {Stretch} stretch
 * @param {number} from
 * @param {number} to
 * @returns {Stretch}
 */
export function sliced(stretch, from, to) {
  const columns = new Map();
  for (const [name, cells] of stretch.columns) {
    const kept = cells.slice(from, to);
    if (kept.some((cell) => cell !== null)) columns.set(name, kept);
  }
  return { runs: stretch.runs.slice(from, to), columns };
}

/** A monitor's history: reads a year when it is asked for, once. */
export class History {
  /**
   * @param {string} folder the monitor's, such as "" or "../../monitors/flights/"
   * @param {number[]} years that there are
   */
  constructor(folder, years) {
    this.folder = folder;
    this.years = [...years].sort((one, other) => one - other);
    /** @type {Map<number, Promise<Stretch>>} */
    this.read = new Map();
  }

  /**
   * Read a year.
   * @param {number} year
   * @returns {Promise<Stretch>}
   */
  year(year) {
    let reading = this.read.get(year);
    if (!reading) {
      reading = readJson(`${this.folder}history/${year}.json`).then(unpacked);
      this.read.set(year, reading);
    }
    return reading;
  }

  /**
   * Return the newest runs before a run; `older` tells whether there are earlier ones.
   * @param {string | null} runId null: before no run, so the newest there are
   * @param {number} [count]
   * @returns {Promise<Stretch & {older: boolean}>}
   */
  async before(runId, count = RUNS_AT_ONCE) {
    const years = this.years.filter((year) => runId === null || year <= Number(runId.slice(0, 4)));
    let found = { runs: [], columns: new Map() };
    while (years.length && found.runs.length < count) {
      const year = await this.year(years.pop());
      const end =
        runId === null ? year.runs.length : year.runs.filter((run) => run.run_id < runId).length;
      found = joined(sliced(year, 0, end), found);
    }
    const from = Math.max(0, found.runs.length - count);
    const older = from > 0 || years.length > 0;
    return { ...sliced(found, from, found.runs.length), older };
  }

  /**
   * Return the first run after a run, or null.
   * @param {string} runId
   * @returns {Promise<Run | null>}
   */
  async after(runId) {
    for (const year of this.years.filter((one) => one >= Number(runId.slice(0, 4)))) {
      const next = (await this.year(year)).runs.find((run) => run.run_id > runId);
      if (next) return next;
    }
    return null;
  }
}
