// A real SMART client, fhirclient, in a real browser, from a site of its own (L5).

import assert from "node:assert/strict";
import { test } from "node:test";
import { asks, ready, serveApp, standalone } from "../app.js";
import { open } from "../house.js";
import { at, clinic, press } from "../people.js";

const SCOPE = "launch/patient patient/*.rs openid fhirUser offline_access";

const house = await open();
const app = await serveApp();
const { patient: asha } = await clinic(house);
let client, settings, page;

test("L5 an app that registered itself gets nowhere until the administrator lets it in", async () => {
  client = await house.register({
    client_name: "Growth Chart", redirect_uris: [app.back], token_endpoint_auth_method: "none", scope: SCOPE,
    grant_types: ["authorization_code", "refresh_token"],
  });
  settings = { iss: house.base, clientId: client.client_id, scope: SCOPE };
  const early = await house.page();
  await early.goto(standalone(app, settings));
  await early.waitForURL(`${house.origin}/oauth/authorize?*`);
  await early.getByText("this app is not known here, or not approved yet").waitFor();
  await house.command("client", "approve", client.client_id);
});

test("L5 from the app to the sign-in, the consent page and back, then it reads the Patient", async () => {
  const other = await asha.elsewhere();
  page = other.page;
  await page.goto(standalone(app, settings));
  await page.waitForURL("**/patient/sign-in");
  await other.password();
  await other.second();
  await page.waitForURL("**/patient/consent/*");
  await page.getByRole("heading", { name: "Allow Growth Chart?" }).waitFor();
  await press(page, "Allow");
  const told = await ready(page);
  assert.equal(told.patient, "a");
  assert.deepEqual(new Set(told.scope.split(" ")), new Set(SCOPE.split(" ")));
  assert.equal((await asks(page, "Patient/a")).name[0].family, "Rao");
  assert.equal((await asks(page, "Observation?patient=a")).entry[0].resource.id, "o-a");
  assert.equal(await asks(page, "Patient/b"), 404, "another's chart is not there");
  assert.equal(await page.evaluate(() => window.client.user.fhirUser), "Patient/a");
  assert.equal((await page.evaluate(() => window.client.user.read())).birthDate, "1990-05-31");
});

test("L5 the app comes back with its refresh token, and the old one is good no more", async () => {
  const before = await page.evaluate(() => ({ ...window.client.state.tokenResponse }));
  const now = await page.evaluate(() => window.client.refresh().then((state) => ({ ...state.tokenResponse })));
  assert.notEqual(now.access_token, before.access_token);
  assert.notEqual(now.refresh_token, before.refresh_token);
  assert.equal((await asks(page, "Patient/a")).id, "a");
});

test("L5 somebody who is signed in already is asked at once, though the way leads from another site", async () => {
  // The session's cookie is SameSite=Strict: a browser does not send it along with a step from the app's site to ours.
  const context = asha.page.context();
  const [session] = (await context.cookies(house.origin)).filter((cookie) => cookie.name === "__Host-keepwell-patient");
  assert.deepEqual([session.sameSite, session.httpOnly, session.secure], ["Strict", true, true]);
  const tab = await context.newPage();
  const seen = [];
  tab.on("framenavigated", (frame) => seen.push(new URL(frame.url()).pathname));
  await tab.goto(standalone(app, settings));
  await tab.waitForURL("**/patient/consent/*");
  assert.ok(!seen.includes("/patient/sign-in"), `not asked to sign in again: ${seen}`);
  await tab.getByText("You are signed in as Asha Rao.").waitFor();
  await press(tab, "Do not allow");
  await assert.rejects(ready(tab), /the person did not allow it/);
});

test("L5 the same without scripts on our pages: a link leads on", async () => {
  const plain = await asha.elsewhere({ javaScriptEnabled: false });
  await plain.signIn();
  const query = new URLSearchParams({
    response_type: "code", client_id: client.client_id, redirect_uri: app.back, scope: SCOPE, state: "s", aud: house.base,
    code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", code_challenge_method: "S256",
  });
  await plain.page.goto(`${app.origin}/nowhere`);
  await plain.page.goto(`/oauth/authorize?${query}`);
  await plain.page.waitForURL("**/patient/consent/*");
  await press(plain.page, "Allow");
  await plain.page.waitForURL(`${app.back}?*`);
  const answer = new URL(plain.page.url()).searchParams;
  assert.deepEqual([answer.get("state"), answer.get("iss")], ["s", house.origin]);
  assert.ok(answer.get("code"));
});

test("L5 what the person does not tick, the app does not get", async () => {
  const tab = await asha.page.context().newPage();
  await tab.goto(standalone(app, settings));
  await tab.waitForURL("**/patient/consent/*");
  await tab.locator("input[name='allow-offline_access']").uncheck();
  await tab.locator("input[name='allow-fhirUser']").uncheck();
  await press(tab, "Allow");
  const told = await ready(tab);
  assert.equal(told.refresh_token, undefined);
  assert.ok(!told.scope.includes("fhirUser"));
});

test("L5 the patient disconnects the app, and its next request is 401", async () => {
  assert.equal((await asks(page, "Patient/a")).id, "a");
  await asha.page.goto("/patient/apps");
  await press(asha.page, "Disconnect Growth Chart");
  await asha.page.getByText("No app is connected.").waitFor();
  assert.equal(at(asha.page), "/patient/apps");
  const token = await page.evaluate(() => window.client.state.tokenResponse.access_token);
  assert.equal((await house.fhir(token, "Patient/a")).status, 401);
  const again = await page.evaluate(() => window.client.request("Patient/a").then(() => "in", (error) => String(error)));
  assert.match(again, /401|expired|invalid_grant|unauthorized/i);
});
