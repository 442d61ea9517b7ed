// Vital signs and patients' own entries, from end to end (C1, B5, P1): a nurse enters a set by keyboard alone, and marks what was wrong; a
// patient writes down an allergy, and the doctor sees whose word it is and accepts it. With scripts and without.

import assert from "node:assert/strict";
import { test } from "node:test";
import { demo, picture, walk } from "../house.js";
import { excess, faults } from "../pages.js";
import { at, press } from "../people.js";

const house = await demo(6);
/** As many keys as somebody presses in half a minute at two a second. */
const MOST_KEYS = 60;

/** The chart of the patient of the demo, in whose care team its clinicians are. */
async function chart() {
  return at(await walk(house, "patient")).split("/").at(-1);
}

/** Presses keys and counts them. */
class Keyboard {
  count = 0;

  constructor(page) {
    this.page = page;
  }

  async press(key) {
    this.count += 1;
    await this.page.keyboard.press(key);
  }

  async type(text) {
    for (const key of text) await this.press(key);
  }

  /** Types into the field that has the focus, and goes on to the next. */
  async fill(...values) {
    for (const value of values) {
      await this.type(value);
      await this.press("Tab");
    }
  }
}

/** Enters a set from the flowsheet on, without a mouse; how many keys that took. */
async function enter(page, id, values) {
  await page.goto(`/clinic/chart/${id}/vitals`);
  await page.getByRole("link", { name: "Enter vital signs" }).focus();
  const keys = new Keyboard(page);
  await keys.press("Enter");
  await page.waitForURL("**/vitals/new");
  await page.locator("#systolic:focus").waitFor();
  await keys.fill(...values);
  // Weight and height stay as they are.
  await keys.press("Tab");
  await keys.press("Tab");
  // A letter chooses: air, alert; the scale stays.
  await keys.fill("a", "a");
  await keys.press("Tab");
  if (await page.locator("#pregnant").count()) await keys.fill("n");
  assert.equal(await page.evaluate(() => document.activeElement.id), "measured");
  await keys.press("Enter");
  return keys.count;
}

for (const javaScriptEnabled of [true, false]) {
  const way = javaScriptEnabled ? "" : ", without JavaScript";

  test(`C1 a nurse enters vital signs by keyboard within thirty seconds of keys, and strikes a wrong one${way}`, async () => {
    const id = await chart();
    const page = await walk(house, "nurse", { javaScriptEnabled });
    const values = javaScriptEnabled ? ["120", "80", "72", "16", "37,2", "98"] : ["121", "81", "73", "15", "37.1", "97"];
    const keys = await enter(page, id, values);
    await page.waitForURL("**/vitals?saved=yes");
    assert.ok(keys <= MOST_KEYS, `${keys} keys`);
    await page.getByRole("status").getByText("The vital signs are saved.").waitFor();
    const sheet = page.locator(".flowsheet");
    assert.match(await sheet.locator("tbody tr").first().locator("td").first().innerText(), new RegExp(`${values[0]}/${values[1]} mmHg`));
    assert.match(await page.locator(".news").innerText(), /NEWS2|not computed/);
    await picture(page, `vitals-sheet${javaScriptEnabled ? "" : "-plain"}`);
    // What was wrong is struck through with a reason, and stays.
    await sheet.getByRole("link", { name: `${values[2]} /min` }).first().click();
    await page.waitForURL("**/entries/vitals/*");
    await page.getByLabel("Why").fill("it was another patient's");
    await press(page, "Mark as entered in error");
    await page.getByText("it was another patient's").waitFor();
    await page.getByRole("link", { name: "Back" }).click();
    await page.waitForURL("**/vitals");
    const struck = sheet.locator("td p").filter({ has: page.locator("s", { hasText: `${values[2]} /min` }) });
    assert.match(await struck.first().innerText(), /entered in error[\s\S]*it was another patient's/);
  });

  test(`C1 what is unusual is asked again, with all that was typed${way}`, async () => {
    const id = await chart();
    const page = await walk(house, "nurse", { javaScriptEnabled });
    await page.goto(`/clinic/chart/${id}/vitals/new`);
    await page.locator("#systolic").fill("240");
    await page.locator("#heart-rate").fill("७२");
    await page.locator("#measured").press("Enter");
    await page.getByRole("alert").waitFor();
    assert.deepEqual([await page.locator("#systolic").inputValue(), await page.locator("#heart-rate").inputValue()], ["240", "७२"]);
    // axe is a script itself.
    if (javaScriptEnabled) assert.deepEqual(await faults(page), []);
    await picture(page, `vitals-wrong${javaScriptEnabled ? "" : "-plain"}`);
    await page.locator("#heart-rate").fill("");
    await page.getByLabel("I have checked this value: 240").check();
    await page.locator("#measured").press("Enter");
    await page.waitForURL("**/vitals?saved=yes");
    assert.match(await page.locator(".flowsheet tbody td").first().innerText(), /240\/– mmHg[\s\S]*critically high/);
  });

  test(`B5 a patient's own allergy is labelled as theirs until the doctor accepts it${way}`, async () => {
    const id = await chart();
    const what = javaScriptEnabled ? "Cashew nuts" : "Wasp stings";
    const patient = await walk(house, "patient", { javaScriptEnabled });
    await patient.goto(`/patient/chart/${id}/entries`);
    await patient.getByRole("link", { name: "Write down an allergy" }).click();
    await patient.getByLabel("What you are allergic to").fill(what);
    await patient.getByLabel("What happens").fill("Swollen lips");
    await patient.getByLabel("How bad it was").selectOption("severe");
    await press(patient, "Save");
    await patient.waitForURL("**/entries");
    const own = patient.locator(".own li").filter({ hasText: what });
    assert.match(await own.innerText(), /no clinician has accepted it yet/);
    await picture(patient, `own-entries${javaScriptEnabled ? "" : "-plain"}`);

    const doctor = await walk(house, "physician", { javaScriptEnabled });
    await doctor.goto(`/clinic/chart/${id}/problems`);
    assert.match(await doctor.locator(".banner .allergies").innerText(), new RegExp(`${what} \\(severe, reported by the patient\\)`));
    const line = doctor.locator("tbody tr").filter({ hasText: what });
    assert.match(await line.innerText(), /not confirmed[\s\S]*reported by the patient/);
    await line.getByRole("link", { name: what }).click();
    await doctor.waitForURL("**/entries/allergies/*");
    await press(doctor, "Accept it");
    await doctor.getByText("accepted by a clinician").waitFor();
    await doctor.goto(`/clinic/chart/${id}/problems`);
    assert.doesNotMatch(await line.innerText(), /not confirmed|reported by the patient/);
    await patient.reload();
    assert.match(await own.innerText(), /accepted by a clinician/);
  });
}

test("the flowsheet is a sheet of paper: A4 on its side, with whose it is and nothing to press", async () => {
  const id = await chart();
  const page = await walk(house, "nurse", { viewport: { width: 1123, height: 794 } });
  for (let set = 0; set < 12; set += 1) {
    await page.goto(`/clinic/chart/${id}/vitals/new`);
    await page.locator("#heart-rate").fill(String(60 + set));
    await page.locator("#temperature").fill("37.5");
    await page.locator("#measured").fill(`2026-01-${String(set + 1).padStart(2, "0")} 08:00`);
    await page.locator("#measured").press("Enter");
    await page.waitForURL("**/vitals?saved=yes");
  }
  await page.emulateMedia({ media: "print" });
  for (const there of [".banner .whose", ".flowsheet table"]) assert.ok(await page.locator(there).isVisible(), there);
  for (const gone of [".top", ".tabs", ".foot", ".filters"]) assert.ok(!(await page.locator(gone).isVisible()), gone);
  assert.equal(await page.locator(".flowsheet thead th").count(), 13);
  assert.ok((await excess(page)) <= 0, "twelve times lie beside each other");
  const pdf = (await page.pdf({ preferCSSPageSize: true })).toString("latin1");
  const boxes = [...pdf.matchAll(/\/MediaBox ?\[([^\]]+)\]/g)].map(([, box]) => box.trim().split(/\s+/).map(Number));
  assert.ok(boxes.some(([, , width, height]) => width > height && Math.round(width) === 842), JSON.stringify(boxes));
  await picture(page, "vitals-print");
});
