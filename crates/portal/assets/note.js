// Saves a note while it is being written, as its form would: what was typed is in the record before anybody presses Save. Where this
// does not run, the form's button does the same.

const EVERY = 10_000;
const form = document.querySelector("form[data-autosave]");
const said = form.querySelector("[data-saved]");
const failed = form.querySelector("[data-failed]");
let dirty = false;
let stopped = false;
/** The save that is on its way. */
let going = null;

function say(where, words) {
  for (const place of [said, failed]) place.hidden = place !== where;
  where.textContent = words;
}

/** Where a save goes wrong, what was typed stays in the form, and the form's own button leads on. */
function stop(words) {
  stopped = true;
  say(failed, words);
}

async function send() {
  dirty = false;
  try {
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(form.action, { method: "POST", headers: { accept: "application/json" }, body });
    if (answer.redirected) return stop(form.dataset.ended);
    if (answer.status === 409) return stop(form.dataset.stale);
    // There is nothing to save yet.
    if (answer.status === 422) return;
    if (!answer.ok) throw new Error();
    form.elements.version.value = (await answer.json()).version;
    const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", numberingSystem: "latn" });
    say(said, `${form.dataset.done} ${time}`);
  } catch {
    dirty = true;
    say(failed, form.dataset.failed);
  }
}

function save() {
  if (dirty && !going && !stopped) going = send().finally(() => (going = null));
}

form.addEventListener("input", () => (dirty = true));
form.addEventListener("submit", (event) => {
  if (!going) return (dirty = false);
  // The version that this form goes with is only known when the save that is on its way has come back.
  event.preventDefault();
  going.finally(() => form.requestSubmit(event.submitter));
});
document.addEventListener("visibilitychange", () => document.hidden && save());
window.addEventListener("beforeunload", (event) => dirty && event.preventDefault());
setInterval(save, EVERY);
