// Goes through today's list by keyboard: j down, k up, Enter opens the chart. Where this does not run, Tab and Enter do the same.

const charts = [...document.querySelectorAll("[data-row] a")];

function move(by) {
  const at = charts.indexOf(document.activeElement);
  const next = at < 0 ? (by > 0 ? 0 : charts.length - 1) : Math.min(Math.max(at + by, 0), charts.length - 1);
  charts[next]?.focus();
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (typing || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else return;
  event.preventDefault();
});
