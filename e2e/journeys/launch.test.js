// Starting an app from a chart (L5, E9): SMART's EHR launch, by a doctor and by a patient, with fhirclient on the other side.

import assert from "node:assert/strict";
import { test } from "node:test";
import { asks, ready, serveApp } from "../app.js";
import { open } from "../house.js";
import { look } from "../pages.js";
import { clinic, press } from "../people.js";

const SCOPE = "launch openid fhirUser patient/*.rs";

const house = await open();
const app = await serveApp();
const { doctor, patient: asha, admin } = await clinic(house);
const client = await house.app({
  client_name: "Growth Chart", redirect_uris: [app.back], initiate_login_uri: app.launch, token_endpoint_auth_method: "none", scope: SCOPE,
});
app.settings = { clientId: client.client_id, scope: SCOPE };

/** Looks a patient up; the record is open to the doctor. */
async function find(page, identifier) {
  await page.goto("/clinic/patients");
  await page.getByLabel("Record number, health ID or another identifier (optional)").fill(identifier);
  await press(page, "Look up");
  await page.getByText("This record is open to you.").waitFor();
}

test("L5 a doctor starts an app from a chart that is open, and it is about that chart", async () => {
  const { page } = doctor;
  await find(page, "MRN-b");
  await look(page, "clinic-patients-start");
  await press(page, "Start it");
  await page.waitForURL("**/clinic/consent/*");
  await page.getByText("It is about the chart from which you started it: Patient/b.").waitFor();
  await press(page, "Allow");
  const told = await ready(page);
  assert.deepEqual([told.patient, told.need_patient_banner], ["b", true]);
  assert.equal((await asks(page, "Patient/b")).name[0].family, "Bose");
  assert.equal(await asks(page, "Patient/a"), 404, "the doctor's other patient is not this app's");
  assert.equal(await page.evaluate(() => window.client.user.fhirUser), "Practitioner/d1");
});

test("E9 a patient starts an app from their own record", async () => {
  const { page } = asha;
  await page.goto("/patient/apps");
  await look(page, "patient-apps-start");
  await press(page, "Start Growth Chart");
  await page.waitForURL("**/patient/consent/*");
  await page.getByText("It is about your own record.").waitFor();
  await press(page, "Allow");
  assert.equal((await ready(page)).patient, "a");
  assert.equal((await asks(page, "Patient/a")).birthDate, "1990-05-31");
});

test("a start is good once, for the person who made it, and a stolen one is nothing", async () => {
  const { page } = doctor;
  const asked = [];
  page.on("request", (request) => request.url().includes("/oauth/authorize?") && asked.push(request.url()));
  await find(page, "MRN-a");
  await press(page, "Start it");
  await page.waitForURL("**/clinic/consent/*");
  const question = new URL(page.url()).pathname;
  const tab = await asha.page.context().newPage();
  await tab.goto(asked[0]);
  await tab.waitForURL(`${app.back}?*`);
  await tab.locator("#said").filter({ hasText: "this `launch` was used already" }).waitFor();
  assert.equal((await tab.goto(question.replace("/clinic/", "/patient/"))).status(), 403, "the question is the doctor's");
  await press(page, "Do not allow");
  await page.locator("#said").filter({ hasText: "did not allow it" }).waitFor();
});

test("nobody starts an app from a chart that they do not see", async () => {
  await house.put({ resourceType: "Patient", id: "c", name: [{ family: "Menon" }] });
  const start = async (person, about) => {
    const { page, realm } = person;
    await page.goto(`/${realm}/account`);
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.request().method() === "POST"),
      page.evaluate(([realm, app, about]) => {
        const form = document.querySelector("form[action$='/account/name']");
        form.action = `/${realm}/apps/start`;
        for (const [name, value] of [["app", app], ["about", about]]) {
          form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
        }
        form.submit();
      }, [realm, client.client_id, about]),
    ]);
    if (answer.status() !== 200) await page.waitForURL(`**/${realm}/apps/start`);
    return answer;
  };
  for (const about of ["c", "nobody", "", "../Patient/c"]) assert.equal((await start(doctor, about)).status(), 422, about);
  assert.equal((await start(admin, "a")).status(), 410, "administrators have no charts");
  const own = await start(asha, "b");
  assert.equal(own.status(), 200);
  assert.ok(new URL(own.headers().refresh.split("url=")[1]).searchParams.get("launch"));
  await asha.page.waitForURL("**/patient/consent/*");
  await asha.page.getByText("It is about your own record.").waitFor();
  await press(asha.page, "Allow");
  assert.equal((await ready(asha.page)).patient, "a", "whatever the form says, it is their own");
});
