/** The overview: how long ago each monitor ran, and which did not run when it should have. */

import { element } from "./dom.js";
import { fromNow } from "./words.js";

const GRACE = 2 * 3_600_000;
const now = new Date();

for (const time of document.querySelectorAll("time[data-relative]")) {
  time.append(` (${fromNow(new Date(time.dateTime), now)})`);
}
const late = [...document.querySelectorAll(".card[data-next-run]")].filter(
  (card) => Date.parse(card.dataset.nextRun) + GRACE < now.getTime(),
);
for (const card of late) {
  card.querySelector(".next-run").textContent = "Was due";
  card.querySelector(".card-verdict").append(element("span", { class: "verdict late" }, "overdue"));
}
// What nobody looks after is worse than what is known to drift.
document.querySelector(".cards").prepend(...late);
