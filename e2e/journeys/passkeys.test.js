// Passkeys, with the virtual authenticator of Chromium's DevTools protocol in place of a finger on a sensor.

import assert from "node:assert/strict";
import { test } from "node:test";
import { open } from "../house.js";
import { Person, administrator, at, newcomer, press } from "../people.js";

const house = await open();
await administrator(house);
const VERIFIED = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true };

/** Gives the browser an authenticator, which agrees to everything. */
async function authenticator(page, options = VERIFIED) {
  const wire = await page.context().newCDPSession(page);
  await wire.send("WebAuthn.enable");
  const { authenticatorId } = await wire.send("WebAuthn.addVirtualAuthenticator", {
    options: { ...options, automaticPresenceSimulation: true },
  });
  const keys = async () => (await wire.send("WebAuthn.getCredentials", { authenticatorId })).credentials;
  return { wire, authenticatorId, keys };
}

let asha, device;

test("A4 a signed-in patient adds a passkey, and it is made for this address alone", async () => {
  asha = await newcomer(house, { name: "Asha Rao", email: "asha@example.org" });
  device = await authenticator(asha.page);
  await asha.page.getByLabel("Name of the passkey").fill("My phone");
  await press(asha.page, "Add a passkey");
  await asha.page.getByRole("button", { name: "Remove My phone" }).waitFor();
  const [key, ...more] = await device.keys();
  assert.deepEqual([key.rpId, key.isResidentCredential, more.length], ["localhost", true, 0]);
});

test("A4 the passkey signs in alone: no name, no password, no code", async () => {
  await asha.signOut();
  await press(asha.page, "Sign in with a passkey");
  await asha.page.waitForURL("**/patient/account");
  assert.ok(await asha.session());
  await asha.page.getByText("last used").first().waitFor();
});

test("A4 it is a second factor after a password too", async () => {
  await asha.signOut();
  await asha.password();
  await asha.page.waitForURL("**/patient/second-factor");
  await press(asha.page, "Use a passkey");
  await asha.page.waitForURL("**/patient/account");
});

test("A4 an authenticator that did not verify its user does not sign in", async () => {
  await asha.signOut();
  await device.wire.send("WebAuthn.setUserVerified", { authenticatorId: device.authenticatorId, isUserVerified: false });
  await press(asha.page, "Sign in with a passkey");
  await asha.page.getByText("The passkey was not used.").waitFor();
  assert.equal(at(asha.page), "/patient/sign-in");
  assert.equal(await asha.session(), undefined);
  await device.wire.send("WebAuthn.setUserVerified", { authenticatorId: device.authenticatorId, isUserVerified: true });
});

test("A4 a passkey that was removed signs in no more", async () => {
  await press(asha.page, "Sign in with a passkey");
  await asha.page.waitForURL("**/patient/account");
  await press(asha.page, "Remove My phone");
  await asha.page.waitForURL("**/patient/account");
  await asha.signOut();
  await press(asha.page, "Sign in with a passkey");
  await asha.page.getByRole("alert").filter({ visible: true }).waitFor();
  assert.equal(await asha.session(), undefined);
});

test("A4 a passkey may be the first second factor, in place of an app", async () => {
  const page = await house.page();
  const leela = new Person(house, page, "patient", "leela@example.org");
  await authenticator(page);
  await page.goto("/patient/sign-up");
  await page.getByLabel("Your full name").fill("Leela Rao");
  await page.getByLabel("E-mail or phone").fill(leela.email);
  await page.getByLabel("Password", { exact: true }).fill("my kettle sings softly");
  await press(page, "Go on");
  await page.getByLabel("Code", { exact: true }).fill(/\b\d{6}\b/.exec(house.message())[0]);
  await press(page, "Go on");
  await press(page, "Set up a passkey");
  await page.getByRole("heading", { name: "Your recovery codes" }).waitFor();
  assert.equal(await page.locator("ol code").count(), 10);
  await page.goto("/patient/account");
  await page.getByText("You have no authenticator app").waitFor();
});

test("where nothing runs scripts, no passkey is offered and the password works", async () => {
  const page = await house.page({ javaScriptEnabled: false });
  await page.goto("/patient/sign-in");
  assert.equal(await page.getByRole("button", { name: "Sign in with a passkey" }).isVisible(), false);
  assert.equal(await page.getByRole("button", { name: "Sign in", exact: true }).isVisible(), true);
});
