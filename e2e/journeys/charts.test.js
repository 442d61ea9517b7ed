// The pages of a chart, in a house full of people who never lived: every visitor's walk, by mouse, by keyboard and without scripts (P1, P2,
// E1, E10). How each page looks in each language is in languages.test.js.

import assert from "node:assert/strict";
import { test } from "node:test";
import { demo, picture, walk } from "../house.js";
import { excess, faults, focused, look } from "../pages.js";
import { at, press } from "../people.js";

const TABS = ["timeline", "vitals", "results", "medicines", "problems", "visits", "notes", "documents", "immunizations", "plans", "details", "emergency"];
const LANGUAGES = { en: "English", hi: "हिन्दी", te: "తెలుగు" };
/** What a first page may weigh: P2. */
const MOST_BYTES = 100_000;

const house = await demo(6);

/** The link to a chart that stands first on the page. */
function firstChart(page) {
  return page.locator("main a[href*='/chart/']").first();
}

/** Walks through a chart as the clinic does: from today's page to each tab; the chart's address. */
async function throughTheChart(page) {
  await firstChart(page).click();
  await page.waitForURL("**/clinic/chart/*");
  const chart = at(page);
  const name = await page.locator(".banner .whose").textContent();
  for (const tab of TABS) {
    await page.locator(`.tabs a[href="${chart}/${tab}"]`).click();
    await page.waitForURL(`**${chart}/${tab}`);
    assert.equal(await page.locator(".banner .whose").textContent(), name, `whose chart it is stands on ${tab}`);
    assert.ok(await page.locator(".banner .allergies").isVisible(), `allergies stand on ${tab}`);
    assert.equal(await page.locator(".tabs [aria-current=page]").getAttribute("href"), `${chart}/${tab}`);
  }
  return chart;
}

/** Walks as a patient does: from home to the results, to what one of them means, and to its trend and table. */
async function throughTheResults(page) {
  const home = at(page);
  await page.locator(".tiles a[href$='/results']").click();
  await page.waitForURL(`**${home}/results`);
  const lines = page.locator("tbody tr");
  assert.ok((await lines.count()) > 3, "there are results");
  await lines.filter({ has: page.locator("svg.spark") }).filter({ has: page.locator(".flag") }).or(lines.filter({ has: page.locator("svg.spark") }))
    .first().locator("a").click();
  await page.waitForURL(`**${home}/results/*`);
  assert.ok(await page.locator(".newest .big").isVisible(), "the newest value stands first");
  assert.ok(await page.locator("svg.trend[role=img]").isVisible(), "the trend is drawn");
  const dots = await page.locator("svg.trend .dot").count();
  assert.ok(dots >= 2 && (await page.locator("tbody tr").count()) >= dots / 2, "the table has what the drawing has");
}

for (const javaScriptEnabled of [true, false]) {
  const way = javaScriptEnabled ? "" : ", without JavaScript";

  test(`P1 a physician walks in, opens a chart from today's page and reads each part of it${way}`, async () => {
    const page = await walk(house, "physician", { javaScriptEnabled });
    assert.equal(at(page), "/clinic");
    await throughTheChart(page);
    await page.locator(".tabs a").first().click();
    await page.locator(".cards").waitFor();
  });

  test(`P1 a patient walks in and reads what a result means, and how it went${way}`, async () => {
    const page = await walk(house, "patient", { javaScriptEnabled });
    assert.match(at(page), /^\/patient\/chart\/[^/]+$/);
    await throughTheResults(page);
  });

  test(`a reader changes the language and stays on the page${way}`, async () => {
    const page = await walk(house, "patient", { javaScriptEnabled });
    await page.locator(".tiles a[href$='/medicines']").click();
    await page.waitForURL("**/medicines");
    const [address, said] = [at(page), new Set()];
    for (const [code, name] of Object.entries(LANGUAGES)) {
      await page.getByRole("button", { name, exact: true }).click();
      await page.locator(`html[lang=${code}]`).waitFor();
      assert.equal(at(page), address);
      said.add(await page.locator("h1").textContent());
    }
    assert.equal(said.size, 3, "each language has words of its own");
  });
}

for (const javaScriptEnabled of [true, false]) {
  const way = javaScriptEnabled ? "" : ", without JavaScript";

  test(`C5 a therapy plan of six sessions shows two of six, and a session is taken back${way}`, async () => {
    const page = await walk(house, "physician", { javaScriptEnabled });
    await firstChart(page).click();
    await page.waitForURL("**/clinic/chart/*");
    const chart = at(page);
    await page.goto(`${chart}/plans`);
    await page.getByRole("link", { name: "Begin a plan" }).click();
    const title = javaScriptEnabled ? "Physiotherapy of the knee" : "Breathing exercises";
    await page.getByLabel("What is done").fill(title);
    await page.getByLabel("Number of sessions").fill("many");
    await press(page, "Save");
    await page.getByText("Enter a number from 1 to 100").waitFor();
    assert.equal(await page.getByLabel("What is done").inputValue(), title, "what was typed stands there still");
    await page.getByLabel("Number of sessions").fill("6");
    await page.getByLabel(/^Goal/).fill("Walk to the market");
    await press(page, "Save");
    await page.waitForURL(`**${chart}/plans`);
    const plan = page.locator("section.plan", { hasText: title });
    await plan.getByText("0/6 sessions").waitFor();
    for (const far of ["1/6 sessions", "2/6 sessions"]) {
      await plan.getByRole("button", { name: "A session took place" }).click();
      await plan.getByText(far).waitFor();
    }
    assert.equal(await page.locator("table tbody th", { hasText: title }).count(), 2, "its sessions stand among the procedures");
    if (javaScriptEnabled) await look(page, "clinic-chart-plans");
    await plan.getByRole("button", { name: "Take the last session back" }).click();
    await plan.getByText("1/6 sessions").waitFor();
    await plan.getByRole("button", { name: "The plan is complete" }).click();
    await plan.getByRole("button", { name: "Go on with it" }).waitFor();
    assert.equal(await plan.getByRole("button", { name: "A session took place" }).count(), 0);
  });
}

test("a nurse walks in, and sees the vital signs of somebody in their care", async () => {
  const page = await walk(house, "nurse");
  assert.equal(at(page), "/clinic");
  await throughTheChart(page);
  await page.locator(".tabs a[href$='/results']").click();
  assert.ok((await page.locator("tbody tr").count()) > 0);
});

test("B3 the front desk sees masked people and when they come, nothing clinical, and never that there is nothing", async () => {
  const page = await walk(house, "front-desk");
  assert.equal(at(page), "/clinic");
  const born = await page.locator("tbody td:nth-child(2)").allTextContents();
  assert.ok(born.length > 0 && born.every((text) => /^\d{4} \(/.test(text)), `years alone: ${born}`);
  const chart = await firstChart(page).getAttribute("href");
  for (const tab of ["", ...TABS.map((tab) => `/${tab}`)]) {
    await page.goto(`${chart}${tab}`);
    const facts = await page.locator(".banner .facts").innerText();
    assert.match(facts, /X{4}/, "numbers are masked");
    assert.doesNotMatch(facts, /TEST-|\d{2}-[A-Z][a-z]{2}-\d{4}/);
    assert.match(await page.locator(".banner .allergies").innerText(), /Not shown to you/, "not “not recorded”, which would be untrue");
    assert.ok(await page.getByText("Not all of this chart is shown to you.").isVisible(), tab);
    assert.equal(await page.locator("main :is(.value, .flag, .lines li, svg.spark)").count(), 0, `nothing clinical on ${tab || "the summary"}`);
    if (!["", "/timeline", "/visits"].includes(tab)) assert.equal(await page.locator("main :is(tbody tr, .event)").count(), 0, tab);
    const kinds = new Set(await page.locator(".event .kind").allTextContents());
    assert.ok([...kinds].every((kind) => ["Appointment", "Visit"].includes(kind)), `${[...kinds]}`);
  }
});

test("A5 an administrator and a privacy officer are refused every chart and every page of the clinic", async () => {
  const chart = at(await walk(house, "patient"));
  for (const as of ["administrator", "privacy-officer"]) {
    const page = await walk(house, as);
    assert.match(at(page), /^\/admin\//);
    for (const address of [chart, chart.replace("/patient/", "/clinic/"), "/clinic", `${chart}/results`]) {
      assert.equal((await page.goto(address)).status(), 403, `${as} at ${address}`);
    }
  }
});

test("A5 a patient's session is worth nothing at the clinic's addresses", async () => {
  const page = await walk(house, "patient");
  const own = at(page).replace("/patient/", "/clinic/");
  for (const address of ["/clinic", own, `${own}/results`, "/clinic/patients", "/clinic/desk", "/admin/staff"]) {
    assert.equal((await page.goto(address)).status(), 403, address);
  }
});

test("E1 a patient's own address with another's id is no chart", async () => {
  const doctor = await walk(house, "physician");
  const charts = await doctor.locator("main a[href*='/chart/']").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  const page = await walk(house, "patient");
  const own = at(page);
  const others = [...new Set(charts.map((to) => to.replace("/clinic/", "/patient/")))].filter((to) => to !== own);
  assert.ok(others.length > 0, "the physician treats more than one");
  for (const other of others) {
    const answer = await page.goto(other);
    assert.ok([403, 404].includes(answer.status()) || at(page) === "/patient/sharing", `${answer.status()}`);
    assert.equal(await page.locator("main :is(.event, .tiles, tbody tr)").count(), 0);
  }
});

test("D9 what counts in an emergency is three clicks from the sign-in, and there within a second", async () => {
  const page = await walk(house, "physician");
  // The first click was the sign-in's button: it ends on today's page.
  await firstChart(page).click();
  await page.waitForURL("**/clinic/chart/*");
  const begun = Date.now();
  await page.locator(".tabs a[href$='/emergency']").click();
  await page.waitForURL("**/emergency");
  await page.locator("h1").waitFor();
  const took = Date.now() - begun;
  assert.ok(took < 1_000, `${took} ms`);
  for (const part of ["Allergies", "Medicines", "Problems", "Whom to call in an emergency", "Blood group and implants", "What the patient has laid down", "Measured last"]) {
    assert.ok(await page.getByRole("heading", { name: part }).isVisible(), part);
  }
});

test("E10 results, who sees the record, and the documents are two clicks from home at most", async () => {
  const page = await walk(house, "patient");
  const home = at(page);
  const straight = await page.locator("main a, .top a").evaluateAll((links) => links.map((link) => new URL(link.href).pathname));
  for (const place of [`${home}/results`, `${home}/documents`, `${home}/medicines`, "/patient/sharing"]) {
    assert.ok(straight.includes(place), `${place} is one click away`);
  }
  await page.locator(".tiles a[href$='/documents']").click();
  await page.waitForURL("**/documents");
  assert.ok(await page.locator(".places a[href='/patient']").isVisible(), "the way home stands on each page");
});

test("P2 a first page weighs less than 100 KB", async () => {
  const places = { front: [undefined, "/"], home: ["patient", "/patient"], today: ["physician", "/clinic"] };
  const doctor = await walk(house, "physician");
  places.chart = ["physician", await firstChart(doctor).getAttribute("href")];
  for (const [name, [as, address]] of Object.entries(places)) {
    // A new browser has nothing in its cache; the session comes along with its cookies alone.
    const cookies = as ? await (await walk(house, as)).context().cookies() : [];
    const context = await house.browser();
    await context.addCookies(cookies);
    const page = await context.newPage();
    const requests = [];
    page.on("requestfinished", (request) => requests.push(request));
    // Scripts of the page are there by then; the stream of an open chart never ends.
    await page.goto(address, { waitUntil: "load" });
    const sizes = await Promise.all(requests.map((request) => request.sizes()));
    const bytes = sizes.reduce((sum, size) => sum + size.responseBodySize + size.responseHeadersSize, 0);
    assert.ok(requests.length >= 2 && bytes > 1000, "the page and its stylesheet were counted");
    assert.ok(bytes < MOST_BYTES, `${name}: ${bytes} bytes`);
    for (const request of requests) assert.equal(new URL(request.url()).origin, house.origin, "nothing comes from elsewhere");
  }
});

test("P2 by keyboard: the skip link comes first, and the focus is seen wherever it is", async () => {
  const page = await walk(house, "physician");
  await firstChart(page).click();
  await page.waitForURL("**/clinic/chart/*");
  await page.setViewportSize({ width: 1024, height: 600 });
  await page.goto(`${at(page)}/timeline`);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  assert.ok((await page.locator(".skip").boundingBox()).y >= 0, "it comes into sight");
  await page.keyboard.press("Enter");
  assert.equal(new URL(page.url()).hash, "#main");
  await page.keyboard.press("Tab");
  assert.ok(await page.evaluate(() => document.querySelector("main").contains(document.activeElement)), "it leads past the places");
  await page.reload();
  const all = await page.locator("a[href], button, select, input:not([type=hidden])").count();
  for (const key of ["Tab", "Shift+Tab"]) {
    for (let step = 0; step < all; step += 1) {
      await page.keyboard.press(key);
      if (await page.evaluate(() => document.activeElement === document.body)) break;
      const { what, isOutlined, isInSight } = await focused(page);
      assert.ok(isOutlined, `the focus is seen: ${what}`);
      assert.ok(isInSight, `nothing hides it: ${what}`);
    }
  }
});

test("P2 at four times the size everything is there, and nothing sticks over it", async () => {
  // WCAG 1.4.10: 1280 × 1024 pixels at 400 %.
  const page = await walk(house, "physician", { viewport: { width: 320, height: 256 } });
  await firstChart(page).click();
  await page.waitForURL("**/clinic/chart/*");
  const chart = at(page);
  for (const tab of ["", "/timeline", "/results", "/medicines"]) {
    await page.goto(`${chart}${tab}`);
    assert.ok((await excess(page)) <= 0, `too wide${tab}`);
    await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight / 2));
    const stuck = await page.locator(".banner, .top, .tabs").evaluateAll((all) => all.filter((one) => one.getBoundingClientRect().bottom > 0).length);
    assert.equal(stuck, 0, "half of so small a window is not to be lost");
  }
});

test("a chart on paper says whose it is, and leaves out what cannot be pressed there", async () => {
  const page = await walk(house, "physician", { viewport: { width: 794, height: 1123 } });
  await firstChart(page).click();
  await page.waitForURL("**/clinic/chart/*");
  await page.emulateMedia({ media: "print" });
  for (const there of [".banner .whose", ".banner .allergies", ".cards"]) assert.ok(await page.locator(there).isVisible(), there);
  for (const gone of [".top", ".tabs", ".foot", ".languages"]) assert.ok(!(await page.locator(gone).isVisible()), gone);
  await picture(page, "chart-print");
});

test("in forced colours flags and tags keep their shape, and axe finds nothing", async () => {
  const page = await walk(house, "physician", { forcedColors: "active" });
  await firstChart(page).click();
  await page.waitForURL("**/clinic/chart/*");
  assert.deepEqual(await faults(page), []);
  const here = await page.locator(".tabs [aria-current]").evaluate((tab) => getComputedStyle(tab).outlineStyle);
  assert.equal(here, "solid", "which part is open is not said by colour alone");
  await picture(page, "chart-forced-colors");
});

// `docs/pictures/` holds copies of these two.
test("the pictures of the README", async () => {
  const doctor = await walk(house, "physician", { viewport: { width: 1366, height: 720 } });
  await firstChart(doctor).click();
  await doctor.locator(".cards").waitFor();
  await picture(doctor, "readme-chart", false);
  const patient = await walk(house, "patient", { viewport: { width: 900, height: 720 } });
  await patient.locator(".tiles").waitFor();
  await picture(patient, "readme-home", false);
});
