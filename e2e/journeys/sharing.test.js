// Share, watch, revoke: a patient sees what a share would mean, gives it, finds it in the list and in the log, and ends it (E2, E1, F8),
// with scripts and without.

import assert from "node:assert/strict";
import { test } from "node:test";
import { demo, walk } from "../house.js";
import { look } from "../pages.js";
import { at, press } from "../people.js";

const house = await demo(4);

for (const javaScriptEnabled of [true, false]) {
  const way = javaScriptEnabled ? "" : ", without JavaScript";

  test(`E2 a patient shares a document with a clinician for a week, and takes it back${way}`, async () => {
    const page = await walk(house, "patient", { javaScriptEnabled });
    const chart = at(page);
    await page.goto(`${chart}/share`);
    if (javaScriptEnabled) await look(page, "patient-chart-share");
    await press(page, "Share");
    await page.getByText("Choose with whom").waitFor();
    const name = (await page.locator("#with option[value^='Practitioner/']").last().textContent()).trim();
    const before = await page.getByRole("button", { name: /^Stop sharing/ }).count();
    await page.getByLabel("With", { exact: true }).selectOption({ label: name });
    await page.getByLabel("These documents").check();
    await page.locator(".under input[name^='doc-']").first().check();
    await press(page, "See what they would see");
    await page.getByText(`What ${name} would see. Nothing is shared yet.`).waitFor();
    const [, all, , then] = await page.locator("tbody tr", { has: page.locator("th", { hasText: /^Documents$/ }) }).first().locator("th, td").allTextContents();
    assert.ok(Number(then) >= 1 && Number(then) <= Number(all), `${then} of ${all}`);
    assert.ok(await page.locator(".under input[name^='doc-']").first().isChecked(), "what was picked stays picked");
    if (javaScriptEnabled) await look(page, "patient-chart-share-checked");
    await press(page, "Share");
    await page.waitForURL(`**${chart}/share`);
    const stop = page.getByRole("button", { name: /^Stop sharing/ });
    assert.equal(await stop.count(), before + 1);
    await page.locator("tbody tr", { hasText: "One document" }).filter({ hasText: name }).filter({ has: page.getByRole("button", { name: /^Stop sharing/ }) }).first().getByRole("button").click();
    await page.waitForURL(`**${chart}/share`);
    assert.equal(await stop.count(), before, "it is over at once");
    await page.goto(`${chart}/viewers`);
    for (const said of ["Shared the record, or a part of it", "Stopped sharing"]) assert.ok((await page.locator("tbody").textContent()).includes(said), said);
  });
}
