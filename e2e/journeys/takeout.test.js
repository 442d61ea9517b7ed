// A patient takes everything along and another house loads it: two clicks from home, with scripts and without (D4, E10).

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { PROGRAM, demo, open, picture, walk } from "../house.js";
import { faults, look } from "../pages.js";
import { at } from "../people.js";

const house = await demo(4);
const folder = mkdtempSync(path.join(tmpdir(), "keepwell-takeout-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** How many resources of each type a load says that there are. */
const counts = (told) => Object.fromEntries([...told.matchAll(/^ *(\d+) ([A-Z][A-Za-z]+)$/gm)].map(([, count, type]) => [type, Number(count)]));

for (const javaScriptEnabled of [true, false]) {
  const way = javaScriptEnabled ? "" : ", without JavaScript";

  test(`D4 E10 download everything, and load it into an empty server${way}`, async () => {
    const page = await walk(house, "patient", { javaScriptEnabled });
    const chart = at(page);
    await page.locator(`.tiles a[href='${chart}/take-out']`).click();
    await page.waitForURL(`**${chart}/take-out`);
    if (javaScriptEnabled) await look(page, "patient-chart-take-out");
    const button = page.getByRole("button", { name: "Download everything" });
    const [download] = await Promise.all([page.waitForEvent("download"), button.click()]);
    assert.match(download.suggestedFilename(), /^keepwell-record-\d{4}-\d\d-\d\d\.zip$/);
    const zip = path.join(folder, `record-${javaScriptEnabled}.zip`);
    copyFileSync(await download.path(), zip);
    assert.equal(readFileSync(zip).subarray(0, 2).toString(), "PK");

    // Another installation, which nobody has used yet.
    const elsewhere = { ...house.environment, KEEPWELL_DATA: path.join(folder, `data-${javaScriptEnabled}`), KEEPWELL_KEY_FILE: path.join(folder, `key-${javaScriptEnabled}`) };
    const run = async (...args) => (await promisify(execFile)(PROGRAM, args, { env: elsewhere })).stdout;
    const told = counts(await run("load", zip));
    assert.ok(told.Patient === 1 && told.Observation > 10 && told.DocumentReference >= 1, JSON.stringify(told));

    // What its API counts is what was in the file.
    const other = await open(elsewhere);
    const token = /kw_\S+/.exec(await run("token", "create", "--role", "operator", "--days", "1"))[0];
    for (const [type, count] of Object.entries(told)) {
      const answer = await (await other.fhir(token, `${type}?_summary=count`)).json();
      assert.equal(answer.total, count, type);
    }

    // The page in it can be read without this house, by everybody.
    if (javaScriptEnabled) {
      await promisify(execFile)("unzip", ["-q", zip, "record.html", "-d", folder]);
      const read = await (await house.browser()).newPage();
      await read.goto(`file://${path.join(folder, "record.html")}`);
      assert.equal(await read.locator("h1").count(), 1);
      assert.deepEqual(await faults(read), []);
      await picture(read, "record-taken-along");
    }

    // And it is on the list of who looked.
    await page.goto(`${chart}/viewers`);
    assert.match(await page.locator("tbody").textContent(), /Took a copy of the record/);
  });
}
