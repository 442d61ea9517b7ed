// What goes wrong on purpose: answers sent elsewhere, requests without their proofs, forms of other sites, sessions that were planted.

import assert from "node:assert/strict";
import { test } from "node:test";
import { serveApp } from "../app.js";
import { open } from "../house.js";
import { PASSWORD, at, clinic, press } from "../people.js";

const SCOPE = "launch/patient patient/*.rs";

const house = await open();
const app = await serveApp();
const { patient: asha } = await clinic(house);
const client = await house.app({
  client_name: "Growth Chart", redirect_uris: [app.home], token_endpoint_auth_method: "none", scope: SCOPE,
  grant_types: ["authorization_code"],
});

/** Puts a cookie into a browser, as somebody might who had the machine for a moment. */
function plant(page, name, value) {
  const url = house.origin.replace("http:", "https:");
  return page.context().addCookies([{ name: `__Host-keepwell-${name}`, value, url, secure: true, sameSite: "Strict" }]);
}

/** An address to be let in at, with something changed or, where it is `undefined`, left out. */
function asking(changed = {}) {
  const fields = {
    response_type: "code", client_id: client.client_id, redirect_uri: app.home, scope: SCOPE, state: "s1", aud: house.base,
    code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", code_challenge_method: "S256", ...changed,
  };
  return `/oauth/authorize?${new URLSearchParams(Object.entries(fields).filter(([, value]) => value !== undefined))}`;
}

test("no address but the registered one gets an answer, however it is dressed up", async () => {
  const page = await asha.page.context().newPage();
  const host = new URL(app.origin).host;
  const addresses = [
    "https://evil.example/home", `${app.home}/`, `${app.home}?x=1`, `${app.home}#x`, `${app.origin}/HOME`, `${app.origin}/x/../home`,
    `${app.origin}@evil.example/home`, `http://evil.example\\@${host}/home`, `http://evil.example@${host}/home`, `//${host}/home`,
    `http://localhost:${new URL(app.origin).port}/home`, "javascript:alert(1)", "data:text/html,x", "/patient/account", "",
    `${app.home}\r\nLocation: https://evil.example`, `${app.home}%00`, undefined,
  ];
  for (const address of addresses) {
    const answer = await page.goto(asking({ redirect_uri: address }));
    assert.equal(answer.status(), 400, `${address}`);
    assert.equal(new URL(page.url()).origin, house.origin, `${address}`);
    assert.equal(at(page), "/oauth/authorize");
    assert.equal(await page.locator("a[href*='evil'], meta[http-equiv]").count(), 0, `${address}`);
  }
  const twice = await page.goto(`${asking()}&redirect_uri=${encodeURIComponent("https://evil.example/")}`);
  assert.equal(twice.status(), 400, "an address that is named twice");
});

test("without state, PKCE, audience or scope the app is told so, and nobody is asked", async () => {
  const page = await asha.page.context().newPage();
  const faults = [
    { state: undefined }, { code_challenge: undefined }, { code_challenge_method: undefined }, { code_challenge_method: "plain" },
    { code_challenge: "short" }, { aud: undefined }, { aud: "https://evil.example/fhir/R4" }, { response_type: "token" },
    { scope: "system/*.cruds" }, { prompt: "none" }, { request: "eyJ" }, { response_mode: "fragment" },
  ];
  for (const fault of faults) {
    await page.goto(asking(fault));
    await page.waitForURL(`${app.home}?*`);
    const answer = new URL(page.url()).searchParams;
    assert.ok(answer.get("error"), JSON.stringify(fault));
    assert.equal(answer.get("code"), null);
    assert.equal(answer.get("iss"), house.origin);
    assert.equal(answer.get("state"), "state" in fault ? null : "s1");
  }
});

test("the way back after the sign-in leads to our own pages alone", async () => {
  const stranger = await asha.elsewhere();
  for (const target of ["https://evil.example", "//evil.example", "patient.//evil.example", "patient.../../evil", "clinic.x"]) {
    await plant(stranger.page, "question", target);
    await stranger.page.goto(`/patient/sign-in?next=${encodeURIComponent(target)}&redirect=${encodeURIComponent(target)}`);
    assert.equal(new URL(stranger.page.url()).origin, house.origin);
  }
  await stranger.password();
  await stranger.second();
  await stranger.page.waitForURL("**/patient/account");
});

test("a form that another site sends changes nothing, though the browser is signed in", async () => {
  const evil = await asha.page.context().newPage();
  await evil.goto(app.home);
  const token = await asha.page.goto("/patient/account").then(() => asha.page.locator("input[name=token]").first().inputValue());
  for (const [action, fields] of [
    ["/patient/account/name", { name: "Mallory" }],
    ["/patient/account/name", { name: "Mallory", token }],
    ["/patient/sign-out", { token }],
    ["/patient/sign-in", { identifier: "mallory@example.org", password: PASSWORD }],
    ["/patient/account/everywhere", { token }],
  ]) {
    await evil.goto(app.home);
    const [answer] = await Promise.all([
      evil.waitForResponse((response) => response.request().method() === "POST"),
      evil.evaluate(([action, fields]) => {
        const form = Object.assign(document.createElement("form"), { method: "post", action });
        for (const [name, value] of Object.entries(fields)) form.append(Object.assign(document.createElement("input"), { name, value }));
        document.body.append(form);
        form.submit();
      }, [house.origin + action, fields]),
    ]);
    await evil.waitForURL(house.origin + action);
    assert.equal(answer.status(), 403, action);
    assert.equal((await answer.request().allHeaders()).cookie, undefined, "the session stays at home");
  }
  await asha.page.goto("/patient/account");
  assert.equal(at(asha.page), "/patient/account");
  assert.equal(await asha.page.locator("#name").inputValue(), "Asha Rao");
});

test("another site's script reads no page, and a frame shows none", async () => {
  const evil = await asha.page.context().newPage();
  await evil.goto(app.home);
  const read = (credentials) => evil.evaluate(
    ([url, credentials]) => fetch(url, { credentials }).then((answer) => answer.text(), (error) => error.name),
    [`${house.origin}/patient/account`, credentials],
  );
  assert.equal(await read("include"), "TypeError");
  assert.equal(await read("omit"), "TypeError");
  await evil.evaluate((src) => document.body.append(Object.assign(document.createElement("iframe"), { src })), `${house.origin}/patient/sign-in`);
  await evil.waitForFunction(() => window.frames.length === 1);
  const frame = evil.frames()[1];
  await frame.waitForLoadState().catch(() => {});
  assert.equal(await frame.locator("form").count(), 0);
});

test("a cookie that was planted before the sign-in is not the session after it", async () => {
  const victim = await asha.elsewhere();
  const planted = "kw_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  for (const name of ["patient", "attempt", "device"]) await plant(victim.page, name, planted);
  await victim.signIn();
  const session = await victim.session();
  assert.ok(session && session !== planted);
  await victim.signOut();
  await plant(victim.page, "patient", session);
  await victim.page.goto("/patient/account");
  assert.equal(at(victim.page), "/patient/sign-in", "an ended session stays ended");
});

test("the session changes with a step-up, and the one before is worth nothing", async () => {
  const before = await asha.session();
  const page = await house.page();
  await plant(page, "patient", before);
  await page.goto("/patient/account");
  assert.equal(at(page), "/patient/account", "until then it opens the account, so planting works");
  await asha.page.goto("/patient/step-up");
  await asha.page.getByLabel("Code", { exact: true }).fill(asha.recovery[0]);
  await press(asha.page, "Go on");
  await asha.page.waitForURL("**/patient/account");
  assert.notEqual(await asha.session(), before);
  await page.goto("/patient/account");
  assert.equal(at(page), "/patient/sign-in");
});

test("markup that somebody types is shown as it was typed, and runs nowhere", async () => {
  const text = `<img src=x onerror="document.title='gone'"><script>document.title='gone'</script>`;
  await asha.page.goto("/patient/account");
  await asha.page.locator("#name").fill(text);
  await press(asha.page, "Save the name");
  await asha.page.goto("/patient/account");
  assert.equal(await asha.page.locator("#name").inputValue(), text);
  assert.equal(await asha.page.title(), "Your account – Keepwell");
  assert.equal(await asha.page.locator('main img, main script:not([src^="/assets/"])').count(), 0);
});
