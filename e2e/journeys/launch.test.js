// Starting an app from a chart (L5, E9): SMART's EHR launch, by a doctor and by a patient, and the picker of a patient for an app that
// came by itself; with fhirclient on the other side.

import assert from "node:assert/strict";
import { test } from "node:test";
import { asks, ready, serveApp, standalone } from "../app.js";
import { open } from "../house.js";
import { look } from "../pages.js";
import { clinic, press } from "../people.js";

const SCOPE = "launch launch/patient openid fhirUser user/*.rs patient/*.rs";
const STARTED = "launch openid fhirUser patient/*.rs";

const house = await open();
const app = await serveApp();
const { doctor, patient: asha, desk, admin } = await clinic(house);
const metadata = {
  client_name: "Growth Chart", redirect_uris: [app.back], initiate_login_uri: app.launch, token_endpoint_auth_method: "none", scope: SCOPE,
};
const client = await house.app(metadata);
app.settings = { clientId: client.client_id, scope: STARTED };

/** Finds a chart that is open to the doctor, by name or record number. */
async function find(page, text) {
  await page.goto("/clinic/launch");
  await page.getByLabel("Name or record number").fill(text);
  await press(page, "Find");
  await page.getByRole("heading", { name: "Patients whose charts are open to you" }).waitFor();
}

/** Starts the app from a chart, but stops it on its way to us: the question that it was about to ask. */
async function stopped(person, begin) {
  const tab = await person.page.context().newPage();
  const asked = new Promise((found) => {
    tab.route("**/oauth/authorize?*", (route) => {
      found(route.request().url());
      return route.abort();
    });
  });
  await begin(tab);
  return asked.finally(() => tab.close());
}

async function startB(tab) {
  await find(tab, "MRN-b");
  await press(tab, "Start");
}

test("L5 a doctor starts an app from a chart that is open, and it is about that chart", async () => {
  const { page } = doctor;
  await page.goto("/clinic/launch");
  await look(page, "clinic-launch");
  await find(page, "MRN-b");
  await look(page, "clinic-launch-found");
  await press(page, "Start");
  await page.waitForURL("**/clinic/consent/*");
  await page.getByText("It is about one chart: Patient/b.").waitFor();
  await press(page, "Allow");
  const told = await ready(page);
  assert.deepEqual([told.patient, told.need_patient_banner], ["b", true]);
  assert.equal((await asks(page, "Patient/b")).name[0].family, "Bose");
  assert.equal(await asks(page, "Patient/a"), 404, "the doctor's other patient is not this app's");
  assert.equal(await page.evaluate(() => window.client.user.fhirUser), "Practitioner/d1");
});

test("E9 a patient starts an app from their own record", async () => {
  const { page } = asha;
  await page.goto("/patient/launch");
  await look(page, "patient-launch");
  await press(page, "Start");
  await page.waitForURL("**/patient/consent/*");
  await page.getByText("It is about your own record.").waitFor();
  await press(page, "Allow");
  assert.equal((await ready(page)).patient, "a");
  assert.equal((await asks(page, "Patient/a")).birthDate, "1990-05-31");
});

test("L5 an app that came by itself is given the patient whom a doctor picks", async () => {
  const page = await doctor.page.context().newPage();
  await page.goto(standalone(app, { iss: house.base, clientId: client.client_id, scope: "launch/patient openid fhirUser user/*.rs patient/*.rs" }));
  await page.getByRole("link", { name: "Go on as staff" }).click();
  await page.waitForURL("**/clinic/consent/*");
  await page.getByRole("link", { name: "Choose the patient" }).click();
  await page.waitForURL("**/clinic/pick/*");
  await look(page, "clinic-pick");
  await page.getByLabel("Name or record number").fill("Nobody");
  await press(page, "Find");
  await page.getByText("None of them has this name or number.").waitFor();
  await page.getByLabel("Name or record number").fill("Bose");
  await press(page, "Find");
  await look(page, "clinic-pick-found");
  await press(page, "Choose this patient");
  await page.waitForURL("**/clinic/consent/*");
  await page.getByText("It is about one chart: Patient/b.").waitFor();
  await press(page, "Allow");
  assert.equal((await ready(page)).patient, "b");
  assert.equal((await asks(page, "Patient/b")).id, "b");
});

test("L5 a start is good once", async () => {
  const asked = await stopped(doctor, startB);
  const page = await doctor.page.context().newPage();
  await page.goto(asked);
  await page.waitForURL("**/clinic/consent/*");
  await press(page, "Do not allow");
  await page.waitForURL(`${app.back}?*`);
  const again = await fetch(asked, { redirect: "manual" });
  const sent = new URL(again.headers.get("location"));
  assert.equal(sent.searchParams.get("error"), "invalid_request");
  assert.match(sent.searchParams.get("error_description"), /was used already/);
});

test("L5 a start is good for that app alone", async () => {
  const other = await house.app({ ...metadata, client_name: "Somebody else's app" });
  const asked = new URL(await stopped(doctor, async (tab) => {
    await find(tab, "MRN-b");
    await tab.getByLabel("App", { exact: true }).selectOption(client.client_id);
    await press(tab, "Start");
  }));
  asked.searchParams.set("client_id", other.client_id);
  const sent = new URL((await fetch(asked, { redirect: "manual" })).headers.get("location"));
  assert.equal(sent.searchParams.get("error"), "invalid_request");
  await house.command("client", "revoke", other.client_id);
});

test("L5 a start is good for the person who made it, and a stolen one is nothing", async () => {
  const asked = await stopped(doctor, startB);
  const thief = await desk.page.context().newPage();
  // Nobody is told whose it was: the question itself is refused.
  const [answer] = await Promise.all([
    thief.waitForResponse((response) => response.url().includes("/clinic/consent/")),
    thief.goto(asked),
  ]);
  assert.equal(answer.status(), 403);
  const question = new URL(answer.url()).pathname;
  const tab = await asha.page.context().newPage();
  assert.equal((await tab.goto(question.replace("/clinic/", "/patient/"))).status(), 403, "nor is it a patient's");
  const page = await doctor.page.context().newPage();
  assert.equal((await page.goto(question)).status(), 200, "it is still the doctor's");
});

test("nobody starts an app from a chart that they do not see", async () => {
  await house.put({ resourceType: "Patient", id: "c", name: [{ family: "Menon" }] });
  /** What comes of a form that names a chart, whoever sends it. */
  const start = async ({ page, realm }, about) => {
    const token = await page.goto(`/${realm}/account`).then(() => page.locator("input[name=token]").first().inputValue());
    return page.request.post(`/${realm}/launch`, {
      form: { token, app: client.client_id, about }, maxRedirects: 0, headers: { origin: house.origin },
    });
  };
  for (const about of ["c", "nobody", "", "../Patient/c"]) assert.equal((await start(doctor, about)).status(), 410, about);
  await find(doctor.page, "MRN-b");
  await doctor.page.goto("/clinic/launch");
  await doctor.page.getByLabel("Name or record number").fill("Menon");
  await press(doctor.page, "Find");
  await doctor.page.getByText("None of them has this name or number.").waitFor();
  assert.ok([403, 404, 405].includes((await start(admin, "a")).status()), "administrators have no charts");
  const own = await start(asha, "b");
  assert.equal(own.status(), 303);
  const launch = new URL(own.headers().location).searchParams.get("launch");
  await asha.page.goto(`${app.launch}?iss=${encodeURIComponent(house.base)}&launch=${launch}`);
  await asha.page.waitForURL("**/patient/consent/*");
  await asha.page.getByText("It is about your own record.").waitFor();
  await press(asha.page, "Allow");
  assert.equal((await ready(asha.page)).patient, "a", "whatever the form says, it is their own");
});
