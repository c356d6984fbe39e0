/** Lines over time, by uPlot, in the page's own colours. */

/* global uPlot */

import { day, digits } from "./words.js";

const DASHES = [[], [8, 3], [2, 3], [10, 3, 2, 3], [5, 5], [14, 4]];
const MOST_LINEAR = 20;

/**
 * One line. `colour` is the name of a colour of the style sheet, such as "--line-1".
 * @typedef {{
 *   label: string, values: (number | null)[], colour: string,
 *   dash?: number, width?: number, points?: boolean,
 * }} Line
 *
 * An area between two lines, by their positions.
 * @typedef {{between: [number, number], colour: string}} Band
 */

/**
 * Draw lines into an element, again whenever its width or the colours change.
 * @param {HTMLElement} box
 * @param {{times: number[], lines: Line[], bands?: Band[], height?: number, say?: (value: number) => string,
 *   from?: number, choose?: (at: number) => void}} chart
 * times: seconds; say: a value in words; from: a value that the axis begins at or below.
 * @returns {() => void} ends the drawing
 */
export function lineChart(box, chart) {
  let plot = null;
  const draw = () => {
    plot?.destroy();
    plot = new uPlot(
      options(box, chart),
      [chart.times, ...chart.lines.map((line) => line.values)],
      box,
    );
    plot.root.setAttribute("aria-hidden", "true");
    if (chart.choose) {
      plot.over.addEventListener(
        "click",
        () => plot.cursor.idx !== null && chart.choose(plot.cursor.idx),
      );
    }
  };
  const resized = new ResizeObserver(() =>
    plot?.setSize({ width: box.clientWidth, height: chart.height ?? 260 }),
  );
  const dark = matchMedia("(prefers-color-scheme: dark)");
  box.replaceChildren();
  draw();
  resized.observe(box);
  dark.addEventListener("change", draw);
  return () => {
    resized.disconnect();
    dark.removeEventListener("change", draw);
    plot?.destroy();
  };
}

/**
 * @param {HTMLElement} box
 * @param {Parameters<typeof lineChart>[1]} chart
 */
function options(box, chart) {
  const style = getComputedStyle(box);
  const colour = (name) => style.getPropertyValue(name).trim();
  const say = chart.say ?? digits;
  const axis = {
    stroke: colour("--soft"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { stroke: colour("--line"), width: 1 },
    font: `12px ${style.fontFamily}`,
  };
  return {
    width: box.clientWidth,
    height: chart.height ?? 260,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    scales: { x: { range: (_plot, low, high) => padded(low, high) }, y: scaleOf(chart) },
    axes: [
      { ...axis, space: 70, values: DATES },
      {
        ...axis,
        size: 56,
        values: (_plot, marks) => marks.map((mark) => (mark === null ? "" : say(mark))),
      },
    ],
    cursor: { points: { size: 8 }, drag: { x: false, y: false } },
    legend: { markers: { width: 3 } },
    // Where no run is pointed at, the legend tells of the newest.
    hooks: {
      setLegend: [
        (plot) => plot.legend.idx === null && plot.setLegend({ idx: chart.times.length - 1 }),
      ],
    },
    series: [
      {
        label: "Run",
        value: (_plot, seconds) => (seconds === null ? "–" : day(new Date(seconds * 1000))),
      },
      ...chart.lines.map((line) => ({
        label: line.label,
        stroke: colour(line.colour),
        width: line.width ?? 2,
        dash: DASHES[line.dash ?? 0],
        points: {
          show: line.points ?? chart.times.length <= 60,
          size: 5,
          fill: colour(line.colour),
        },
        value: (_plot, value) => (value === null ? "–" : say(value)),
      })),
    ],
    bands: (chart.bands ?? []).map((band) => ({
      series: band.between.map((at) => at + 1),
      fill: colour(band.colour),
    })),
  };
}

/** uPlot's own ways to write a date, with the day before the month. */
const DATES = [
  [31_536_000, "{YYYY}", null, null, null, null, null, null, 1],
  [2_419_200, "{MMM}", "\n{YYYY}", null, null, null, null, null, 1],
  [86_400, "{D} {MMM}", "\n{YYYY}", null, null, null, null, null, 1],
  [60, "{HH}:{mm}", "\n{D} {MMM} {YYYY}", null, "\n{D} {MMM}", null, null, null, 1],
];

/** Leave half an hour's room around a single run, and none that matters around many. */
function padded(low, high) {
  const room = Math.max((high - low) * 0.02, 1800);
  return [low - room, high + room];
}

/**
 * Where values are far apart, draw small ones so that they can be told apart.
 * @param {Parameters<typeof lineChart>[1]} chart
 */
function scaleOf(chart) {
  const values = chart.lines.flatMap((line) => line.values).filter((value) => value !== null);
  const high = values.reduce((one, other) => Math.max(one, other), -Infinity);
  const low = values.reduce((one, other) => Math.min(one, other), Infinity);
  if (chart.from === undefined) return {};
  const far = high > MOST_LINEAR && low >= 0;
  return {
    range: [Math.min(chart.from, low), high > chart.from ? high * 1.08 : chart.from + 1],
    ...(far ? { distr: 4, asinh: 1 } : {}),
  };
}
