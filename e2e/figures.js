// How fast pages are beside a hundred thousand patients, and how long each is. No test of CI: a busy machine measures itself. `cargo build --release`, then
//   KEEPWELL_PROGRAM=target/release/keepwell node --test e2e/figures.js
// PATIENTS and TRIES change what it does.

import { request, Agent } from "node:http";
import { test } from "node:test";
import { demo, walk } from "./house.js";
import { at } from "./people.js";

const { PATIENTS = 100_000, TRIES = 300 } = process.env;
const FAMILIES = ["Rao", "Iyer", "Nair", "Sen", "Bose", "Khan", "Das", "Reddy", "Patel", "Gupta"];

const house = await demo(60);
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
    ["patient: home", "/patient", patient],
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
