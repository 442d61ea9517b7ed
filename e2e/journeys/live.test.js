// Open charts hear of what changes in them, and staff of each other (B5, C7): in under two seconds, without disturbing who types, and nobody
// of what they may not see.

import assert from "node:assert/strict";
import { test } from "node:test";
import { open, picture } from "../house.js";
import { excess, faults } from "../pages.js";
import { clinic, press, secondDoctor } from "../people.js";

/** The longest that a change may take to an open screen, in milliseconds. */
const SOON = 2_000;

const house = await open();
const { admin, desk, doctor, patient } = await clinic(house);
const second = await secondDoctor(house, admin);

const subject = { reference: "Patient/a" };
let minute = 10;
/** A pulse rate, each a minute after the one before. */
const pulse = (id, value, more = {}) => ({
  resourceType: "Observation", id, status: "final", subject, effectiveDateTime: `2024-01-05T10:${minute++}:00Z`,
  code: { coding: [{ system: "http://loinc.org", code: "8867-4", display: "Heart rate" }] },
  category: [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "vital-signs" }] }],
  valueQuantity: { value, unit: "/min", system: "http://unitsofmeasure.org", code: "/min" }, ...more,
});

/** Opens a chart's page and waits until it listens. */
async function listening(page, address) {
  const stream = page.waitForResponse((answer) => answer.url().includes("/changes"));
  await page.goto(address);
  assert.equal((await stream).status(), 200);
}

const updated = (page) => page.getByText(/^This page was brought up to date at \d\d:\d\d:\d\d/);

test("C7 what a nurse or a device stores stands on the doctor's open screen in two seconds, without a reload", async () => {
  const { page } = doctor;
  await listening(page, "/clinic/chart/a/results");
  await page.evaluate(() => (window.isTheSame = true));
  await house.put(pulse("new", 137));
  const stored = Date.now();
  await page.getByText("137").first().waitFor();
  const took = Date.now() - stored;
  assert.ok(took < SOON, `${took} ms`);
  assert.ok(await page.evaluate(() => window.isTheSame), "the page was not loaded again");
  await updated(page).waitFor();
  assert.deepEqual(await faults(page), []);
  for (const width of [320, 768, 1440]) {
    await page.setViewportSize({ width, height: 800 });
    assert.ok((await excess(page)) <= 0);
    await picture(page, `live-${width}`);
  }
});

test("B5 what a patient writes on the phone stands on the doctor's open screen, and on the patient's own", async () => {
  await listening(doctor.page, "/clinic/chart/a");
  const phone = await patient.elsewhere({ viewport: { width: 320, height: 700 } });
  await phone.signIn();
  await listening(patient.page, "/patient/chart/a");
  await phone.page.goto("/patient/chart/a/allergies/new");
  await phone.page.getByRole("textbox").first().fill("Peanuts");
  await press(phone.page, "Save");
  const stored = Date.now();
  await doctor.page.getByText(/Peanuts/).first().waitFor();
  assert.ok(Date.now() - stored < SOON);
  await doctor.page.getByText(/reported by the patient|by the patient/i).first().waitFor();
  await patient.page.getByText(/Peanuts/).first().waitFor();
});

test("who types is told, and not disturbed", async () => {
  const { page } = doctor;
  await listening(page, "/clinic/chart/a/vitals/new");
  const field = page.getByRole("textbox").first();
  await field.fill("12");
  await house.put(pulse("another", 88));
  await page.getByText("Something in this chart has changed.").waitFor();
  assert.equal(await field.inputValue(), "12");
  assert.equal(await page.getByRole("button", { name: "Show it" }).count(), 0, "what was typed would be lost");
});

test("C7 two who open one chart know of each other, and who writes", async () => {
  await listening(doctor.page, "/clinic/chart/a/notes");
  assert.equal(await doctor.page.getByText("Also in this chart:").isVisible(), false);
  await second.page.goto("/clinic/chart/a");
  await doctor.page.getByText("Also in this chart: Dr Anil Nair", { exact: true }).waitFor();
  await second.page.getByText("Also in this chart: Dr Meera Iyer", { exact: true }).waitFor();
  await second.page.goto("/clinic/chart/a/notes");
  await second.page.getByRole("region", { name: "Write a note" }).getByRole("link", { name: "Progress note" }).click();
  await doctor.page.getByText("Also in this chart: Dr Anil Nair (writing)", { exact: true }).waitFor();
  assert.deepEqual(await faults(doctor.page), []);
  await second.page.goto("/clinic");
  await doctor.page.getByText("Also in this chart:").waitFor({ state: "hidden" });
});

test("C8 who is checked in at the desk has come on the doctor's open list in two seconds, and the keys go on", async () => {
  const day = new Date().toISOString().slice(0, 10);
  await house.put({
    resourceType: "Appointment", id: "today", status: "booked", description: "Cough", start: `${day}T09:00:00Z`, end: `${day}T09:15:00Z`,
    participant: [{ actor: subject, status: "accepted" }, { actor: { reference: "Practitioner/d1" }, status: "accepted" }],
  });
  const { page } = doctor;
  await listening(page, "/clinic");
  const row = (of) => of.page.locator("tr").filter({ hasText: "Cough" });
  await row(doctor).getByText("booked").first().waitFor();
  await page.keyboard.press("j");
  await page.evaluate(() => (window.isTheSame = true));
  await desk.page.goto("/clinic");
  await row(desk).getByRole("button", { name: "Has come" }).click();
  const marked = Date.now();
  await row(doctor).getByText("arrived").first().waitFor();
  const took = Date.now() - marked;
  assert.ok(took < SOON, `${took} ms`);
  assert.ok(await page.evaluate(() => window.isTheSame), "the page was not loaded again");
  await updated(page).waitFor();
  // Where the keys stood they stand again, and they find the rows that came.
  assert.ok(await page.evaluate(() => document.activeElement.closest("[data-row]") !== null));
  assert.equal(await page.getByRole("button", { name: /shortcut|keys/i }).count(), 1);
  assert.deepEqual(await faults(page), []);
  for (const width of [320, 768, 1440]) {
    await page.setViewportSize({ width, height: 800 });
    assert.ok((await excess(page)) <= 0);
    await picture(page, `today-live-${width}`);
  }
  // Who looks for a name is told, and not disturbed.
  await page.getByRole("searchbox").fill("Ra");
  await row(desk).getByRole("button", { name: "In the room" }).click();
  await page.getByText("This list has changed.").waitFor();
  assert.equal(await page.getByRole("searchbox").inputValue(), "Ra");
});

test("nobody hears of what they may not see", async () => {
  const { page } = doctor;
  await listening(page, "/clinic/chart/a/results");
  let asked = 0;
  page.on("request", (request) => (asked += request.headers()["x-unasked"] ? 1 : 0));
  const security = [{ system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "PSY" }];
  await house.put(pulse("hidden", 61, { meta: { security } }));
  await house.put({ ...pulse("of-b", 62), subject: { reference: "Patient/b" } });
  await house.put(pulse("seen", 144));
  await page.getByText("144").first().waitFor();
  assert.equal(asked, 1, "the page asked once, for the one that it may show");
});

test("a stranger hears nothing, and a session that ends ends the stream", async () => {
  const outside = await second.page.evaluate(async () => (await fetch("/clinic/chart/nobody/changes?since=1")).status);
  assert.equal(outside, 404);
  const { page } = second;
  await listening(page, "/clinic/chart/a/results");
  const other = await second.elsewhere();
  await other.signIn();
  await other.page.goto("/clinic/account");
  await press(other.page, "Sign out everywhere");
  await house.put(pulse("after", 151));
  // The stream closes; the page shows what it had, and not what came since.
  const answer = await page.evaluate(async () => (await fetch("/clinic/chart/a/changes?since=1", { redirect: "manual" })).type);
  assert.equal(answer, "opaqueredirect");
  assert.equal(await page.getByText("151").count(), 0);
});

test("without scripts the page is as it was opened, and says nothing of being kept up to date", async () => {
  const quiet = await doctor.elsewhere({ javaScriptEnabled: false });
  await quiet.signIn();
  await quiet.page.goto("/clinic/chart/a/results");
  await quiet.page.getByText("151").first().waitFor();
  assert.equal(await quiet.page.getByText("Show it").isVisible(), false);
});
