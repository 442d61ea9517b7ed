// What every page is held to: no fault that axe finds (WCAG 2.2 AA), at three widths and in both colour schemes, and nothing to scroll
// sideways for. Each look leaves screenshots.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { picture } from "./house.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const JSQR = readFileSync(createRequire(import.meta.url).resolve("jsqr"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
/** Phone, tablet, desktop; one of them in the dark. */
const LOOKS = [
  { width: 320, colorScheme: "light" },
  { width: 768, colorScheme: "dark" },
  { width: 1440, colorScheme: "light" },
];

/** What axe finds, in a line each. */
export async function faults(page) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
  const violations = await page.evaluate(
    (tags) =>
      window.axe
        .run({ runOnly: { type: "tag", values: tags }, rules: { "target-size": { enabled: true } }, resultTypes: ["violations"] })
        .then((found) => found.violations),
    TAGS,
  );
  return violations.flatMap((fault) => fault.nodes.map((node) => `${fault.id}: ${node.html} (${node.failureSummary})`));
}

/** By how many pixels the page is wider than the window. */
export function excess(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** Looks at a page as it stands; `name` names its screenshots. */
export async function look(page, name) {
  for (const { width, colorScheme } of LOOKS) {
    await page.setViewportSize({ width, height: 800 });
    // A colour on its way to another is neither of them.
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    assert.deepEqual(await faults(page), [], `${name} at ${width} px`);
    assert.ok((await excess(page)) <= 0, `${name} is too wide for ${width} px`);
    await picture(page, `${name}-${width}`);
  }
  await page.emulateMedia({ colorScheme: "light", reducedMotion: null });
}

/** Whether the control that has the focus can be seen to have it: an outline of its own, and nothing that lies over it. */
export function focused(page) {
  return page.evaluate(() => {
    const control = document.activeElement;
    const style = getComputedStyle(control);
    const box = control.getClientRects()[0];
    const above = document.elementFromPoint(box.x + Math.min(box.width, 12) / 2, box.y + box.height / 2);
    return {
      what: `${control.localName} ${control.getAttribute("href") ?? control.name ?? ""} ${control.textContent.trim().slice(0, 30)}`,
      isOutlined: style.outlineStyle !== "none" && Number.parseFloat(style.outlineWidth) >= 2,
      isInSight: above !== null && (control.contains(above) || above.contains(control)),
    };
  });
}

/** The pages that the portal's table of routes names, as patterns of their addresses; one for each realm where it says `{realm}`. */
export function routes() {
  const table = readFileSync(new URL("../crates/portal/src/routes.rs", import.meta.url), "utf8");
  const shown = [...table.matchAll(/^ {4}get +"([^"]+)"/gm)].map(([, template]) => template);
  const pages = shown.filter((template) => !template.startsWith("/assets/") && !template.endsWith(".webmanifest") && !template.endsWith("/changes"));
  return pages.flatMap((template) =>
    template.includes("{realm}") ? ["patient", "clinic", "admin"].map((realm) => template.replace("{realm}", realm)) : [template],
  );
}

/** What a camera reads of the first QR code on a page, as it is drawn there at three dots a pixel: what a printer prints of it. */
export async function scanned(page, house) {
  const shot = (await page.locator(".code svg").first().screenshot()).toString("base64");
  const camera = await (await house.browser()).newPage();
  await camera.evaluate(JSQR);
  const read = await camera.evaluate(async (data) => {
    const image = new Image();
    image.src = `data:image/png;base64,${data}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    // White around it, as paper has.
    [canvas.width, canvas.height] = [image.width + 80, image.height + 80];
    const context = canvas.getContext("2d");
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 40, 40);
    const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
    return window.jsQR(pixels.data, canvas.width, canvas.height)?.data;
  }, shot);
  await camera.context().close();
  assert.ok(read, "the QR code can be read from the screen");
  return read;
}
