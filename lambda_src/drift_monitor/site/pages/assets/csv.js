/** A CSV of runs: RFC 4180, and safe to open in a spreadsheet. */

const RUN = [
  "run_id",
  "scheduled_at",
  "window_start",
  "window_end",
  "verdict",
  "verdict_severity",
  "reference_rows",
  "current_rows",
  "scored_columns",
  "drifted_columns",
  "drifted_share",
];
const COLUMN = ["column", "status", "severity", "method", "score", "threshold"];

/**
 * Write one value. A text that a spreadsheet would take for a formula gets an apostrophe before it.
 * @param {string | number | null | undefined} value
 */
export function field(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Write a row per run and column; for a run without data a row that names no column.
 * @param {import("./data.js").Stretch} stretch
 * @param {Set<string>} wanted the runs to write, by id
 */
export function csvOf(stretch, wanted) {
  const rows = [[...RUN, ...COLUMN]];
  stretch.runs.forEach((run, at) => {
    if (!wanted.has(run.run_id)) return;
    const start = [
      run.run_id,
      run.scheduled_at,
      run.window?.start,
      run.window?.end,
      run.status,
      run.severity,
      run.reference_rows,
      run.current_rows,
      run.scored_columns,
      run.drifted_columns,
      run.drifted_share,
    ];
    if (run.status === "no_data") rows.push([...start, ...COLUMN.map(() => null)]);
    for (const [name, cells] of stretch.columns) {
      const cell = cells[at];
      if (cell)
        rows.push([
          ...start,
          name,
          cell.status,
          cell.severity,
          cell.method,
          cell.score,
          cell.threshold,
        ]);
    }
  });
  return rows.map((row) => `${row.map(field).join(",")}\r\n`).join("");
}

/**
 * Have the browser save a text as a file.
 * @param {string} text
 * @param {string} name
 */
export function save(text, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
