// Keeps an open page up to date: where the server says that something changed, the page asks for itself again and shows what came. Who is
// typing, or has marked something, is told and not disturbed. A page that nobody sees asks for nothing. Where this does not run, the page is
// as new as its last opening.

const LEAST = 2_000;
const main = document.querySelector("#main");
let source = null;
let shownAt = 0;
let waiting = 0;
let since = 0;
let touched = false;

const here = () => main.querySelector("[data-live]");
const part = (name) => here()?.querySelector(`[data-${name}]`);

function clock() {
  return new Date().toLocaleTimeString(document.documentElement.lang, {
    hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", numberingSystem: "latn",
  });
}

/** Whether a script of its own looks after a form here: then the page stays as it is. */
const isKept = () => Boolean(main.querySelector("form[data-autosave]"));

/** Whether somebody would lose what they are at. */
function isBusy() {
  const at = document.activeElement;
  const types = at?.closest?.("input:not([type=hidden], [type=submit]), textarea, select, [contenteditable]") && main.contains(at);
  return touched || isKept() || Boolean(types) || !document.getSelection().isCollapsed || Boolean(document.querySelector("dialog[open]"));
}

function tell(words) {
  const said = part("said");
  if (!said) return;
  said.textContent = words;
  here().hidden = false;
}

/** The link or button that has the focus, by what it leads to. */
function focused() {
  const at = document.activeElement;
  if (!main.contains(at)) return () => {};
  const [id, to] = [at.id, at.getAttribute("href")];
  return () => {
    const again = id ? document.getElementById(id) : [...main.querySelectorAll("a[href]")].find((link) => link.getAttribute("href") === to);
    again?.focus({ preventScroll: true });
  };
}

async function show() {
  shownAt = Date.now();
  let text;
  try {
    const answer = await fetch(location.href, { headers: { "x-unasked": "yes" } });
    if (answer.redirected || !answer.ok) return stop(here()?.dataset.ended);
    text = await answer.text();
  } catch {
    // The stream comes back when the server does, and says again that there is something new.
    return;
  }
  if (isBusy()) return offer();
  const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("#main");
  if (!fresh?.querySelector("[data-live]")) return stop(here()?.dataset.ended);
  const [focus, top, there] = [focused(), window.scrollY, part("there")?.textContent ?? ""];
  const open = [...main.querySelectorAll("details")].map((details) => details.open);
  main.replaceChildren(...fresh.childNodes);
  main.querySelectorAll("details").forEach((details, at) => (details.open = open[at] ?? details.open));
  // Other scripts of the page look at what is there now.
  document.dispatchEvent(new Event("shown"));
  focus();
  window.scrollTo({ top, behavior: "instant" });
  tell(`${here().dataset.updated} ${clock()}`);
  present(there);
}

/** Somebody is at something: they say when. */
function offer() {
  if (!here()) return;
  tell(here().dataset.news);
  // What was typed would go: then it is only said, and shown when the form has been sent.
  if (touched || isKept()) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  button.textContent = here().dataset.show;
  button.addEventListener("click", () => {
    document.getSelection().removeAllRanges();
    button.blur();
    show();
  });
  part("said").append(" ", button);
}

function changed(event) {
  since = event.data;
  clearTimeout(waiting);
  if (isBusy()) return offer();
  waiting = setTimeout(show, Math.max(0, shownAt + LEAST - Date.now()));
}

function present(words) {
  const there = part("there");
  if (!there) return;
  there.textContent = words;
  there.hidden = words === "";
  if (words) here().hidden = false;
}

function others(event) {
  const { also, writing } = here()?.dataset ?? {};
  const names = JSON.parse(event.data).map(({ name, writes }) => (writes ? `${name} (${writing})` : name));
  present(names.length ? `${also} ${names.join(", ")}` : "");
}

function stop(words) {
  source?.close();
  source = null;
  if (words) tell(words);
}

function listen() {
  if (source || document.hidden || !here()) return;
  const address = new URL(here().dataset.live, location.href);
  if (since) address.searchParams.set("since", since);
  if (isKept()) address.searchParams.set("writes", "true");
  source = new EventSource(address);
  source.addEventListener("changed", changed);
  source.addEventListener("there", others);
}

main.addEventListener("input", () => (touched = true));
document.addEventListener("visibilitychange", () => (document.hidden ? stop() : listen()));
window.addEventListener("pagehide", () => stop());
listen();
