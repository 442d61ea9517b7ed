// Vaccinations: what is due, a card for paper, and a SMART Health Card that programs of somebody else's read and verify: jsQR scans it, jose
// checks the signature by the published keys, node's zlib unpacks it (B10).

import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { inflateRawSync } from "node:zlib";
import { base64url, calculateJwkThumbprint, compactVerify, createRemoteJWKSet, decodeProtectedHeader } from "jose";
import { demo, picture, walk } from "../house.js";
import { look, scanned } from "../pages.js";
import { at } from "../people.js";

const house = await demo(4);
const folder = mkdtempSync(path.join(tmpdir(), "keepwell-immunizations-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The JWS in a numeric QR code: two digits a character, from `-` on. */
function unnumbered(text) {
  const digits = text.slice("shc:/".length);
  assert.ok(text.startsWith("shc:/") && /^(\d\d)+$/.test(digits), text.slice(0, 20));
  return digits.match(/\d\d/g).map((pair) => String.fromCharCode(Number(pair) + 45)).join("");
}

/** Verifies a card as anybody does who knows nothing but it: the issuer it names tells its keys. What it says. */
async function verified(jws) {
  const unpacked = (part) => JSON.parse(inflateRawSync(part).toString());
  const { iss } = unpacked(base64url.decode(jws.split(".")[1]));
  const keys = createRemoteJWKSet(new URL(`${iss}/.well-known/jwks.json`));
  const { payload, protectedHeader } = await compactVerify(jws, keys, { algorithms: ["ES256"] });
  assert.equal(protectedHeader.zip, "DEF");
  return unpacked(payload);
}

const patient = await walk(house, "patient", { deviceScaleFactor: 3 });
const chart = at(patient);
const id = chart.split("/").at(-1);
const today = new Date();
const ago = (days) => new Date(today - days * 86_400_000).toISOString().slice(0, 10);

// From here on somebody of a hundred days, with some doses of their own beside those that the demo gave.
await house.put({ resourceType: "Patient", id, birthDate: ago(100), gender: "female", name: [{ family: "Testri", given: ["Uma", "K"] }] });
const doses = [["bcg", "19", ago(100)], ["opv0", "178", ago(99)], ["penta1", "198", ago(55)], ["rota1", "122", ago(55)], ["early", "133", ago(70)]];
for (const [name, code, day] of doses) {
  await house.put({
    resourceType: "Immunization", id: `journey-${name}`, status: "completed", occurrenceDateTime: day, lotNumber: `LOT-${name}`,
    patient: { reference: `Patient/${id}` }, vaccineCode: { coding: [{ system: "http://hl7.org/fhir/sid/cvx", code }], text: name },
  });
}

test("B10 what is overdue, due and next stands above the list, and a card of it prints on A4", async () => {
  await patient.goto(`${chart}/immunizations`);
  const told = await patient.locator("main").textContent();
  assert.match(told, /Overdue/);
  assert.match(told, /Oral polio \(OPV\), dose 1/);
  assert.match(told, /BCG \(tuberculosis\): birth dose/);
  assert.match(told, /Pneumococcus \(PCV\): not counted: given too early for the age/);
  assert.match(told, /do not replace a doctor or nurse/);
  await look(patient, "immunizations");
  await patient.getByRole("link", { name: "Card to print" }).click();
  await patient.getByRole("heading", { name: "Vaccination card" }).waitFor();
  await look(patient, "vaccination-card");
  await patient.emulateMedia({ media: "print" });
  await patient.setViewportSize({ width: 718, height: 1047 });
  const wide = await patient.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `${wide} pixels do not fit on paper`);
  for (const gone of [".tabs", ".unprinted"]) assert.equal(await patient.locator(gone).first().isVisible(), false, gone);
  assert.ok(await patient.locator(".banner .whose").isVisible(), "whose it is stands on it");
  await picture(patient, "vaccination-card-printed");
  await patient.emulateMedia({ media: "screen" });
  await patient.setViewportSize({ width: 1024, height: 900 });
});

test("B10 a SMART Health Card is scanned and verified by others, and one changed letter is found out", async () => {
  await patient.goto(`${chart}/immunizations`);
  await patient.getByRole("button", { name: "Make the card", exact: true }).click();
  await patient.getByRole("heading", { name: "SMART Health Card" }).waitFor();
  const read = await scanned(patient, house);
  await look(patient, "health-card");
  const jws = unnumbered(read);
  assert.ok(jws.length <= 1195, `${jws.length} characters`);
  const card = await verified(jws);
  assert.equal(card.iss, house.origin);
  assert.ok(Math.abs(card.nbf - Date.now() / 1000) < 600);
  assert.deepEqual(card.vc.type, ["https://smarthealth.cards#health-card", "https://smarthealth.cards#immunization"]);
  const { fhirVersion, fhirBundle } = card.vc.credentialSubject;
  assert.deepEqual([fhirVersion, fhirBundle.type], ["4.0.1", "collection"]);
  const [person, ...given] = fhirBundle.entry;
  assert.deepEqual(person, {
    fullUrl: "resource:0",
    resource: { resourceType: "Patient", name: [{ family: "Testri", given: ["Uma", "K"] }], birthDate: ago(100) },
  });
  const bcg = given.find(({ resource }) => resource.lotNumber === "LOT-bcg").resource;
  assert.deepEqual(bcg, {
    resourceType: "Immunization", status: "completed", vaccineCode: { coding: [{ system: "http://hl7.org/fhir/sid/cvx", code: "19" }] },
    patient: { reference: "resource:0" }, occurrenceDateTime: ago(100), lotNumber: "LOT-bcg",
  });
  given.forEach((entry, index) => assert.equal(entry.fullUrl, `resource:${index + 1}`));
  // The key bears its thumbprint for a name, and nothing of it that is secret is told.
  const answer = await fetch(`${house.origin}/.well-known/jwks.json`, { headers: { origin: "https://verifier.example" } });
  assert.equal(answer.headers.get("access-control-allow-origin"), "*", "readers that run in a browser get them too");
  const { keys } = await answer.json();
  for (const key of keys) {
    assert.deepEqual([key.kty, key.crv, key.alg, key.use, key.d], ["EC", "P-256", "ES256", "sig", undefined]);
    assert.equal(await calculateJwkThumbprint(key), key.kid);
  }
  assert.equal(decodeProtectedHeader(jws).kid, keys[0].kid);
  // The file is a card as well.
  const button = patient.getByRole("button", { name: "Download the card as a file" });
  const [download] = await Promise.all([patient.waitForEvent("download"), button.click()]);
  assert.equal(download.suggestedFilename(), "immunizations.smart-health-card");
  const file = path.join(folder, "card");
  copyFileSync(await download.path(), file);
  const { verifiableCredential } = JSON.parse(readFileSync(file, "utf8"));
  const again = await verified(verifiableCredential[0]);
  assert.deepEqual(again.vc, card.vc);
  // One letter of it changed, wherever: nobody takes it for ours.
  const [header, payload, signature] = jws.split(".");
  const bent = (part) => `${part.slice(0, 20)}${part[20] === "A" ? "B" : "A"}${part.slice(21)}`;
  const known = createRemoteJWKSet(new URL(`${house.origin}/.well-known/jwks.json`));
  for (const changed of [[header, bent(payload), signature], [header, payload, bent(signature)]]) {
    await assert.rejects(compactVerify(changed.join("."), known), /signature verification failed/);
  }
  await patient.goto(`${chart}/viewers`);
  assert.match(await patient.locator("tbody").textContent(), /Made a signed card of the vaccinations/);
});
