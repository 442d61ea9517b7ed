// A house of its own for each journey: the real program in a temporary folder, on a free port of this machine, and a browser that
// visits it. Both are stopped when the journey's file is done, however it ends.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { chromium } from "playwright-core";

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), "..");
/** The program itself. */
export const PROGRAM = process.env.KEEPWELL_PROGRAM ?? path.join(ROOT, "target/debug/keepwell");
const CHROMIUM = process.env.KEEPWELL_CHROMIUM ?? "/usr/bin/chromium";

/** Where screenshots land. */
export const PICTURES = process.env.KEEPWELL_PICTURES ?? path.join(ROOT, "target/e2e");

/** How long a step may take: a busy machine hashes passwords slowly. */
const PATIENCE = 20_000;

/** How long all of a file may take: what hangs is an error, not a wait. */
const LIMIT = 600_000;

/** Opens a house; it closes when all tests of the file have run. `places` names another data folder and key file than its own, or another `host`:
 * cookies know hosts and no ports, so two houses in one browser need two. */
export async function open(places = {}) {
  const house = await begin(["serve"], places);
  house.setupToken = await house.tells(/^ {2}(kw_\S+)$/m);
  return house;
}

/** Opens a house full of people who never lived, as `keepwell demo` does; visitors walk in by one click. */
export async function demo(patients) {
  const house = await begin(["demo", "--patients", String(patients)]);
  await house.tells(new RegExp(`(All ${patients} patients are there)`), 4 * PATIENCE);
  return house;
}

async function begin(does, places) {
  const house = new House();
  const hangs = () => {
    process.stderr.write(`given up after ${LIMIT / 1000} s\n`);
    process.exit(1);
  };
  setTimeout(hangs, LIMIT).unref();
  after(() => house.close());
  await house.start(does, places);
  return house;
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

export class House {
  #child;
  #browser;
  #operator;
  #said = "";

  async start(does, { KEEPWELL_DATA, KEEPWELL_KEY_FILE, host = "localhost" } = {}) {
    this.folder = mkdtempSync(path.join(tmpdir(), "keepwell-e2e-"));
    // `localhost`, because passkeys are made for names; apps of these tests live on 127.0.0.1, which is another site.
    const port = await freePort();
    this.origin = `http://${host}:${port}`;
    this.base = `${this.origin}/fhir/R4`;
    this.environment = {
      PATH: process.env.PATH,
      HOME: this.folder,
      KEEPWELL_DATA: KEEPWELL_DATA ?? path.join(this.folder, "data"),
      KEEPWELL_KEY_FILE: KEEPWELL_KEY_FILE ?? path.join(this.folder, "root.key"),
      KEEPWELL_LISTEN: `127.0.0.1:${port}`,
      KEEPWELL_BASE_URL: this.origin,
      KEEPWELL_MESSAGES_TO_FILES: "true",
      KEEPWELL_NOTIFY_HOSTS: "127.0.0.1",
      KEEPWELL_LOG_LEVEL: "warn",
    };
    // Where the test's process is killed, the kernel of Linux ends the program too.
    const [program, before] = process.platform === "linux" ? ["setpriv", ["--pdeathsig", "KILL", PROGRAM]] : [PROGRAM, []];
    this.#child = spawn(program, [...before, ...does], { env: this.environment, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream.on("data", (text) => (this.#said += text));
    process.once("exit", () => {
      this.#child.kill("SIGKILL");
      rmSync(this.folder, { recursive: true, force: true });
    });
    this.#browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
    });
  }

  /** Waits until the program has printed something of that form. */
  async tells(form, patience = PATIENCE) {
    for (const end = Date.now() + patience; Date.now() < end; await new Promise((go) => setTimeout(go, 50))) {
      const found = form.exec(this.#said);
      if (found) return found[1];
      if (this.#child.exitCode !== null) break;
    }
    throw new Error(`the program did not start:\n${this.#said}`);
  }

  async close() {
    await this.#browser?.close();
    if (this.#child && this.#child.exitCode === null) {
      const ended = once(this.#child, "exit");
      this.#child.kill("SIGTERM");
      const slow = setTimeout(() => this.#child.kill("SIGKILL"), 5_000);
      await ended;
      clearTimeout(slow);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A browser that nobody has used yet: cookies of its own. */
  async browser(options = {}) {
    const context = await this.#browser.newContext({ baseURL: this.origin, ...options });
    context.setDefaultTimeout(PATIENCE);
    return context;
  }

  /** A page in a browser of its own. */
  async page(options = {}) {
    return (await this.browser(options)).newPage();
  }

  /** Runs a command of the program beside the running server; what it prints. */
  async command(...args) {
    const { stdout } = await promisify(execFile)(PROGRAM, args, { env: this.environment });
    return stdout.trim();
  }

  /** Asks the FHIR API. */
  async fhir(token, at, { method = "GET", body } = {}) {
    const headers = { authorization: `Bearer ${token}`, accept: "application/fhir+json" };
    if (body) headers["content-type"] = "application/fhir+json";
    return fetch(`${this.base}/${at}`, { method, headers, body: body && JSON.stringify(body) });
  }

  /** Stores something, as an operator does. */
  async put(resource) {
    this.#operator ??= /kw_\S+/.exec(await this.command("token", "create", "--role", "operator", "--days", "1"))[0];
    const at = `${resource.resourceType}/${resource.id}`;
    const answer = await this.fhir(this.#operator, at, { method: "PUT", body: resource });
    if (answer.status !== 200 && answer.status !== 201) throw new Error(`PUT ${at}: ${answer.status} ${await answer.text()}`);
  }

  /** The newest message that was sent to anybody. */
  message() {
    const folder = path.join(this.folder, "data/messages-for-development");
    return readFileSync(path.join(folder, readdirSync(folder).sort().at(-1)), "utf8");
  }

  /** Registers an app, as the app itself does. */
  async register(metadata) {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${this.origin}/oauth/register`, { method: "POST", headers, body: JSON.stringify(metadata) });
    if (answer.status !== 201) throw new Error(`register: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  /** Registers an app, and lets it in as the administrator does. */
  async app(metadata) {
    const client = await this.register(metadata);
    await this.command("client", "approve", client.client_id);
    return client;
  }
}

/** Saves what the page shows: from top to bottom, or what stands in the window. */
export async function picture(page, name, fullPage = true) {
  mkdirSync(PICTURES, { recursive: true });
  // A long page takes a busy machine a while; how long is nothing that a picture promises.
  await page.screenshot({ path: path.join(PICTURES, `${name}.png`), fullPage, timeout: 3 * PATIENCE });
}

/** Somebody who walks through a demo's house in the place of one of its people: one click on the front page, no password. */
export async function walk(house, as, options) {
  const page = await house.page(options);
  await page.goto("/");
  await page.locator(`button[name=as][value=${as}]`).click();
  await page.waitForURL((address) => address.pathname !== "/" && address.pathname !== "/visit");
  return page;
}
