/** Buttons that lead through a long history: a stretch of runs at a time, or straight to a year. */

import { element } from "./dom.js";
import { day, thousands } from "./words.js";

/**
 * Fill a box with the buttons and show the newest runs.
 * @param {HTMLElement} box
 * @param {import("./data.js").History} history
 * @param {(stretch: import("./data.js").Stretch) => void} show
 * @param {(error: unknown) => void} fail
 */
export async function pager(box, history, show, fail) {
  /** Where each stretch seen so far ends: before this run; null is the newest. */
  let ends = [null];
  let stretch = { runs: [], columns: new Map(), older: false };

  const go = async (newEnds) => {
    try {
      stretch = await history.before(newEnds.at(-1));
    } catch (error) {
      fail(error);
      return;
    }
    ends = newEnds;
    draw();
    show(stretch);
  };
  const button = (label, enabled, act, current = false) => {
    const made = element(
      "button",
      {
        type: "button",
        class: "button",
        disabled: !enabled,
        "aria-current": current ? "true" : null,
      },
      label,
    );
    made.addEventListener("click", act);
    return made;
  };
  const draw = () => {
    const { runs, older } = stretch;
    const several = older || ends.length > 1 || ends[0] !== null;
    box.hidden = !several && history.years.length < 2;
    box.replaceChildren(
      button("‹ Older", older, () => go([...ends, runs[0].run_id])),
      button("Newer ›", ends.length > 1, () => go(ends.slice(0, -1))),
      button("Newest", several && ends.at(-1) !== null, () => go([null])),
      ...(history.years.length > 1
        ? history.years
            .toReversed()
            .map((year) =>
              button(String(year), true, () => go([null, `${year}~`]), ends.at(-1) === `${year}~`),
            )
        : []),
      element("span", { class: "soft", role: "status" }, said(runs)),
    );
  };
  await go(ends);
}

/** @param {import("./data.js").Run[]} runs */
function said(runs) {
  if (!runs.length) return "No runs";
  const [first, last] = [runs[0], runs.at(-1)].map((run) => day(new Date(run.scheduled_at)));
  return `${thousands(runs.length)} runs, ${first} to ${last}`;
}
