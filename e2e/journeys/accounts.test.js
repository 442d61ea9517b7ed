// From the first start of the program to a patient whose account is linked to a chart, on pages that run no script.

import assert from "node:assert/strict";
import { test } from "node:test";
import { open } from "../house.js";
import { Person, PASSWORD, administrator, at, chart, link, newcomer, organization, press, staff } from "../people.js";

const PLAIN = { javaScriptEnabled: false };
const house = await open();
let admin, desk, patient;

test("A14 the first run makes the administrator once, and a wrong token makes none", async () => {
  const page = await house.page(PLAIN);
  await page.goto("/setup");
  await page.getByLabel("Set-up token").fill("kw_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
  await page.getByLabel("Name of your facility").fill("Elsewhere");
  await page.getByLabel("Your full name").fill("Mallory");
  await page.getByLabel("Your e-mail").fill("mallory@example.org");
  await page.getByLabel("Password").fill(PASSWORD);
  await press(page, "Go on");
  await page.getByText("this is not the newest set-up token").waitFor();

  admin = await administrator(house, PLAIN);
  assert.equal(at(admin.page), "/admin/welcome");
  assert.equal(admin.recovery.length, 10);
  assert.equal((await page.goto("/setup")).status(), 404, "there is no second first run");
});

test("A8 staff come by an invitation that opens once", async () => {
  await house.put({ resourceType: "Organization", id: "lakeside", name: "Lakeside Clinic" });
  await organization(admin, "lakeside");
  desk = await staff(admin, { name: "Tara Sen", email: "desk@example.org", role: "front-desk" }, PLAIN);
  assert.equal(at(desk.page), "/clinic/account");
});

test("A3 A4 staff sign in with password and authenticator app, and a code is good once", async () => {
  await desk.signOut();
  await desk.page.goto("/clinic/account");
  assert.equal(at(desk.page), "/clinic/sign-in", "the session is over");
  const other = await desk.elsewhere(PLAIN);
  await other.page.goto("/clinic/sign-in");
  await other.password("not my kettle at all");
  await other.page.getByRole("alert").waitFor();
  await desk.password();
  const code = await desk.second();
  await desk.page.waitForURL("**/clinic/account");
  await other.password();
  await other.second(code);
  await other.page.getByText("this code is not right, or was used already").waitFor();
  assert.equal(await other.session(), undefined);
});

test("A1 a patient signs up, and the front desk links the account to the chart", async () => {
  await house.put({ resourceType: "Practitioner", id: "d1", name: [{ family: "Iyer", given: ["Meera"] }] });
  await chart(house, "a");
  patient = await newcomer(house, { name: "Asha Rao", email: "asha@example.org" }, PLAIN);
  await patient.page.getByText("Your account is not linked to a health record yet.").waitFor();
  await link(patient, desk, { name: "Asha Rao", born: "1990-05-31", chart: "a" });
  await patient.page.goto("/patient/account");
  assert.equal(await patient.page.getByText("Your account is not linked").count(), 0);
});

test("A5 one realm's session opens no page of another", async () => {
  assert.equal((await patient.page.goto("/admin/staff")).status(), 403);
  assert.equal((await desk.page.goto("/admin/staff")).status(), 403);
  assert.equal((await admin.page.goto("/clinic/desk")).status(), 403);
});

test("A4 a recovery code opens the account once", async () => {
  const signIn = async () => {
    const person = new Person(house, await house.page(PLAIN), "patient", patient.email);
    await person.page.goto("/patient/sign-in");
    await person.password();
    await person.page.getByLabel("Code", { exact: true }).fill(patient.recovery[0]);
    await press(person.page, "Go on");
    return person.page;
  };
  const first = await signIn();
  await first.getByRole("heading", { name: "Your account" }).waitFor();
  await first.getByText("9 recovery codes left").waitFor();
  const second = await signIn();
  await second.getByText("this code is not right, or was used already").waitFor();
});

test("A12 signing out everywhere ends the session in every browser", async () => {
  const other = await patient.elsewhere(PLAIN);
  await other.signIn();
  await press(other.page, "Sign out everywhere");
  await other.page.waitForURL("**/patient/sign-in");
  await patient.page.goto("/patient/account");
  assert.equal(at(patient.page), "/patient/sign-in");
});
