// The page over the demo: every view, once.

import assert from "node:assert/strict";
import { request } from "node:http";
import { after, before, test } from "node:test";
import { VIEWS, accessible, demo, fits, go, launch, open } from "./stage.mjs";

let program, browser, page, wrong;

before(async () => {
  [program, browser] = await Promise.all([demo(), launch()]);
  ({ page, wrong } = await open(browser, program.url));
});

after(async () => {
  await browser?.close();
  await program?.stop();
});

const rows = () => page.locator(".row:not(.head)");

test("the overview lists all Services, with what cannot be read", async () => {
  for (const name of ["carts", "orders", "payments", "users"]) await rows().filter({ hasText: `demo/${name}` }).waitFor();
  await rows().filter({ hasText: "not readable: tls 1" }).waitFor();
  await page.locator(".links .severity").first().waitFor();
  assert.equal(await page.locator(".live").innerText(), "live");
});

test("an endpoint that comes is there by itself, with a mark", async () => {
  await go(page, "#/service/demo%2Forders");
  await rows().filter({ hasText: "/api/v1/reports/{date}" }).waitFor();
  // What was there when the page came is not new.
  await page.reload();
  await rows().filter({ hasText: "/api/v1/reports/{date}" }).waitFor();
  assert.equal(await rows().filter({ hasText: "/api/v1/reports/{date}" }).locator(".new").count(), 0);
  const { host, port } = new URL(`http://${program.services.orders}`);
  const asked = request({ host: host.split(":")[0], port, path: "/api/v1/orders/4711", method: "PATCH" });
  asked.on("response", (answer) => answer.resume()).end();
  await rows().filter({ hasText: "PATCH" }).locator(".new").waitFor();
});

test("an endpoint shows all that is known of it", async () => {
  await rows().filter({ hasText: "POST" }).filter({ has: page.getByTitle("/api/v1/orders", { exact: true }) }).click();
  const detail = page.locator(".detail");
  for (const part of ["Answers", "Authentication", "Request application/json", "Response 201", "Why this name", "Example, redacted"])
    await detail.getByRole("heading", { name: part }).waitFor();
  await detail.locator(".shape p").filter({ hasText: "card" }).locator(".label").first().waitFor();
  const text = await detail.innerText();
  assert.ok(!text.includes("4111 1111") && !/ann\d+@shop/.test(text), text);
  await accessible(page, "an endpoint");
  await page.keyboard.press("Escape");
  await detail.waitFor({ state: "detached" });
});

test("a Service gives its document", async () => {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "YAML" }).click(),
  ]);
  assert.equal(download.suggestedFilename(), "demo.orders.openapi.yaml");
  const stream = await download.createReadStream();
  const text = (await stream.toArray()).join("");
  assert.ok(text.startsWith('openapi: "3.1.') && text.includes(`"/api/v1/orders/{orderId}":`), text);
});

test("filters stand in the address, and all things can be searched", async () => {
  await page.keyboard.press("/");
  await page.keyboard.type("sessions");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => location.hash === "#/endpoints?q=sessions");
  await rows().filter({ hasText: "/users/{userId}/sessions" }).waitFor();
  assert.equal(await rows().count(), 1);
  await page.getByRole("searchbox", { name: /Filter/ }).fill("users");
  await page.getByLabel("Method", { exact: true }).selectOption("PATCH");
  await page.waitForFunction(() => /q=users&method=PATCH$/.test(location.hash));
  const found = await page.getByRole("status").innerText();
  assert.match(found, /^1 of \d+ endpoints/);
  await page.reload();
  await rows().filter({ hasText: "PATCH" }).waitFor();
  assert.equal(await rows().count(), 1);
  await page.getByRole("button", { name: "show all" }).click();
  await rows().nth(10).waitFor();
});

test("what is not seen has its reason and what to do", async () => {
  await go(page, VIEWS.unseen);
  const row = page.getByRole("row").filter({ hasText: "demo/payments" });
  await row.filter({ hasText: "tls" }).filter({ hasText: "--keylog" }).waitFor();
  await page.getByRole("heading", { name: /^requests/ }).waitFor();
  // The page itself is no server that anybody has to name.
  assert.equal(await page.getByRole("heading", { name: "Servers without a name" }).count(), 0);
});

test("explain answers for a path", async () => {
  await go(page, VIEWS.explain);
  await page.getByRole("textbox", { name: /path/ }).fill("GET /users/0000000a-1111-4222-8333-444455556666");
  await page.keyboard.press("Enter");
  await page.locator(".endpoint").filter({ hasText: "/users/{userId}" }).first().waitFor();
  await page.locator(".steps li").filter({ hasText: "variable" }).first().waitFor();
});

test("nodes say how they are", async () => {
  await go(page, VIEWS.nodes);
  await page.locator(".facts").filter({ hasText: "captures packets on lo" }).waitFor();
  await page.getByRole("cell", { name: "app-carts" }).waitFor();
});

test("every view is accessible, and fits", async () => {
  for (const [name, hash] of Object.entries(VIEWS)) {
    await go(page, hash);
    await accessible(page, name);
    await fits(page, name);
  }
});

test("nothing went wrong in it, and nobody else was asked", () => assert.deepEqual(wrong, []));
