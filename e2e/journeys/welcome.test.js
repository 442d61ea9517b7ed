// From an empty folder to the first registered patient (A15), by what stands on the screen alone: every address that is typed, every field
// and every button is counted, for all people together.

import assert from "node:assert/strict";
import { test } from "node:test";
import { open, picture } from "../house.js";
import { look } from "../pages.js";
import { Authenticator, PASSWORD, at } from "../people.js";

/** The most steps that it may take; a person who needs fifteen seconds for each is done in eight minutes. */
const STEPS = 32;
/** The longest that the machine may take for its part, in milliseconds, far below the ten minutes of the promise. */
const LONGEST = 120_000;

/** Somebody at a browser, whose doings are counted. */
class Hand {
  static count = 0;

  constructor(page) {
    this.page = page;
  }

  async address(address) {
    Hand.count += 1;
    return this.page.goto(address);
  }

  async fill(label, value) {
    Hand.count += 1;
    await this.page.getByLabel(label, { exact: true }).fill(value);
  }

  async choose(label, value) {
    Hand.count += 1;
    await this.page.getByLabel(label, { exact: true }).selectOption(value);
  }

  async press(name) {
    Hand.count += 1;
    await this.page.getByRole("button", { name, exact: true }).click();
  }

  async follow(name) {
    Hand.count += 1;
    await this.page.getByRole("link", { name }).click();
  }

  /** Sets the app up that is asked for, and keeps the recovery codes. */
  async enrol() {
    await this.page.getByLabel("The six digits that the app shows").waitFor();
    this.authenticator = new Authenticator(await this.page.locator("code").first().textContent());
    await this.fill("The six digits that the app shows", await this.authenticator.code());
    await this.press("Go on");
    await this.follow("I have kept them");
  }

  /** How a step of the list stands. */
  async step(heading) {
    const step = this.page.locator("li.task").filter({ has: this.page.getByRole("heading", { name: heading }) });
    return step.locator(".tag").textContent();
  }
}

for (const javaScriptEnabled of [true, false]) {
  const way = javaScriptEnabled ? "" : ", without JavaScript";

  test(`A15 a blank server gets its first patient, by what stands on the screen${way}`, async () => {
    const house = await open();
    const begun = Date.now();
    Hand.count = 0;
    const admin = new Hand(await house.page({ javaScriptEnabled }));
    await admin.address(await house.tells(/Open (\S+\/setup) /));
    await admin.fill("Set-up token", house.setupToken);
    await admin.fill("Name of your facility", "Lakeside Clinic");
    await admin.fill("Your full name", "Nila Das");
    await admin.fill("Your e-mail", "nila@example.org");
    await admin.page.getByLabel("Password").fill(PASSWORD);
    Hand.count += 1;
    await admin.press("Go on");
    await admin.enrol();
    assert.equal(at(admin.page), "/admin/welcome", "what is still to do is what an administrator sees first");
    assert.deepEqual(
      [await admin.step("Your facility"), await admin.step("A copy of the root key"), await admin.step("The first patient")],
      ["done", "to do", "to do"],
    );
    await picture(admin.page, `welcome-begun${javaScriptEnabled ? "" : "-still"}`);
    await admin.press("I have a copy, kept apart");
    await admin.page.getByText("Nila Das said so on").waitFor();

    assert.equal(await admin.step("Where the house is"), "to do");
    await admin.follow("Say where the house is");
    await admin.choose("Country", "IN");
    if (javaScriptEnabled) await look(admin.page, "home");
    await admin.press("Save");
    await admin.page.getByText("Times are told on these clocks from now on").waitFor();
    await admin.page.locator("dd", { hasText: "Asia/Kolkata" }).waitFor();
    await admin.page.locator("main").getByRole("link", { name: "First steps" }).click();
    Hand.count += 1;
    assert.equal(await admin.step("Where the house is"), "done");

    await admin.follow(/^Invite somebody ?: Somebody who registers patients$/);
    assert.equal(await admin.page.getByLabel("Role", { exact: true }).inputValue(), "front-desk");
    await admin.fill("Full name", "Tara Sen");
    await admin.fill("E-mail", "tara@example.org");
    await admin.press("Make an invitation");
    const link = await admin.page.locator("code.link").textContent();

    const desk = new Hand(await house.page({ javaScriptEnabled }));
    await desk.address(link);
    await desk.page.getByLabel("Password").fill(PASSWORD);
    Hand.count += 1;
    await desk.press("Go on");
    await desk.enrol();
    await desk.follow("Today");
    await desk.follow("Register a patient");
    await desk.fill("Given names", "Lakshmi");
    await desk.fill("Or the age in years", "30");
    await desk.choose("Sex", "female");
    await desk.press("Register");
    await desk.page.getByRole("heading", { name: "The patient is registered" }).waitFor();

    await admin.follow("First steps");
    assert.equal(await admin.step("Somebody who registers patients"), "done");
    assert.equal(await admin.step("The first patient"), "done");
    assert.equal(await admin.step("A second administrator"), "to do");
    const [steps, took] = [Hand.count, Date.now() - begun];
    assert.ok(steps <= STEPS, `${steps} steps`);
    assert.ok(took < LONGEST, `${took} ms`);
    process.stdout.write(`# ${steps} steps, ${(took / 1000).toFixed(1)} s of the machine's${way}\n`);
    assert.doesNotMatch(await admin.page.locator("main").innerText(), /Lakshmi/, "nothing is shown of a patient");

    if (javaScriptEnabled) {
      await look(admin.page, "welcome");
      for (const language of ["hi", "te"]) {
        const context = await house.browser({ extraHTTPHeaders: { "accept-language": language } });
        await context.addCookies(await admin.page.context().cookies(house.origin));
        const page = await context.newPage();
        await page.goto("/admin/welcome");
        await look(page, `welcome-${language}`);
      }
    }

    // Whoever was interrupted signs in later and goes on.
    const later = new Hand(await house.page({ javaScriptEnabled }));
    await later.page.goto("/admin");
    await later.page.locator("#identifier").fill("nila@example.org");
    await later.page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await later.press("Sign in");
    await later.page.getByLabel("Code", { exact: true }).fill(await admin.authenticator.code());
    await later.press("Go on");
    await later.follow("First steps");
    assert.equal(await later.step("A copy of the root key"), "done");
    await later.press("Do not show this first any more");
    await later.page.getByRole("button", { name: "Show this first again until everything is done" }).waitFor();
    await later.page.goto("/admin");
    assert.equal(at(later.page), "/admin/staff");
  });
}
