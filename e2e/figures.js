// How fast pages are beside a hundred thousand patients, and how long each is. No test of CI: a busy machine measures itself. `cargo build --release`, then
//   KEEPWELL_PROGRAM=target/release/keepwell node --test e2e/figures.js
// PATIENTS, TRIES and SCREENS change what it does.

import { readFileSync, readdirSync } from "node:fs";
import { request, Agent } from "node:http";
import { test } from "node:test";
import { demo, open, walk } from "./house.js";
import { at, clinic, staff } from "./people.js";

const { PATIENTS = 100_000, TRIES = 300, SCREENS = 300 } = process.env;
const FAMILIES = ["Rao", "Iyer", "Nair", "Sen", "Bose", "Khan", "Das", "Reddy", "Patel", "Gupta"];

const house = await demo(60);
const ward = await open();
const agent = new Agent({ keepAlive: true });

/** One GET, without a browser: status, bytes and milliseconds. */
function get(path, cookie) {
  return new Promise((done, failed) => {
    const begun = performance.now();
    const headers = { cookie, accept: "text/html" };
    const asked = request(house.origin + path, { agent, headers, family: 4 }, (answer) => {
      let bytes = 0;
      answer.on("data", (piece) => (bytes += piece.length));
      answer.on("end", () => done({ status: answer.statusCode, bytes, ms: performance.now() - begun }));
    });
    asked.on("error", failed).end();
  });
}

/** A hundred thousand people, five hundred at a time: a Patient and a visit each. */
async function fill() {
  const token = /kw_\S+/.exec(await house.command("token", "create", "--role", "operator", "--days", "1"))[0];
  const begun = Date.now();
  for (let from = 0; from < PATIENTS; from += 500) {
    const entry = [];
    for (let n = from; n < Math.min(from + 500, PATIENTS); n++) {
      const [id, family] = [`load-${n}`, FAMILIES[n % FAMILIES.length]];
      const birthDate = `${1930 + (n % 90)}-${String(1 + (n % 12)).padStart(2, "0")}-${String(1 + (n % 28)).padStart(2, "0")}`;
      entry.push({ resource: { resourceType: "Patient", id, name: [{ family, given: [`Test${n}`] }], gender: "unknown", birthDate }, request: { method: "PUT", url: `Patient/${id}` } });
      const visit = { resourceType: "Encounter", id, status: "finished", class: { code: "AMB" }, subject: { reference: `Patient/${id}` } };
      entry.push({ resource: visit, request: { method: "PUT", url: `Encounter/${id}` } });
    }
    const answer = await house.fhir(token, "", { method: "POST", body: { resourceType: "Bundle", type: "transaction", entry } });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    await answer.arrayBuffer();
  }
  console.log(`${PATIENTS} patients more in ${((Date.now() - begun) / 1000).toFixed(0)} s`);
}

async function cookies(page) {
  return (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
}

/** What the process of a house holds, in bytes. */
function memory({ folder }) {
  const is = (pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").includes(`KEEPWELL_DATA=${folder}/data`);
    } catch {
      return false;
    }
  };
  const pid = readdirSync("/proc").find((pid) => /^\d+$/.test(pid) && is(pid));
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) * 1024;
}

/** Opens the stream of a live screen, and leaves it open. */
function listen(path, cookie) {
  return new Promise((done, failed) => {
    const asked = request(ward.origin + path, { headers: { cookie }, family: 4 }, (answer) => {
      if (answer.statusCode !== 200) failed(new Error(`${path}: ${answer.statusCode}`));
      answer.once("data", () => done(asked));
      answer.on("data", () => {});
      answer.on("error", () => {});
    });
    asked.on("error", failed).end();
  });
}

test("open live screens", async () => {
  const { admin, doctor, patient } = await clinic(ward);
  const people = [[doctor, "/clinic/chart/a/changes"], [patient, "/patient/chart/a/changes"]];
  // No account holds more than forty.
  for (let n = 0; n < Math.ceil((SCREENS - 80) / 40); n++) {
    people.push([await staff(admin, { name: `Nurse ${n}`, email: `nurse${n}@example.org`, role: "nurse" }), "/clinic/changes"]);
  }
  const ways = [];
  for (const [person, path] of people) {
    for (let n = 0; n < 40; n++) ways.push([path, await cookies(person.page)]);
  }
  const settle = () => new Promise((go) => setTimeout(go, 3_000));
  await settle();
  const before = memory(ward);
  const open = [];
  for (const [path, cookie] of ways.slice(0, SCREENS)) open.push(await listen(path, cookie));
  await settle();
  const quiet = memory(ward);
  await ward.put({ resourceType: "AllergyIntolerance", id: "news", patient: { reference: "Patient/a" }, code: { text: "Peanuts" } });
  await settle();
  const after = memory(ward);
  const mega = (bytes) => (bytes / 1e6).toFixed(1);
  console.log(`${open.length} open screens: ${mega(before)} MB before, ${mega(quiet)} MB with them, ${mega(after)} MB after a change`);
  open.forEach((asked) => asked.destroy());
});

test("pages beside a hundred thousand patients", async () => {
  await fill();
  const chart = async (as) => {
    const page = await walk(house, as);
    if (as === "patient") return [await cookies(page), at(page)];
    await page.locator("main a[href*='/clinic/chart/']").first().click();
    await page.waitForURL("**/clinic/chart/*");
    return [await cookies(page), at(page)];
  };
  const [patient, own] = await chart("patient");
  const [doctor, theirs] = await chart("physician");
  const [desk] = [await cookies(await walk(house, "front-desk"))];
  const pages = [
    ["front page", "/", ""],
    ["patient: home", own, patient],
    ["patient: results", `${own}/results`, patient],
    ["patient: documents", `${own}/documents`, patient],
    ["patient: who looked", `${own}/viewers`, patient],
    ["doctor: today", "/clinic", doctor],
    ["doctor: chart", theirs, doctor],
    ["doctor: timeline", `${theirs}/timeline`, doctor],
    ["doctor: vital signs", `${theirs}/vitals`, doctor],
    ["doctor: emergency view", `${theirs}/emergency`, doctor],
    ["desk: today", "/clinic", desk],
  ];
  const style = await get("/assets/portal.css", "");
  console.log(`stylesheet ${(style.bytes / 1024).toFixed(1)} KB`);
  console.log("page                      KB    p50 ms   p95 ms");
  for (const [name, path, cookie] of pages) {
    const all = [];
    for (let n = 0; n < TRIES; n++) {
      const one = await get(path, cookie);
      if (one.status !== 200) throw new Error(`${name}: ${one.status}`);
      all.push(one);
    }
    const sorted = all.map(({ ms }) => ms).sort((a, b) => a - b);
    const quantile = (q) => sorted[Math.floor(sorted.length * q)].toFixed(1).padStart(8);
    console.log(`${name.padEnd(24)}${(all[0].bytes / 1024).toFixed(1).padStart(5)} ${quantile(0.5)} ${quantile(0.95)}`);
  }
});
