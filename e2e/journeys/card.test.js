// The emergency card: made on the page, read from its QR code as a phone reads it, opened without an account; and read by a program that
// knows the specification of SMART Health Links and nothing of ours (D9). A share by link beside it (E2).

import assert from "node:assert/strict";
import { test } from "node:test";
import { base64url, compactDecrypt } from "jose";
import { demo, picture, walk } from "../house.js";
import { look, scanned } from "../pages.js";
import { at, press } from "../people.js";

const house = await demo(4);

/** The payload of a health link, as any reader takes it from what it scanned. */
function payload(text) {
  const link = text.slice(text.indexOf("shlink:/") + "shlink:/".length);
  return JSON.parse(new TextDecoder().decode(base64url.decode(link)));
}

/** Asks for the manifest as the specification says. */
function manifest(link, passcode, more = {}) {
  const body = JSON.stringify({ recipient: "A viewer of somebody else's", passcode, ...more });
  return fetch(link.url, { method: "POST", headers: { "content-type": "application/json" }, body });
}

/** Decrypts a file, by a library of somebody else's. */
async function decrypted(file, link) {
  const { plaintext, protectedHeader } = await compactDecrypt(file, base64url.decode(link.key));
  assert.deepEqual(protectedHeader, { alg: "dir", enc: "A256GCM", cty: "application/fhir+json" });
  return JSON.parse(new TextDecoder().decode(plaintext));
}

/** Makes a card; its page, its PIN, what its QR code says. */
async function made(page, chart) {
  await page.goto(`${chart}/card`);
  await press(page, "Make the card");
  await page.getByRole("heading", { name: "Your card is ready" }).waitFor();
  return { pin: await page.locator(".slip .pin").textContent(), text: await scanned(page, house) };
}

const patient = await walk(house, "patient", { deviceScaleFactor: 3 });
const chart = at(patient);

test("D9 a card is made, printed and scanned, and opens without an account, with scripts and without", async () => {
  await patient.goto(`${chart}/card`);
  await look(patient, "card-make");
  const { pin, text } = await made(patient, chart);
  assert.match(pin, /^\d{6}$/);
  await look(patient, "card-made");
  // All that is said on the card can be read, also on a small screen.
  await patient.setViewportSize({ width: 320, height: 800 });
  const cut = await patient.locator(".id-card .said").evaluate((said) => said.scrollHeight - said.clientHeight);
  assert.ok(cut <= 1, `${cut} pixels of the card are cut off`);
  await patient.emulateMedia({ media: "print" });
  await patient.setViewportSize({ width: 794, height: 1123 });
  const box = await patient.locator(".id-card").boundingBox();
  // 85.6 mm at 96 pixels an inch; as high as a card, unless somebody has much to say on it.
  assert.ok(Math.abs(box.width - 323.5) < 2 && box.height < 260, JSON.stringify(box));
  await picture(patient, "card-printed");
  await patient.emulateMedia({ media: "screen" });
  assert.ok(!(await patient.locator(".id-card").textContent()).includes(pin), "the PIN does not stand on the card");
  for (const javaScriptEnabled of [true, false]) {
    const stranger = await house.page({ javaScriptEnabled });
    await stranger.goto(text);
    assert.ok(await stranger.getByRole("heading", { name: "Emergency card" }).isVisible());
    if (javaScriptEnabled) await look(stranger, "card-asks");
    await stranger.getByLabel("PIN", { exact: true }).fill(pin === "111112" ? "111113" : "111112");
    await press(stranger, "Open");
    await stranger.getByText("This PIN is not right.").waitFor();
    await stranger.getByLabel("PIN", { exact: true }).fill(pin);
    await stranger.getByLabel("Your name or place").fill("City Hospital");
    await press(stranger, "Open");
    for (const part of ["Allergies", "Medicines", "Problems", "Whom to call in an emergency"]) {
      assert.ok(await stranger.getByRole("heading", { name: part, exact: true }).isVisible(), part);
    }
    if (javaScriptEnabled) await look(stranger, "card-open");
    assert.deepEqual(
      (await stranger.context().cookies()).filter((cookie) => cookie.name.includes("patient")), [], "nobody is signed in",
    );
    await stranger.context().close();
  }
  await patient.goto(`${chart}/viewers`);
  const list = await patient.locator("tbody").textContent();
  assert.match(list, /Somebody with the emergency card, says: City Hospital/);
  assert.match(list, /Typed a wrong PIN for a card or a link/);
});

test("D9 L1 a reader of health links gets a summary that it can decrypt, and nothing after ten wrong PINs or a stop", async () => {
  const { pin, text } = await made(patient, chart);
  const link = payload(text);
  assert.ok(link.url.length <= 128 && base64url.decode(link.key).length === 32 && link.label.length <= 80 && link.v === 1);
  assert.ok(link.flag === "LP" && link.exp > Date.now() / 1000);
  const answer = await manifest(link, pin);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("access-control-allow-origin"), "*");
  const { files } = await answer.json();
  const bundle = await decrypted(files[0].embedded, link);
  assert.deepEqual([bundle.resourceType, bundle.type], ["Bundle", "document"]);
  const [composition, ...others] = bundle.entry.map((entry) => entry.resource);
  assert.equal(composition.type.coding[0].code, "60591-5");
  const sections = composition.section.map((section) => section.code.coding[0].code);
  for (const code of ["48765-2", "10160-0", "11450-4"]) assert.ok(sections.includes(code), code);
  assert.ok(others.some((resource) => resource.resourceType === "Patient"));
  const known = new Set(bundle.entry.map((entry) => entry.fullUrl));
  const led = JSON.stringify(bundle).matchAll(/"reference":"([^"]+)"/g);
  for (const [, to] of led) assert.ok(known.has(to), to);
  // In pieces, where a reader wants it so.
  const located = await (await manifest(link, pin, { embeddedLengthMax: 10 })).json();
  const file = await fetch(located.files[0].location);
  assert.equal(file.headers.get("content-type"), "application/jose");
  assert.equal((await decrypted(await file.text(), link)).type, "document");
  for (let left = 9; left >= 0; left -= 1) {
    const wrong = await manifest(link, pin === "000001" ? "000002" : "000001");
    assert.deepEqual([wrong.status, await wrong.json()], [401, { remainingAttempts: left }]);
  }
  assert.equal((await manifest(link, pin)).status, 404, "dead for good");
  const other = await made(patient, chart);
  assert.equal((await manifest(payload(other.text), other.pin)).status, 200);
  await patient.goto(`${chart}/card`);
  await patient.getByRole("button", { name: /^Stop this card/ }).first().click();
  await patient.waitForURL(`**${chart}/share`);
  assert.equal((await manifest(payload(other.text), other.pin)).status, 404, "stopped");
});

test("E2 a part is shared by link, to look at alone", async () => {
  await patient.goto(`${chart}/share`);
  await patient.getByLabel("With", { exact: true }).selectOption("link");
  await patient.getByLabel("These parts of my record").check();
  await patient.locator("input[name='part-medicines']").check();
  await press(patient, "Share");
  await patient.getByRole("heading", { name: "Your link is ready" }).waitFor();
  const pin = await patient.locator(".slip .pin").textContent();
  const text = await scanned(patient, house);
  await look(patient, "link-made");
  assert.ok(!text.includes("shlink"), "nothing for programs in what is only to be looked at");
  const stranger = await house.page();
  await stranger.goto(text);
  await stranger.getByLabel("PIN", { exact: true }).fill(pin);
  await press(stranger, "Open");
  assert.ok(await stranger.getByRole("heading", { name: "Medicines", exact: true }).isVisible());
  assert.equal(await stranger.getByRole("heading", { name: "Problems", exact: true }).count(), 0);
  await look(stranger, "link-open");
});
