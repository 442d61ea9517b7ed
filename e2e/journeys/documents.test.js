// Upload and download: a patient adds papers to the record, a doctor reads them and files one with the wrong patient's name first
// (D1, D2, D4, X5), with scripts and without.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { demo, walk } from "../house.js";
import { look } from "../pages.js";
import { at, press } from "../people.js";

const house = await demo(4);

/** Nothing but bytes that begin as a PDF does: what a browser sends is not opened here. */
const paper = (name, text = "one") => ({ name, mimeType: "application/pdf", buffer: Buffer.from(`%PDF-1.7\n% ${text}\n`) });

/** A PDF of one page that says something. */
function letter(name, words) {
  const content = `BT /F 18 Tf 72 700 Td (${words}) Tj ET`;
  const objects = [
    "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
    `<</Length ${content.length}>>stream\n${content}\nendstream`,
    "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
  ];
  let text = "%PDF-1.4\n";
  const places = objects.map((object, i) => {
    const place = text.length;
    text += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(place).padStart(10, "0")} 00000 n \n`;
  });
  const table = text.length;
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${places.join("")}`;
  text += `trailer<</Size ${objects.length + 1}/Root 1 0 R>>\nstartxref\n${table}\n%%EOF`;
  return { name, mimeType: "application/pdf", buffer: Buffer.from(text) };
}

/** The address of the patient's chart whose visitor walks in. */
async function own(options) {
  const page = await walk(house, "patient", options);
  return [page, at(page)];
}

/** What stands behind a link of the list: it is looked at first, and saved from there. */
async function saved(link) {
  const page = link.page();
  const list = page.url();
  await link.click();
  await page.waitForURL("**/look");
  const button = page.getByRole("link", { name: "Download the file" });
  const [download] = await Promise.all([page.waitForEvent("download"), button.click()]);
  await page.goto(list);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

for (const javaScriptEnabled of [true, false]) {
  const way = javaScriptEnabled ? "" : ", without JavaScript";
  const called = javaScriptEnabled ? "Blood test" : "Blood test again";

  test(`D2 X5 D4 a patient adds a paper, a newer version of it, and takes both along${way}`, async () => {
    const [page, chart] = await own({ javaScriptEnabled });
    await page.locator(".tiles a[href$='/documents']").click();
    await page.locator("a.button").click();
    await page.waitForURL(`**${chart}/upload`);
    await page.getByLabel("What it is").selectOption("11502-2");
    await page.getByLabel("What to call it").fill(called);
    await page.getByLabel("Files").setInputFiles([{ ...paper("scan.pdf"), buffer: Buffer.from("MZ\x90 run me") }]);
    await press(page, "Add to the record");
    await page.getByText("is a program").waitFor();
    assert.equal(await page.getByLabel("What to call it").inputValue(), called, "what was typed stands there still");
    assert.equal(await page.getByLabel("What it is").inputValue(), "11502-2");
    await page.getByLabel("Files").setInputFiles([paper("scan.pdf", "first")]);
    await press(page, "Add to the record");
    await page.waitForURL(`**${chart}/documents`);
    const row = page.locator("tbody tr", { has: page.locator("th a:not(.more)", { hasText: called }) });
    assert.match(await row.first().textContent(), /Laboratory report[\s\S]*PDF/);
    await row.first().locator("a.more").click();
    await page.getByLabel("What to call it").fill(`${called}, corrected`);
    await page.getByLabel("Files").setInputFiles([paper("scan.pdf", "second")]);
    await press(page, "Add to the record");
    await page.waitForURL(`**${chart}/documents`);
    assert.equal(await page.locator("tr.over", { hasText: called }).count(), 1, "the older one is marked, and stays");
    const link = (row, name) => page.locator(`${row} th a:not(.more)`, { hasText: name }).first();
    const newer = await saved(link("tbody tr", `${called}, corrected`));
    assert.equal(newer.name, `${called} corrected.pdf`);
    assert.match(newer.bytes.toString(), /second/);
    assert.match((await saved(link("tr.over", called))).bytes.toString(), /first/);
  });

  test(`C9 a word of a letter that was added is found in the record, and no address holds it${way}`, async () => {
    const [page, chart] = await own({ javaScriptEnabled });
    const word = javaScriptEnabled ? "Zirconium" : "Yttrium";
    await page.goto(`${chart}/upload`);
    await page.getByLabel("What to call it").fill("Implant letter");
    await page.getByLabel("Files").setInputFiles([letter("implant.pdf", `The crown is made of ${word} oxide`)]);
    await press(page, "Add to the record");
    await page.waitForURL(`**${chart}/documents`);
    await page.getByRole("searchbox", { name: "Find in this record" }).fill(word.toLowerCase());
    await press(page, "Find");
    await page.waitForURL(`**${chart}/search`);
    await page.getByText("Found in one place.").waitFor();
    assert.equal((await page.locator("mark").textContent()).trim(), word);
    assert.ok(!page.url().toLowerCase().includes(word.toLowerCase()));
    if (javaScriptEnabled) await look(page, "chart-search");
    await page.getByRole("link", { name: "Implant letter" }).click();
    await page.waitForURL("**/look");
  });

  test(`D1 a doctor files a paper only after saying whose it is${way}`, async () => {
    const page = await walk(house, "physician", { javaScriptEnabled });
    await page.locator("main a[href*='/clinic/chart/']").first().click();
    await page.waitForURL("**/clinic/chart/*");
    const chart = at(page);
    const family = (await page.locator(".banner .whose strong").textContent()).trim();
    await page.goto(`${chart}/upload`);
    await page.getByLabel("Name on the paper").fill("Somebody Else");
    await page.getByLabel("Date of birth on the paper").fill("1901-01-01");
    await page.getByLabel("Files").setInputFiles([paper("letter.pdf")]);
    await press(page, "Add to the record");
    await page.getByText("are not those of this chart").waitFor();
    if (javaScriptEnabled) await look(page, "clinic-chart-upload-wrong");
    await page.getByLabel("Name on the paper").fill(family);
    await page.getByLabel("Date of birth on the paper").fill(await born(page));
    await page.getByLabel("Files").setInputFiles([paper("letter.pdf")]);
    await press(page, "Add to the record");
    await page.waitForURL(`**${chart}/documents`);
    assert.ok(await page.locator("tbody th a", { hasText: "letter" }).first().isVisible());
  });
}

/** The day of birth as the banner shows it, as a form takes it. */
async function born(page) {
  const text = await page.locator(".banner .facts dd").first().textContent();
  const [, day, month, year] = /(\d{2})-([A-Z][a-z]{2})-(\d{4})/.exec(text);
  const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  return `${year}-${String(months.indexOf(month) + 1).padStart(2, "0")}-${day}`;
}

/** The oldest document of the first chart, as a physician looks at it. */
async function oldest() {
  const page = await walk(house, "physician", {});
  await page.locator("main a[href*='/clinic/chart/']").first().click();
  await page.waitForURL("**/clinic/chart/*");
  const chart = at(page);
  await page.goto(`${chart}/documents`);
  await page.locator("tbody th a[href$='/look']:not(.more)").last().click();
  await page.waitForURL("**/look");
  return page;
}

test("D4 a doctor looks at a page of a document, with a mark across it, and reads its words", async () => {
  const page = await oldest();
  const picture = page.locator("figure.paper img");
  await picture.waitFor();
  const { width, height } = await picture.evaluate((img) => ({ width: img.naturalWidth, height: img.naturalHeight }));
  assert.ok(width >= 300 && height >= 300, `${width} by ${height}`);
  await page.getByText("Your name, the time and why you look stand across each page.").waitFor();
  await page.locator("summary", { hasText: "The words on this page" }).click();
  assert.ok((await page.locator("pre.words").textContent()).trim().length > 20, "the words of the page are there to be read aloud");
  await look(page, "clinic-chart-document-look");
});

test("D4 a patient takes several documents along in one file, and one as PDF and as FHIR", async () => {
  const [page, chart] = await own();
  for (const word of ["Cobalt", "Nickel"]) {
    await page.goto(`${chart}/upload`);
    await page.getByLabel("What to call it").fill(`${word} letter`);
    await page.getByLabel("Files").setInputFiles([letter(`${word}.pdf`, `About ${word}`)]);
    await press(page, "Add to the record");
    await page.waitForURL(`**${chart}/documents`);
  }
  const row = (name) => page.locator("tbody tr", { hasText: name }).first();
  const small = row("Cobalt letter").locator("img.small");
  assert.ok((await small.evaluate((img) => img.naturalWidth)) > 40, "its first page stands beside it, small");
  await look(page, "chart-documents");
  await press(page, "Download what is ticked");
  await page.getByText("Tick at least one document first").waitFor();
  for (const word of ["Cobalt", "Nickel"]) await row(`${word} letter`).getByRole("checkbox").check();
  const take = async (form) => {
    await page.getByLabel("In which form").selectOption(form);
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download what is ticked" }).click()]);
    return readFileSync(await download.path());
  };
  const zip = (await take("original")).toString("latin1");
  assert.ok(zip.startsWith("PK") && zip.includes("Cobalt letter.pdf") && zip.includes("Nickel letter.pdf"));
  assert.ok(zip.includes("About Cobalt") && zip.includes("About Nickel"), "they are in it as they were added");
  assert.ok((await take("fhir")).toString("latin1").includes('"resourceType": "DocumentReference"'));
  await row("Cobalt letter").locator("th a:not(.more)").click();
  await page.waitForURL("**/look");
  await look(page, "chart-document-look");
  const one = async (name) => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name }).click()]);
    return { name: download.suggestedFilename(), text: readFileSync(await download.path()).toString("latin1") };
  };
  const fhir = await one("As FHIR (JSON)");
  assert.equal(fhir.name, "Cobalt letter.json");
  const kinds = JSON.parse(fhir.text).entry.map(({ resource }) => resource.resourceType);
  assert.deepEqual(kinds, ["DocumentReference", "Binary"]);
  assert.ok((await one("As PDF")).text.includes("About Cobalt"), "what is a PDF stays what it is");
});

test("D4 what a doctor saves bears who saved it, when and why, on every page, and not the file itself", async () => {
  const page = await oldest();
  assert.equal(await page.getByRole("link", { name: "As FHIR (JSON)" }).count(), 0);
  const words = (await page.locator("pre.words").textContent()).trim().split(/\s+/).find((word) => word.length > 5);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download the file" }).click()]);
  const bytes = readFileSync(await download.path()).toString("latin1");
  assert.ok(download.suggestedFilename().endsWith(".pdf") && bytes.startsWith("%PDF-"));
  assert.ok(bytes.includes("/DCTDecode") && !bytes.includes(words), "it is pictures of its pages, and no words that could be left unmarked");
});

test("D2 a patient types five values from a photographed report; they stand with the clinic's, and one is changed", async () => {
  const [page, chart] = await own();
  await page.goto(`${chart}/documents`);
  await page.locator("tbody tr", { hasText: "Cobalt letter" }).first().locator("th a:not(.more)").click();
  await page.waitForURL("**/look");
  await page.getByRole("link", { name: "Type in results from a paper" }).click();
  const day = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  const typed = [["4548-4", "7,1"], ["718-7", "135"], ["2160-0", "0.9"], ["2823-3", "4.2"], ["3016-3", "2.5"]];
  await page.getByLabel("Day on the paper").fill(day);
  for (const [i, [test, value]] of typed.entries()) {
    await page.getByLabel(`Test ${i + 1}`).selectOption(test);
    await page.getByLabel(`Value ${i + 1}`).fill(value);
  }
  await press(page, "Save");
  await page.getByText("This is too high or too low. Check the number and its unit.").waitFor();
  assert.equal(await page.getByLabel("Value 1").inputValue(), "7,1", "what was typed stands there still");
  await look(page, "chart-values-new");
  await page.getByLabel("Value 2").fill("13.5");
  await press(page, "Save");
  await page.waitForURL(`**${chart}/entries`);
  await page.goto(`${chart}/results/4548-4`);
  await page.locator("td", { hasText: /^7\.1\s*%/ }).first().waitFor();
  await page.getByText(/from the patient|by the patient|reported by|you wrote|from you/i).first().waitFor();
  await page.goto(`${chart}/entries`);
  await page.getByRole("link", { name: /HbA1c/ }).first().click();
  await page.getByRole("link", { name: "Change" }).click();
  await page.getByRole("textbox", { name: /HbA1c/ }).fill("7.3");
  await press(page, "Save");
  await page.waitForURL(`**${chart}/entries`);
  await page.goto(`${chart}/results/4548-4`);
  await page.locator("td", { hasText: /^7\.3\s*%/ }).first().waitFor();
  assert.equal(await page.locator("td", { hasText: /^7\.1\s*%/ }).count(), 0);
});

for (const javaScriptEnabled of [true, false]) {
  test(`D2 a patient takes back what they added, and nothing of the clinic's${javaScriptEnabled ? "" : ", without JavaScript"}`, async () => {
    const [page, chart] = await own({ javaScriptEnabled });
    await page.goto(`${chart}/upload`);
    await page.getByLabel("What to call it").fill("Wrong paper");
    await page.getByLabel("Files").setInputFiles([letter("wrong.pdf", "Somebody else")]);
    await press(page, "Add to the record");
    await page.waitForURL(`**${chart}/documents`);
    const row = page.locator("tbody tr", { hasText: "Wrong paper" });
    await row.locator("th a:not(.more)").click();
    await page.locator("summary", { hasText: "Take this document back" }).click();
    await press(page, "Yes, take it back");
    await page.waitForURL(`**${chart}/documents`);
    assert.equal(await row.count(), 0);
    await page.locator("tbody tr", { hasText: "Discharge summary" }).first().locator("th a:not(.more)").click();
    await page.waitForURL("**/look");
    assert.equal(await page.getByText("Take this document back").count(), 0);
  });
}

test("a photograph of 200 megabytes is answered with a sentence, and nothing is kept", async () => {
  const [page, chart] = await own();
  await page.goto(`${chart}/documents`);
  const before = await page.locator("tbody tr").count();
  await page.goto(`${chart}/upload`);
  // More than the driver carries in one message, so the page makes the file itself.
  await page.getByLabel("Files").evaluate((field) => {
    const all = new DataTransfer();
    all.items.add(new File([new Uint8Array(200 << 20)], "photo.jpg", { type: "image/jpeg" }));
    field.files = all.files;
  });
  await press(page, "Add to the record");
  await page.getByText("longer than 30 megabytes").waitFor();
  await page.goto(`${chart}/documents`);
  assert.equal(await page.locator("tbody tr").count(), before);
});
