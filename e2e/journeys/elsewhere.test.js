// A patient brings their record from another server by real sign-in and consent there: two Keepwell servers, one browser, with scripts and
// without (E9, B7).

import assert from "node:assert/strict";
import { test } from "node:test";
import { open } from "../house.js";
import { look } from "../pages.js";
import { Person, at, clinic, press } from "../people.js";

const here = await open();
const there = await open({ host: "127.0.0.1" });
const own = await clinic(here);
const other = await clinic(there);

const subject = { reference: "Patient/a" };
await there.put({ resourceType: "Condition", id: "asthma", code: { text: "Test asthma" }, subject, recorder: { reference: "Practitioner/d1" } });
await there.put({ resourceType: "AllergyIntolerance", id: "latex", code: { text: "Latex" }, patient: subject });
await there.put({ resourceType: "Binary", id: "letter", contentType: "text/plain", securityContext: subject, data: Buffer.from("a letter from there").toString("base64") });
await there.put({
  resourceType: "DocumentReference", id: "letter", status: "current", subject,
  content: [{ attachment: { contentType: "text/plain", url: "Binary/letter", title: "Letter from there" } }],
});
await there.put({
  resourceType: "DocumentReference", id: "words", status: "current", subject,
  content: [{ attachment: { contentType: "text/plain", title: "Words from there", data: Buffer.from("written by another house").toString("base64") } }],
});
const token = /kw_\S+/.exec(await here.command("token", "create", "--role", "operator", "--days", "1"))[0];

/** How many of a type this house holds of Asha. */
async function count(type) {
  return (await (await here.fhir(token, `${type}?patient=a&_summary=count`)).json()).total;
}

/** From the button to what came; signs in there where that is asked. */
async function brings(page, signsIn) {
  await page.goto("/patient/chart/a/elsewhere");
  await press(page, "Bring the record from City Hospital");
  if (signsIn) {
    const guest = Object.assign(new Person(there, page, "patient", "asha@example.org"), { authenticator: other.patient.authenticator });
    await page.waitForURL(`${there.origin}/patient/sign-in`);
    await guest.password();
    await guest.second();
  }
  await page.waitForURL(`${there.origin}/patient/consent/*`);
  await press(page, "Allow");
  await page.waitForURL(`${here.origin}/patient/elsewhere/back?*`);
  await press(page, "Go on");
  await page.waitForURL(`${here.origin}/patient/chart/a/elsewhere`);
  await page.getByRole("heading", { name: "What came from City Hospital" }).waitFor();
}

test("E9 an administrator lists the other server, and it learns of this one by itself", async () => {
  const { page } = own.admin;
  await page.goto("/admin/elsewhere");
  await page.getByLabel("What patients call it").fill("City Hospital");
  await page.getByLabel("Address of its FHIR API").fill(`${there.base}/`);
  await press(page, "Ask it, and list it");
  const line = await page.getByText("Our id there:").textContent();
  await there.command("client", "approve", line.split(": ")[1].trim());
  await look(page, "admin-elsewhere");
});

test("E9 B7 the patient signs in there, sees here what came, and it enters marked with where it is from", async () => {
  const { page } = own.patient;
  await brings(page, true);
  const text = await page.locator("main").innerText();
  for (const words of ["Problem: 1", "Allergy: 1", "Document: 2", "31-May-1990", "Letter from there: The other server does not have it."]) assert.ok(text.includes(words), `${words} in ${text}`);
  assert.ok(!text.includes("differ"), text);
  assert.equal(await count("Condition"), 0, "nothing entered before the word");
  await look(page, "patient-chart-elsewhere-came");
  await press(page, "Put it into this record");
  await page.getByText(/\d+ entries are new in this record/).waitFor();
  assert.equal(await count("Condition"), 1);
  await look(page, "patient-chart-elsewhere-entered");
  await page.goto("/patient/chart/a/problems");
  await page.getByRole("row", { name: /Test asthma.*from City Hospital/ }).waitFor();
  assert.match(await page.locator(".banner .allergies").innerText(), /Latex \(from City Hospital\)/);
  await page.goto("/patient/chart/a/timeline");
  assert.ok((await page.locator("select[name=source]").innerText()).includes("City Hospital"), "the line can be asked for that house alone");
  await page.goto("/patient/chart/a/documents");
  // An app gets no Binary of a Keepwell, so that document came without its file; the other one holds its words itself.
  assert.equal(await page.getByRole("link", { name: "Letter from there", exact: true }).count(), 0);
  await page.getByRole("link", { name: "Words from there", exact: true }).click();
  assert.match(await page.locator("pre.words").textContent(), /written by another house/);
  const told = await (await here.fhir(token, "Provenance?patient=a")).json();
  assert.deepEqual(told.entry[0].resource.agent.map((agent) => agent.who.display ?? agent.who.reference), ["City Hospital", "City Hospital", "Patient/a"]);
  await page.goto("/patient/chart/a/viewers");
  assert.match(await page.locator("tbody").innerText(), /Brought a record from another server/);
});

test("E9 brought again, without JavaScript, nothing stands twice, and all of it can be put away", async () => {
  const plain = await own.patient.elsewhere({ javaScriptEnabled: false });
  await plain.signIn();
  const { page } = plain;
  const before = [await count("Condition"), await count("Observation"), await count("DocumentReference")];
  await there.put({ resourceType: "Goal", id: "walk", lifecycleStatus: "active", description: { text: "Walk daily" }, subject });
  await brings(page, true);
  const text = await page.locator("main").innerText();
  assert.ok(/Here already, unchanged/.test(text) && /New: Goal: 1/.test(text), text);
  await press(page, "Put it into this record");
  await page.getByText("One entry is new in this record.").waitFor();
  assert.deepEqual([await count("Condition"), await count("Observation"), await count("DocumentReference")], before);
  assert.equal(await count("Goal"), 1);
  await press(page, "Put away what came from City Hospital");
  await page.getByText(/\d+ entries were put away/).waitFor();
  assert.deepEqual([await count("Condition"), await count("Goal"), await count("Observation")], [0, 0, 1], "this house's own stays");
  assert.equal(at(page), "/patient/chart/a/elsewhere/remove");
});
