// A SMART app that runs in a browser: fhirclient's own build, served from another site. What it does, it does as its documents say:
// https://docs.smarthealthit.org/client-js/

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import { after } from "node:test";

const folder = path.dirname(createRequire(import.meta.url).resolve("fhirclient/package.json"));
const CLIENT = readFileSync(path.join(folder, "build/fhir-client.js"));

/** The page that asks to be let in. Its settings stand in its address after `#`, or in it; `iss` and `launch` come as SMART says. */
const launch = (settings) => `<!doctype html><title>Growth Chart starts</title><script src="/fhir-client.js"></script><script>
const settings = location.hash ? JSON.parse(decodeURIComponent(location.hash.slice(1))) : ${JSON.stringify(settings)};
FHIR.oauth2.authorize(settings).catch((error) => { document.body.textContent = "failed: " + error.message; });
</script>`;

/** The page that the answer comes to. */
const BACK = `<!doctype html><title>Growth Chart</title><p id="said">waits</p><script src="/fhir-client.js"></script><script>
const said = document.getElementById("said");
FHIR.oauth2.ready().then((client) => { window.client = client; said.textContent = "ready"; })
  .catch((error) => { said.textContent = "failed: " + error.message; });
</script>`;

/** A page that leaves its address alone. */
const HOME = "<!doctype html><title>Home</title>";

/** Serves the app on a port of its own; it closes with the test file. With its `settings` set, it can be started from a chart. */
export async function serveApp() {
  const app = { settings: {} };
  const pages = {
    "/fhir-client.js": () => ["text/javascript", CLIENT],
    "/launch": () => ["text/html", launch({ redirectUri: app.back, pkceMode: "required", ...app.settings })],
    "/back": () => ["text/html", BACK],
    "/home": () => ["text/html", HOME],
  };
  const server = createServer((request, response) => {
    const [kind, body] = pages[request.url.split("?")[0]]?.() ?? [];
    response.writeHead(body ? 200 : 404, { "content-type": `${kind ?? "text/plain"}; charset=utf-8` });
    response.end(body ?? "nothing is here");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => {
    server.close();
    server.closeAllConnections();
  });
  const origin = `http://127.0.0.1:${server.address().port}`;
  return Object.assign(app, { origin, launch: `${origin}/launch`, back: `${origin}/back`, home: `${origin}/home` });
}

/** The address that starts the app by itself, with these settings. */
export function standalone(app, settings) {
  return `${app.launch}#${encodeURIComponent(JSON.stringify({ redirectUri: app.back, pkceMode: "required", ...settings }))}`;
}

/** Waits until the app is in; what it was told. */
export async function ready(page) {
  await page.waitForURL("**/back*");
  const said = page.locator("#said");
  await said.filter({ hasNotText: "waits" }).waitFor();
  if ((await said.textContent()) !== "ready") throw new Error(await said.textContent());
  return page.evaluate(() => window.client.state.tokenResponse);
}

/** What the app's own client gets from the API: the resource, or the status that it was refused with. */
export function asks(page, what) {
  return page.evaluate((what) => window.client.request(what).catch((error) => error.statusCode ?? String(error)), what);
}
