// Every page of a chart, and every page that anybody may read, in English, Hindi and Telugu: accessible, narrow enough for a small phone, in
// light and dark, and photographed (P2, E10).

import assert from "node:assert/strict";
import { test } from "node:test";
import { demo, walk } from "../house.js";
import { look } from "../pages.js";
import { at } from "../people.js";

const TABS = ["timeline", "results", "medicines", "problems", "visits", "notes", "documents", "immunizations", "plans", "vitals", "vitals/new", "details", "emergency"];
const OWN = ["entries", "allergies/new", "card", "elsewhere"];
const house = await demo(6);

/** Where the first result with a trend is. */
async function trend(page, chart) {
  await page.goto(`${chart}/results`);
  return page.locator("tbody tr").filter({ has: page.locator("svg.spark") }).first().locator("a").getAttribute("href");
}

async function looks(page, language, pages) {
  for (const [name, address] of Object.entries(pages)) {
    const answer = await page.goto(address);
    assert.ok([200, 404].includes(answer.status()), `${address}: ${answer.status()}`);
    assert.equal(await page.locator("html").getAttribute("lang"), language, address);
    const said = await page.locator("body").innerText();
    // A key that nobody translated would stand there as it is written.
    assert.doesNotMatch(said, /\b(section|group|flag|kind|measured|my|foot|place|visitor|door|own|about|mission|contact|grievance|status|protect|step)-[a-z]+(-[a-z]+)*\b/, address);
    await look(page, `${name}-${language}`);
  }
}

for (const language of ["en", "hi", "te"]) {
  const options = { extraHTTPHeaders: { "accept-language": language } };

  test(`what anybody may read, in ${language}`, async () => {
    const page = await house.page(options);
    await looks(page, language, {
      front: "/", about: "/about", contact: "/contact", privacy: "/privacy", protection: "/protection", accessibility: "/accessibility", status: "/status",
    });
  });

  test(`what an administrator of a demo is led to, and that nothing has to be done there, in ${language}`, async () => {
    const page = await walk(house, "administrator", options);
    assert.equal(at(page), "/admin/staff");
    await looks(page, language, { "admin-welcome": "/admin/welcome", "admin-pages": "/admin/pages", "admin-pages-edit": `/admin/pages/edit?part=privacy&language=${language}` });
    await page.goto("/admin/welcome");
    assert.equal(await page.locator(".task.open, main form").count(), 0);
    assert.ok((await page.locator(".task.done").count()) > 0);
  });

  test(`a chart in the clinic, in ${language}`, async () => {
    const page = await walk(house, "physician", options);
    const chart = await page.locator("main a[href*='/chart/']").first().getAttribute("href");
    const tabs = TABS.map((tab) => [`clinic-${tab.replace("/", "-")}`, `${chart}/${tab}`]);
    await looks(page, language, {
      today: "/clinic", "clinic-summary": chart, ...Object.fromEntries(tabs), "clinic-result": await trend(page, chart), "clinic-note-form": `${chart}/notes/new`, "clinic-closed": "/clinic/chart/nobody",
    });
  });

  test(`a patient's own record, in ${language}`, async () => {
    const page = await walk(house, "patient", options);
    const chart = at(page);
    const tabs = [...TABS, ...OWN].map((tab) => [`patient-${tab.replace("/", "-")}`, `${chart}/${tab}`]);
    await looks(page, language, { "patient-home": chart, ...Object.fromEntries(tabs), "patient-result": await trend(page, chart) });
  });
}
