// A doctor's note, from the first word to the patient who reads it: with scripts and without, by one and by two at once (C6).

import assert from "node:assert/strict";
import { test } from "node:test";
import { open, picture } from "../house.js";
import { faults } from "../pages.js";
import { at, clinic, press, secondDoctor } from "../people.js";

/** Steps from an open chart to a signed note: open the notes, choose a template, write one field, sign. */
const MOST_STEPS = 4;

const house = await open();
const { admin, doctor, patient } = await clinic(house);
const second = await secondDoctor(house, admin);

/** The field under a heading. */
const field = (page, heading) => page.getByRole("textbox", { name: heading, exact: true });

/** Somebody's browser with or without scripts, signed in. */
async function browser(person, javaScriptEnabled) {
  const other = await person.elsewhere({ javaScriptEnabled });
  await other.signIn();
  return other.page;
}

/** Begins a progress note from the chart; how many steps that took. */
async function begin(page) {
  await page.goto("/clinic/chart/a");
  await page.getByRole("link", { name: "Notes", exact: true }).click();
  await page.getByRole("region", { name: "Write a note" }).getByRole("link", { name: "Progress note" }).click();
  await field(page, "What the patient says").waitFor();
  return 2;
}

async function journey(javaScriptEnabled) {
  const page = await browser(doctor, javaScriptEnabled);
  const other = await browser(second, javaScriptEnabled);
  await begin(page);
  const title = `Review ${javaScriptEnabled ? "with" : "without"} scripts`;
  await page.getByLabel("Title").fill(title);
  await field(page, "Plan").fill("Rest.");
  await press(page, "Save");
  await page.getByText("being written").waitFor();
  const note = at(page);

  await other.goto(note);
  await other.getByRole("link", { name: "Go on writing" }).click();
  await page.getByRole("link", { name: "Go on writing" }).click();
  await field(page, "Plan").fill("Rest. Fluids.");
  await press(page, "Save");
  await page.waitForURL(`**${note}`);
  await field(other, "Plan").fill("Rest. Paracetamol.");
  await field(other, "Assessment").fill("Viral");
  await press(other, "Save");
  await other.getByRole("heading", { name: "Somebody else has changed this note" }).waitFor();
  const side = other.getByRole("group", { name: "Plan" });
  await side.getByText("Rest. Fluids.", { exact: true }).waitFor();
  await side.getByText("Rest. Paracetamol.", { exact: true }).waitFor();
  // Axe is a script itself.
  if (javaScriptEnabled) assert.deepEqual(await faults(other), []);
  await picture(other, `note-beside-${javaScriptEnabled}`);
  const both = side.getByRole("textbox");
  assert.equal(await both.inputValue(), "Rest. Fluids.\n\nRest. Paracetamol.", "nothing of either is left out");
  await both.fill("Rest. Fluids. Paracetamol.");
  await press(other, "Save this");
  await other.waitForURL(`**${note}`);
  for (const said of ["Rest. Fluids. Paracetamol.", "Viral"]) await other.getByText(said, { exact: true }).waitFor();

  await page.goto(note);
  await press(page, "Sign this note");
  await page.getByText(/^Signed by Meera Iyer/).waitFor();
  assert.equal(await page.getByRole("link", { name: "Go on writing" }).count(), 0);
  await page.getByRole("link", { name: "Add to this note" }).click();
  await field(page, "Text").fill("The culture is negative.");
  await press(page, "Save and sign");
  await page.waitForURL(`**${note}`);
  await page.getByText("The culture is negative.").waitFor();
  await picture(page, `note-signed-${javaScriptEnabled}`);

  const reader = await browser(patient, javaScriptEnabled);
  await reader.goto("/patient/chart/a/notes");
  await reader.getByRole("link", { name: title }).click();
  for (const said of ["Rest. Fluids. Paracetamol.", "The culture is negative."]) await reader.getByText(said, { exact: true }).waitFor();
  assert.equal(await reader.locator("main form, main button").count(), 0, "a patient reads it, and has nothing to press");
  if (javaScriptEnabled) assert.deepEqual(await faults(reader), []);
}

test("C6 a note of two doctors is put together, signed, added to and read by the patient, with scripts", () => journey(true));

test("C6 the same without scripts", () => journey(false));

test("C6 a note is signed within the steps that were promised, with the keyboard alone at the end", async () => {
  for (const javaScriptEnabled of [true, false]) {
    const page = await browser(doctor, javaScriptEnabled);
    let steps = await begin(page);
    await field(page, "Plan").fill("Seen, well.");
    steps += 1;
    for (let tab = 0; tab < 2; tab += 1) await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Save and sign");
    await page.keyboard.press("Enter");
    steps += 1;
    await page.getByText(/^Signed by Meera Iyer/).waitFor();
    assert.ok(steps <= MOST_STEPS, `${steps} steps`);
  }
});

test("C6 what is typed is saved by itself, and is there when the browser was killed", async () => {
  const page = await browser(doctor, true);
  await begin(page);
  await page.getByLabel("Title").fill("Cut short");
  await field(page, "What the patient says").fill("Fever since Monday, and");
  await page.getByText(/^Saved by itself at/).waitFor();
  const version = page.locator("input[name=version]");
  assert.equal(await version.inputValue(), "1");
  await field(page, "What the patient says").fill("Fever since Monday, and a cough");
  await page.waitForFunction(() => document.querySelector("input[name=version]").value === "2");
  assert.deepEqual(await faults(page), []);
  const context = page.context();
  await page.close({ runBeforeUnload: false });
  const again = await context.newPage();
  await again.goto("/clinic/chart/a/notes");
  const line = again.locator("tr").filter({ hasText: "Cut short" });
  await line.getByText("being written").waitFor();
  await line.getByRole("link", { name: "Cut short" }).click();
  await again.getByRole("link", { name: "Go on writing" }).click();
  assert.equal(await field(again, "What the patient says").inputValue(), "Fever since Monday, and a cough");
  await press(again, "Save");
  await again.getByText("Fever since Monday, and a cough").waitFor();
});

test("C6 the script says when somebody else was quicker, and the button leads to both texts", async () => {
  const page = await browser(doctor, true);
  const other = await browser(second, false);
  await begin(page);
  await field(page, "Plan").fill("Rest.");
  await press(page, "Save");
  await page.getByText("being written").waitFor();
  const note = at(page);
  await page.goto(`${note}/edit`);
  await other.goto(`${note}/edit`);
  await field(other, "Plan").fill("Surgery.");
  await press(other, "Save");
  await field(page, "Plan").fill("Rest and wait.");
  await page.getByRole("alert").filter({ hasText: "Somebody else has changed this note" }).waitFor();
  await press(page, "Save");
  await page.getByText("Surgery.", { exact: true }).waitFor();
  assert.equal(await page.getByRole("group", { name: "Plan" }).getByRole("textbox").inputValue(), "Surgery.\n\nRest and wait.");
});

test("C6 a note that was entered in error is struck through, with the reason", async () => {
  const page = await browser(doctor, true);
  await begin(page);
  await page.getByLabel("Title").fill("Of somebody else");
  await field(page, "Plan").fill("Not hers.");
  await press(page, "Save and sign");
  await page.getByText(/^Signed by/).waitFor();
  await page.getByText("Mark as entered in error").first().click();
  await page.getByLabel("Reason").fill("Wrong chart");
  await press(page, "Mark as entered in error");
  await page.getByText("Reason: Wrong chart").waitFor();
  assert.ok(await page.locator("del", { hasText: "Not hers." }).isVisible());
  assert.deepEqual(await faults(page), []);
  await picture(page, "note-withdrawn");
});
