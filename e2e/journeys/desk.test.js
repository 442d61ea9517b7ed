// The front desk, from a server on which nobody ever was to patients who are registered and have come (C8, B1), with scripts and without.

import assert from "node:assert/strict";
import { test } from "node:test";
import { open, picture } from "../house.js";
import { excess, faults } from "../pages.js";
import { administrator, press, staff } from "../people.js";

const house = await open();
const admin = await administrator(house);

async function fill(page, fields) {
  await page.goto("/clinic/register");
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value);
  await page.locator("#gender").selectOption("female");
}

for (const javaScriptEnabled of [true, false]) {
  const way = javaScriptEnabled ? "" : ", without JavaScript";
  const name = javaScriptEnabled ? "plain" : "still";
  // Neither run knows the other's people.
  const [given, other, year] = javaScriptEnabled ? ["Lakshmi", "లక్ష్మి", "1990"] : ["Sita", "सीता", "1971"];

  test(`a blank server registers its first patient from the screen alone, and warns of the next${way}`, async () => {
    const desk = await staff(admin, { name: "Tara Sen", email: `desk-${name}@example.org`, role: "front-desk" }, { javaScriptEnabled });
    const { page } = desk;
    await fill(page, { "Given names": given, "Family name": "Rao", "Birth date": `${year}-05-21`, Phone: javaScriptEnabled ? "98765 43210" : "98765 43211" });
    await press(page, "Register");
    await page.getByRole("heading", { name: "The patient is registered" }).waitFor();
    const [number, healthId] = await page.locator("dd code").allTextContents();
    assert.match(number, /^\d{9}$/);
    assert.match(healthId, /^KW (\d{4}-){3}\d{4}$/);
    if (javaScriptEnabled) assert.deepEqual(await faults(page), []);
    await picture(page, `registered-${name}`);

    await fill(page, { "Given names": other, "Birth date": `${year}-05-22`, "Village or town": "Kuppam" });
    await press(page, "Register");
    await page.getByRole("heading", { name: "Is it one of these?" }).waitFor();
    assert.match(await page.locator(".devices").innerText(), new RegExp(`.\\.R\\. born ${year}`));
    assert.equal(await page.getByLabel("Village or town").inputValue(), "Kuppam");
    if (javaScriptEnabled) assert.deepEqual(await faults(page), []);
    await page.setViewportSize({ width: 320, height: 800 });
    assert.ok((await excess(page)) <= 0, "nothing to scroll sideways for");
    await picture(page, `alike-${name}`);
    await page.getByLabel("It is somebody else. I have asked.").check();
    await press(page, "Register");
    await page.getByRole("heading", { name: "The patient is registered" }).waitFor();
    const [another] = await page.locator("dd code").allTextContents();
    assert.notEqual(another, number);

    // Booked for today: marked as come, and taken back.
    await page.getByRole("link", { name: "Open the chart" }).click();
    const id = new URL(page.url()).pathname.split("/").at(-1);
    const day = new Date().toISOString().slice(0, 10);
    await house.put({
      resourceType: "Appointment", id: `today-${name}`, status: "booked", description: "Cough", start: `${day}T09:00:00Z`, end: `${day}T09:15:00Z`,
      participant: [{ actor: { reference: `Patient/${id}` }, status: "accepted" }],
    });
    await page.setViewportSize({ width: 1440, height: 800 });
    await page.goto("/clinic");
    const row = page.locator("tr").filter({ hasText: "Cough" }).filter({ has: page.locator(`a[href="/clinic/chart/${id}"]`) });
    await row.getByRole("button", { name: "Has come" }).click();
    await row.getByRole("button", { name: "In the room" }).click();
    await row.getByRole("button", { name: "One step back" }).click();
    await row.getByRole("button", { name: "In the room" }).waitFor();
    assert.match(await row.innerText(), /arrived/);
    if (javaScriptEnabled) {
      assert.deepEqual(await faults(page), []);
      await page.keyboard.press("j");
      assert.equal(await page.evaluate(() => document.activeElement.closest("[data-row]") !== null), true);
      await page.keyboard.press("Enter");
      await page.waitForURL("**/clinic/chart/*");
    }
  });
}
