/** What the charts of a column's page show; null where there is nothing to draw. */

import { percent } from "./words.js";

/** @param {(import("./data.js").Cell | null)[]} cells */
export function scoreChart(cells) {
  if (!cells.some((cell) => cell?.score != null)) return null;
  const values = (key) => cells.map((cell) => cell?.[key] ?? null);
  return {
    from: 0,
    height: 270,
    lines: [
      { label: "Score", values: values("score"), colour: "--line-1" },
      {
        label: "Threshold",
        values: values("threshold"),
        colour: "--line-2",
        dash: 1,
        width: 1.5,
        points: false,
      },
    ],
  };
}

/**
 * The middle of numbers: quantiles as bands, and the means of both sides.
 * @param {(import("./profiles.js").Profile | null)[]} found
 */
export function middleChart(found) {
  const values = (side, key) => found.map((profile) => profile?.[side][key] ?? null);
  if (!values("current", "mean").some((value) => value !== null)) return null;
  const quantile = (key, label) => ({
    label,
    values: values("current", key),
    colour: "--inner-band",
    width: 1,
    points: false,
  });
  return {
    lines: [
      quantile("q95", "95th percentile"),
      quantile("q75", "75th"),
      quantile("q25", "25th"),
      quantile("q05", "5th"),
      {
        label: "Median",
        values: values("current", "q50"),
        colour: "--line-3",
        dash: 2,
        points: false,
      },
      { label: "Mean", values: values("current", "mean"), colour: "--line-1" },
      {
        label: "Reference's mean",
        values: values("reference", "mean"),
        colour: "--line-2",
        dash: 1,
        width: 1.5,
        points: false,
      },
    ],
    bands: [
      { between: [0, 3], colour: "--band" },
      { between: [1, 2], colour: "--band" },
    ],
  };
}

/** @param {(import("./profiles.js").Profile | null)[]} found */
export function nullsChart(found) {
  const values = (side) => found.map((profile) => profile?.[side].null_share ?? null);
  if (!values("current").some((value) => value !== null)) return null;
  return { from: 0, say: percent, lines: twoSides(values("current"), values("reference")) };
}

/** @param {(import("./profiles.js").Profile | null)[]} found */
export function categoriesChart(found) {
  const values = (key) => found.map((profile) => profile?.[key] ?? null);
  if (!values("new").some((value) => value !== null)) return null;
  return {
    from: 0,
    lines: [
      { label: "New", values: values("new"), colour: "--line-1" },
      { label: "Gone", values: values("vanished"), colour: "--line-2", dash: 1 },
    ],
  };
}

/**
 * @param {(number | null)[]} current
 * @param {(number | null)[]} reference
 */
function twoSides(current, reference) {
  return [
    { label: "Current", values: current, colour: "--line-1" },
    {
      label: "Reference",
      values: reference,
      colour: "--line-2",
      dash: 1,
      width: 1.5,
      points: false,
    },
  ];
}
