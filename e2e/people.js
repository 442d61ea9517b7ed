// People with a browser and an authenticator app, and what they do on the pages: by labels and buttons, as people find them.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";

export const PASSWORD = "my kettle sings softly";

const STEP = 30_000;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** An authenticator app: RFC 6238, SHA-1, six digits. */
export class Authenticator {
  #key;
  #last = 0;

  constructor(secret) {
    const bits = [...secret.replaceAll(/\s/g, "")].map((letter) => LETTERS.indexOf(letter).toString(2).padStart(5, "0")).join("");
    this.#key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  }

  /** A code that was not used yet. The server takes those of one step to either side, so that three are there at any time. */
  async code() {
    const now = Date.now();
    const step = Math.floor(now / STEP);
    const early = STEP - (now % STEP) > 10_000 ? step - 1 : step;
    const next = Math.max(this.#last + 1, early);
    if (next > step + 1) await wait((next - 1) * STEP - now + 200);
    this.#last = next;
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(next));
    const tag = createHmac("sha1", this.#key).update(counter).digest();
    const part = tag.readUInt32BE(tag.at(-1) & 15) & 0x7fffffff;
    return String(part % 1_000_000).padStart(6, "0");
  }
}

/** Presses a button, and waits for the page that it leads to. */
export async function press(page, name) {
  await page.getByRole("button", { name, exact: true }).click();
}

/** Where a page is, without its host. */
export function at(page) {
  return new URL(page.url()).pathname;
}

/** Somebody with a browser. */
export class Person {
  constructor(house, page, realm, email) {
    Object.assign(this, { house, page, realm, email });
  }

  /** Sets up the authenticator app that is asked for; ends on the account's page. */
  async enrol() {
    await this.page.waitForURL(`**/${this.realm}/app`);
    const secret = await this.page.locator("code").first().textContent();
    this.authenticator = new Authenticator(secret);
    await this.page.getByLabel("The six digits that the app shows").fill(await this.authenticator.code());
    await press(this.page, "Go on");
    await this.page.getByRole("heading", { name: "Your recovery codes" }).waitFor();
    this.recovery = await this.page.locator("ol code").allTextContents();
    await this.page.getByRole("link", { name: "I have kept them" }).click();
    return this;
  }

  /** Types e-mail and password; what comes next is the second factor. */
  async password(password = PASSWORD) {
    await this.page.locator("#identifier").fill(this.email);
    await this.page.getByLabel("Password", { exact: true }).fill(password);
    await press(this.page, "Sign in");
  }

  /** Types a code of the app, a new one unless that is said; which one it was. */
  async second(code) {
    const typed = code ?? (await this.authenticator.code());
    await this.page.waitForURL(`**/${this.realm}/second-factor`);
    await this.page.getByLabel("Code", { exact: true }).fill(typed);
    await press(this.page, "Go on");
    return typed;
  }

  async signIn() {
    await this.page.goto(`/${this.realm}/sign-in`);
    await this.password();
    await this.second();
    await this.page.waitForURL(`**/${this.realm}/account`);
    return this;
  }

  async signOut() {
    await this.page.goto(`/${this.realm}/account`);
    await press(this.page, "Sign out");
    await this.page.waitForURL(`**/${this.realm}/sign-in`);
  }

  /** The session's cookie. */
  async session() {
    const cookies = await this.page.context().cookies(this.house.origin);
    return cookies.find((cookie) => cookie.name === `__Host-keepwell-${this.realm}`)?.value;
  }

  /** Goes on with another browser, which knows nothing of the first. */
  async elsewhere(options) {
    return Object.assign(new Person(this.house, await this.house.page(options), this.realm, this.email), {
      authenticator: this.authenticator,
    });
  }
}

/** The first run, up to the first administrator's account. */
export async function administrator(house, options) {
  const admin = new Person(house, await house.page(options), "admin", "nila@example.org");
  await admin.page.goto("/setup");
  await admin.page.getByLabel("Set-up token").fill(house.setupToken);
  await admin.page.getByLabel("Name of your facility").fill("Lakeside Clinic");
  await admin.page.getByLabel("Your full name").fill("Nila Das");
  await admin.page.getByLabel("Your e-mail").fill(admin.email);
  await admin.page.getByLabel("Password").fill(PASSWORD);
  await press(admin.page, "Go on");
  return admin.enrol();
}

/** Somebody of the staff, from the invitation to the account's page. */
export async function staff(admin, { name, email, role, practitioner = "" }, options) {
  const { page, house } = admin;
  await page.goto("/admin/staff");
  await page.getByLabel("Full name").fill(name);
  await page.getByLabel("E-mail", { exact: true }).fill(email);
  await page.locator("#role").selectOption(role);
  await page.locator("#practitioner").fill(practitioner);
  await press(page, "Make an invitation");
  const link = await page.locator("code.link").textContent();
  const person = new Person(house, await house.page(options), "clinic", email);
  await person.page.goto(link);
  await person.page.getByLabel("Password").fill(PASSWORD);
  await press(person.page, "Go on");
  return person.enrol();
}

/** The facility is this Organization of the record: its front desk knows who is registered there. */
export async function organization(admin, id) {
  await admin.page.goto("/admin/staff");
  await admin.page.getByLabel("Id of its Organization in the record (optional)").fill(id);
  await press(admin.page, "Save for Lakeside Clinic");
}

/** A patient who has just signed up; linked to no record. */
export async function newcomer(house, { name, email }, options) {
  const person = new Person(house, await house.page(options), "patient", email);
  await person.page.goto("/patient/sign-up");
  await person.page.getByLabel("Your full name").fill(name);
  await person.page.getByLabel("E-mail or phone").fill(email);
  await person.page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await press(person.page, "Go on");
  await person.page.waitForURL("**/patient/sign-up/code");
  const message = house.message();
  assert.match(message, new RegExp(`^To: ${email}`));
  await person.page.getByLabel("Code", { exact: true }).fill(/\b\d{6}\b/.exec(message)[0]);
  await press(person.page, "Go on");
  return person.enrol();
}

/** The patient asks for the chart, and the front desk links it. */
export async function link(patient, desk, { name, born, chart }) {
  await patient.page.goto("/patient/sharing");
  const form = patient.page.locator("form").filter({ has: patient.page.getByRole("button", { name: "Ask for my record" }) });
  await form.getByLabel("Your full name").fill(name);
  await form.getByLabel("Your birth date").fill(born);
  await press(patient.page, "Ask for my record");
  await patient.page.getByRole("status").waitFor();
  await desk.page.goto("/clinic/desk");
  const field = desk.page.getByLabel("Record to link to");
  assert.equal(await field.inputValue(), chart, "the desk is offered the chart that agrees");
  await press(desk.page, "Link, I have checked who it is");
  await desk.page.getByText("Nobody asks.").waitFor();
}

/** A chart with a measurement, registered with the facility and treated by the practitioner `d1`. */
export async function chart(house, id, family = "Rao", given = "Asha", birthDate = "1990-05-31") {
  const subject = { reference: `Patient/${id}` };
  await house.put({
    resourceType: "Patient", id, name: [{ family, given: [given] }], birthDate,
    identifier: [{ system: "https://lakeside.example/mrn", value: `MRN-${id}` }],
    managingOrganization: { reference: "Organization/lakeside" },
  });
  await house.put({ resourceType: "Observation", id: `o-${id}`, status: "final", code: { text: "Heart rate" }, subject });
  await house.put({
    resourceType: "Encounter", id: `e-${id}`, status: "in-progress", class: { code: "AMB" }, subject,
    participant: [{ individual: { reference: "Practitioner/d1" } }],
  });
}

/** A second physician, who cares for the patient of {@link clinic} as well. */
export async function secondDoctor(house, admin) {
  await house.put({ resourceType: "Practitioner", id: "d2", name: [{ family: "Nair", given: ["Anil"] }] });
  await house.put({
    resourceType: "Encounter", id: "e-second", status: "in-progress", class: { code: "AMB" }, subject: { reference: "Patient/a" },
    participant: [{ individual: { reference: "Practitioner/d2" } }],
  });
  return staff(admin, { name: "Dr Anil Nair", email: "nair@example.org", role: "physician", practitioner: "d2" });
}

/** A whole clinic: administrator, doctor, front desk, and Asha, a patient who is linked to chart `a`. */
export async function clinic(house) {
  await house.put({ resourceType: "Organization", id: "lakeside", name: "Lakeside Clinic" });
  await house.put({ resourceType: "Practitioner", id: "d1", name: [{ family: "Iyer", given: ["Meera"] }] });
  await chart(house, "a");
  await chart(house, "b", "Bose", "Ravi", "1980-01-02");
  const admin = await administrator(house);
  await organization(admin, "lakeside");
  const desk = await staff(admin, { name: "Tara Sen", email: "desk@example.org", role: "front-desk" });
  const doctor = await staff(admin, { name: "Dr Meera Iyer", email: "doctor@example.org", role: "physician", practitioner: "d1" });
  const patient = await newcomer(house, { name: "Asha Rao", email: "asha@example.org" });
  await link(patient, desk, { name: "Asha Rao", born: "1990-05-31", chart: "a" });
  return { admin, desk, doctor, patient };
}
