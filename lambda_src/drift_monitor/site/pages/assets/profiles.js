/**
 * What each run's tables held in one column: the monitor's profiles, a file per year.
 *
 * @typedef {{kind: string, reference: Record<string, number | null>, current: Record<string, number | null>,
 *   new: number | null, vanished: number | null}} Profile
 */

import { readJson } from "./data.js";

/** Reads a year's profiles when a run of it is asked for, once. */
export class Profiles {
  /** @param {string} folder the monitor's */
  constructor(folder) {
    this.folder = folder;
    /** @type {Map<string, Promise<any>>} */
    this.read = new Map();
  }

  /**
   * Return a column's profile in each run; null where there is none.
   * @param {string} column
   * @param {import("./data.js").Run[]} runs
   * @returns {Promise<(Profile | null)[]>}
   */
  async of(column, runs) {
    const years = new Map();
    for (const year of new Set(runs.map((run) => run.run_id.slice(0, 4))))
      years.set(year, await this.year(year));
    return runs.map((run) => profileIn(years.get(run.run_id.slice(0, 4)), column, run.run_id));
  }

  /** @param {string} year */
  year(year) {
    let reading = this.read.get(year);
    if (!reading) {
      reading = readJson(`${this.folder}profiles/${year}.json`);
      this.read.set(year, reading);
    }
    return reading;
  }
}

/**
 * @param {any} year
 * @param {string} column
 * @param {string} runId
 * @returns {Profile | null}
 */
export function profileIn(year, column, runId) {
  const at = year.runs.indexOf(runId);
  const packed = Object.hasOwn(year.columns, column) ? year.columns[column] : null;
  if (at < 0 || !packed || packed.kind[at] === null) return null;
  const side = (arrays) =>
    Object.fromEntries(Object.entries(arrays).map(([name, values]) => [name, values[at]]));
  return {
    kind: packed.kind[at],
    reference: side(packed.reference),
    current: side(packed.current),
    new: packed.new[at],
    vanished: packed.vanished[at],
  };
}
