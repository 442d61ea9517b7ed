// Goes through today's list by keyboard: j down, k up, Enter opens the chart. Where this does not run, Tab and Enter do the same.
// Whoever speaks to a browser, or leans on keys, turns it off (WCAG 2.1.4); this browser remembers that.

const OFF = "keepwell-keys-off";

function kept() {
  try {
    return localStorage.getItem(OFF) === "yes";
  } catch {
    return false;
  }
}

let isOff = kept();

/** The way to turn it off; the hint is a new one each time the list was brought up to date. */
function offer() {
  const hint = document.querySelector("[data-keys]");
  if (!hint) return;
  const button = document.createElement("button");
  button.type = "button";
  button.id = "keys";
  button.className = "quiet";
  const say = () => (button.textContent = isOff ? hint.dataset.on : hint.dataset.off);
  button.addEventListener("click", () => {
    isOff = !isOff;
    try {
      localStorage.setItem(OFF, isOff ? "yes" : "no");
    } catch {
      // Then it holds for this page.
    }
    say();
  });
  say();
  hint.append(" ", button);
  hint.hidden = false;
}

function move(by) {
  const charts = [...document.querySelectorAll("[data-row] a")];
  const at = charts.indexOf(document.activeElement);
  const next = at < 0 ? (by > 0 ? 0 : charts.length - 1) : Math.min(Math.max(at + by, 0), charts.length - 1);
  charts[next]?.focus();
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (isOff || typing || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else return;
  event.preventDefault();
});

offer();
document.addEventListener("shown", offer);
