// An administrator and a privacy officer watch over the house: the audit log as a signed ledger, a check of it, a checkpoint to keep, and
// how the server is; with scripts and without (F1, F6, E3).

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { open } from "../house.js";
import { look } from "../pages.js";
import { Person, PASSWORD, at, clinic, press } from "../people.js";

const house = await open();
const own = await clinic(house);

/** Starts a check, and waits until the page says what came of it, which it does by itself. */
async function checks(page) {
  await page.goto("/admin/log");
  await press(page, "Check it now");
  await page.waitForURL("**/admin/log/check");
  await page.getByText(/All \d+ entries hold/).waitFor();
}

test("F1 an administrator reads the audit log, and no patient's name in it", async () => {
  await own.patient.page.goto("/patient/chart/a");
  const { page } = own.admin;
  await page.goto("/admin/log");
  await page.getByText("Name not shown").first().waitFor();
  await look(page, "admin-log");
  const text = await page.locator("main").textContent();
  assert.match(text, /Nila Das/);
  for (const name of ["Asha", "Rao", "MRN-"]) assert.ok(!text.includes(name), name);
  await page.getByLabel("Who").fill("Nila");
  await page.getByLabel("What").fill("set-up");
  await press(page, "Show");
  await page.getByRole("cell", { name: "Made an account" }).waitFor();
  assert.equal(at(page), "/admin/log", "what is asked for stands in no address");
  assert.equal(new URL(page.url()).search, "");
  await page.getByLabel("Who").fill("Nobody at all");
  await press(page, "Show");
  await page.getByText("No entry is like that.").waitFor();
  await look(page, "admin-log-none");
});

test("F6 the log is checked at work, with scripts and without, and a checkpoint is taken that the command line holds it against", async () => {
  const { page } = own.admin;
  await checks(page);
  await look(page, "admin-log-check");
  const guest = await own.admin.elsewhere({ javaScriptEnabled: false });
  await guest.signIn();
  const plain = guest.page;
  await checks(plain);
  await plain.goto("/admin/log");
  const [download] = await Promise.all([plain.waitForEvent("download"), plain.getByRole("link", { name: "Download the checkpoint" }).click()]);
  const note = readFileSync(await download.path(), "utf8");
  assert.match(note, /\n— /, "a signed note");
  const kept = join(tmpdir(), `keepwell-checkpoint-${process.pid}.txt`);
  writeFileSync(kept, note);
  const said = await house.command("verify", "--without-index", "--checkpoint", kept);
  assert.match(said, /Nothing is wrong/);
});

test("E3 a privacy officer reads all names, and nobody of the clinic or the patients comes in", async () => {
  const { page } = own.admin;
  await page.goto("/admin/staff");
  await page.getByLabel("Full name").fill("Test Officer");
  await page.getByLabel("E-mail", { exact: true }).fill("privacy@example.org");
  await page.locator("#role").selectOption("privacy-officer");
  await press(page, "Make an invitation");
  const link = await page.locator("code.link").textContent();
  const officer = new Person(house, await house.page(), "admin", "privacy@example.org");
  await officer.page.goto(link);
  await officer.page.getByLabel("Password").fill(PASSWORD);
  await press(officer.page, "Go on");
  await officer.enrol();
  await officer.page.getByRole("link", { name: "Audit log" }).click();
  await officer.page.getByText("Asha Rao").first().waitFor();
  assert.equal((await officer.page.goto("/admin/house")).status(), 403);
  for (const person of [own.doctor, own.patient]) assert.equal((await person.page.goto("/admin/log")).status(), 403);
});

test("an administrator sees how the server is", async () => {
  const { page } = own.admin;
  await page.goto("/admin/house");
  await page.getByRole("heading", { name: "This server" }).waitFor();
  await page.getByRole("row", { name: /^listen/ }).waitFor();
  await look(page, "admin-house");
});
