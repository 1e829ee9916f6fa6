// What the tests share: the program as a process, the browser, and a page that is watched.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const VIEWS = { overview: "#/", endpoints: "#/endpoints", unseen: "#/unseen", explain: "#/explain", nodes: "#/nodes" };

/** Starts the program, and waits until it says the address of its page behind these words. */
async function start(args, words) {
  const child = spawn(process.env.TRAFFIC_MONITOR, args, { stdio: ["ignore", "pipe", "pipe"] });
  const said = [];
  child.stderr.on("data", (text) => said.push(String(text)));
  const ended = new Promise((resolve) => child.on("exit", resolve));
  let told;
  const address = new Promise((resolve) => (told = resolve));
  const services = {};
  createInterface({ input: child.stdout }).on("line", (line) => {
    said.push(line);
    const [, before, found] = /(.*)(http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\/)/.exec(line) ?? [];
    if (found && before.includes(words)) told(found);
    const [, name, at] = /^ {2}demo\/(\w+) +(127\.0\.0\.1:\d+) /.exec(line) ?? [];
    if (name) services[name] = at;
  });
  const url = await Promise.race([address, ended.then((code) => assert.fail(`it ended with ${code}: ${said.join("\n")}`))]);
  return {
    url,
    services,
    // Once more does nothing.
    stop: async () => {
      child.kill("SIGINT");
      assert.equal(await ended, 0, said.join("\n"));
    },
  };
}

/** The demo, until it is stopped; something has arrived by now. */
export const demo = () => start(["demo", "--seconds", "0"], "first endpoint after");

/** A page over an archive with these entries, whose words stay words. */
export async function overArchive(entries) {
  const folder = mkdtempSync(join(tmpdir(), "traffic-monitor-page-"));
  const [archive, config] = [join(folder, "made.har"), join(folder, "config.json")];
  writeFileSync(archive, JSON.stringify({ log: { version: "1.2", creator: { name: "page/tests" }, entries } }));
  writeFileSync(config, JSON.stringify({ monitor: { pathRules: ["/**"], endpointsPerService: 20_000 } }));
  const program = await start(["view", "--no-open", "--memory", "512", "--config", config, archive], "The page is at");
  return {
    ...program,
    stop: async () => {
      await program.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const launch = () =>
  chromium.launch({
    executablePath: "/usr/bin/chromium",
    // In the namespace that the tests run in everybody is root, for whom Chromium has no sandbox.
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });

/** A page that is watched: `wrong` has what a good page never does. */
export async function open(browser, url, options = {}) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, ...options });
  const wrong = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && wrong.push(message.text()));
  page.on("pageerror", (error) => wrong.push(error.message));
  page.on("dialog", (dialog) => (wrong.push(dialog.message()), dialog.dismiss()));
  page.on("request", (request) => request.url().startsWith(url) || wrong.push(`asked for ${request.url()}`));
  page.setDefaultTimeout(15_000);
  await page.goto(url);
  await page.waitForSelector("h1");
  return { page, wrong, close: () => page.close() };
}

/** Goes to a view, and waits until it has its head. */
export async function go(page, hash) {
  await page.evaluate((to) => (location.hash = to), hash);
  await page.waitForFunction((to) => location.hash === to && document.querySelector("h1"), hash);
}

/** Fails where axe finds something that hinders someone. */
export async function accessible(page, what) {
  // By the debugger, which the page's policy does not bind.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const told = violations.map(({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map((one) => one.html).join("\n  ")}`);
  assert.equal(told.length, 0, `${what}\n${told.join("\n")}`);
}

/** Fails where a view is wider than the window. */
export async function fits(page, what) {
  const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(wide <= window, `${what} is ${wide} pixels wide, of ${window}`);
}

/** An entry of an archive. */
export function entry(method, url, status = 200, more = {}) {
  return {
    startedDateTime: "2026-11-02T03:04:05.678Z",
    time: 1,
    request: {
      method, url, httpVersion: "HTTP/1.1", cookies: [], headers: more.headers ?? [],
      queryString: [], headersSize: -1, bodySize: -1, ...(more.body && { postData: more.body }),
    },
    response: {
      status, statusText: "", httpVersion: "HTTP/1.1", cookies: [], headers: [],
      content: more.answer ?? { size: 2, mimeType: "application/json", text: "{}" }, redirectURL: "", headersSize: -1, bodySize: -1,
    },
    cache: {},
    timings: { send: 0, wait: 1, receive: 0 },
  };
}
