// The page where it is hard: narrow and dark, hostile names, ten thousand endpoints, the keyboard alone.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { VIEWS, accessible, demo, entry, fits, go, launch, open, overArchive } from "./stage.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const rowsOf = (page) => page.locator(".row:not(.head)");

describe("over the demo", () => {
  let program;
  before(async () => (program = await demo()));
  after(() => program?.stop());

  for (const [name, options] of Object.entries({
    narrow: { viewport: { width: 360, height: 740 } },
    dark: { colorScheme: "dark" },
    "narrow and dark": { viewport: { width: 360, height: 740 }, colorScheme: "dark" },
    "of middle width": { viewport: { width: 900, height: 700 } },
  }))
    test(`every view is accessible and fits, ${name}`, async () => {
      const { page, wrong, close } = await open(browser, program.url, options);
      await rowsOf(page).filter({ hasText: "not readable" }).or(rowsOf(page).filter({ hasText: "demo/payments" })).first().waitFor();
      const views = {
        ...VIEWS,
        "an explanation": "#/explain?subject=/users",
        "a Service": "#/service/demo%2Forders",
        "a tree": "#/service/demo%2Forders?tree=1",
        "a Service that cannot be read": "#/service/demo%2Fpayments",
        "filters that nothing passes": "#/endpoints?q=nothing-is-like-this&method=TRACE",
        "an endpoint that is gone": "#/endpoints?endpoint=0000000000000000",
        "what no view is": "#/%zz/%zz?%zz",
      };
      for (const [view, hash] of Object.entries(views)) {
        await go(page, hash);
        if (view === "an explanation") await page.locator(".endpoint").first().waitFor();
        await accessible(page, view);
        await fits(page, view);
      }
      await go(page, "#/service/demo%2Forders");
      await rowsOf(page).nth(1).click();
      await page.locator(".detail .steps").waitFor();
      await accessible(page, "an endpoint in full");
      await fits(page, "an endpoint in full");
      // The endpoint that is gone was asked for, and refused.
      assert.deepEqual(wrong.filter((one) => !/404/.test(one)), []);
      await close();
    });

  test("the keyboard is enough", async () => {
    const { page, wrong, close } = await open(browser, program.url);
    await rowsOf(page).filter({ hasText: "demo/users" }).waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "main", "the first stop leads to the content");
    await go(page, "#/service/demo%2Forders");
    const grid = page.getByRole("grid");
    await grid.focus();
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    const last = await rowsOf(page).last().innerText();
    await page.locator(".detail").filter({ hasText: "/healthz" }).waitFor();
    assert.ok(last.includes("/healthz"), last);
    await page.keyboard.press("Escape");
    await page.locator(".detail").waitFor({ state: "detached" });
    await page.goBack();
    await page.locator(".detail").waitFor();
    await go(page, "#/service/demo%2Forders?tree=1");
    const tree = page.getByRole("treegrid");
    await tree.focus();
    const before = await rowsOf(page).count();
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowLeft");
    await page.waitForFunction((many) => document.querySelectorAll(".row:not(.head)").length < many, before);
    await page.keyboard.press("ArrowRight");
    await page.waitForFunction((many) => document.querySelectorAll(".row:not(.head)").length === many, before);
    assert.deepEqual(wrong, []);
    await close();
  });

  test("a page whose program ended says so, and keeps what it has", async () => {
    const { page, close } = await open(browser, program.url);
    await go(page, "#/endpoints");
    await rowsOf(page).filter({ hasText: "/login" }).waitFor();
    await program.stop();
    await page.getByRole("alert").filter({ hasText: "does not answer" }).waitFor();
    assert.equal(await page.locator(".live").innerText(), "not answered");
    await rowsOf(page).filter({ hasText: "/login" }).waitFor();
    await close();
  });
});

const HOSTILE = [
  `<img src=x onerror="window.owned=1">`,
  `"><script>window.owned=1</script>`,
  `<svg/onload=window.owned=1>`,
  `javascript:window.owned=1`,
  `{{constructor.constructor("window.owned=1")()}}`,
  "\u202egnp.exe",
  "\u0000\u001b[2J\r\n",
  "__proto__",
  "constructor",
  "toString",
  "%",
  "😀".repeat(60),
  "x".repeat(3000),
  "a b\tc",
];

/** Requests with a hostile text in every place that can have one. */
function hostile(text) {
  const inPath = encodeURIComponent(text).replaceAll("'", "%27");
  const body = { [text]: { [text]: [text] }, mail: "ann@shop.test" };
  const more = {
    headers: [{ name: "Content-Type", value: `application/json` }, { name: "X-Note", value: text }],
    body: { mimeType: "application/json", text: JSON.stringify(body) },
    answer: { size: 1, mimeType: `text/${text}`, text: JSON.stringify(body) },
  };
  return [
    entry("GET", `http://shop.example/files/${inPath}?${inPath}=${inPath}`),
    entry("GET", `http://shop.example/raw/${text}`),
    entry("POST", `http://shop.example/made/${inPath}`, 201, more),
    entry(text, "http://shop.example/methods"),
    entry("GET", `http://${text}/hosts`),
  ];
}

test("hostile names are text, and nothing more", async (context) => {
  const program = await overArchive(HOSTILE.flatMap(hostile));
  context.after(program.stop);
  for (const viewport of [{ width: 1440, height: 900 }, { width: 360, height: 740 }]) {
    const { page, wrong, close } = await open(browser, program.url, { viewport });
    await go(page, "#/endpoints");
    await rowsOf(page).filter({ hasText: "__proto__" }).first().waitFor();
    const ids = await page.evaluate(async () => {
      const answer = await (await fetch("api/state")).json();
      return answer.endpoints.map((one) => [one.id, one.service]);
    });
    assert.ok(ids.length > 20, `${ids.length} endpoints`);
    let shown = "";
    for (const [id, service] of ids) {
      await go(page, `#/service/${encodeURIComponent(service)}?endpoint=${id}`);
      await page.locator(".detail .facts").waitFor();
      await fits(page, `endpoint ${id}`);
      shown += await page.locator(".detail").textContent();
    }
    for (const text of HOSTILE.filter((one) => /^[ -~]{2,90}$/.test(one))) assert.ok(shown.includes(text), `${text} is not shown`);
    for (const text of HOSTILE)
      for (const hash of [`#/endpoints?q=${encodeURIComponent(text)}`, `#/explain?subject=${encodeURIComponent(text)}`]) {
        await go(page, hash);
        await fits(page, hash);
      }
    for (const [view, hash] of Object.entries({ ...VIEWS, tree: "#/endpoints?tree=1" })) {
      await go(page, hash);
      await accessible(page, view);
      await fits(page, view);
    }
    assert.equal(await page.evaluate(() => [window.owned, {}.owned, document.scripts.length].join()), ",,1");
    assert.deepEqual(wrong, []);
    await close();
  }
});

const MANY = 10_000;

/** A number as a word. */
const word = (number) => [...String(number)].map((digit) => "bdfgklmnpr"[digit] + "aeiouaeiou"[digit]).join("");

test("ten thousand endpoints are fluent", async (context) => {
  const paths = Array.from({ length: MANY }, (_, number) => `/${word(Math.floor(number / 100))}/${word(number)}`);
  const program = await overArchive(paths.map((path) => entry("GET", `http://shop.example${path}`)));
  context.after(program.stop);
  const { page, wrong, close } = await open(browser, program.url);
  const tell = (what, since) => context.diagnostic(`${what}: ${Math.round(performance.now() - since)} ms`);
  let since = performance.now();
  await go(page, "#/endpoints");
  await page.getByRole("status").filter({ hasText: "10,000 endpoints" }).waitFor();
  tell("all are there after", since);
  assert.equal(await page.getByRole("columnheader", { name: "State" }).count(), 0, "nothing of an archive is pushed");
  const few = async () => {
    const many = await rowsOf(page).count();
    assert.ok(many > 5 && many < 100, `${many} rows exist`);
  };
  await few();
  await page.getByRole("grid").focus();
  since = performance.now();
  await page.keyboard.press("End");
  await page.locator(`.row[aria-rowindex="${MANY + 1}"]`).waitFor();
  tell("to the last row", since);
  await few();
  // The longest time between two pictures while it scrolls by a screen each.
  const longest = await page.evaluate(async () => {
    const list = document.querySelector(".rows");
    list.scrollTop = 0;
    let [before, longest] = [performance.now(), 0];
    for (let turn = 0; turn < 120; turn += 1) {
      list.scrollTop += list.clientHeight;
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      [before, longest] = [now, Math.max(longest, now - before)];
    }
    return longest;
  });
  context.diagnostic(`longest time between two pictures while scrolling: ${Math.round(longest)} ms`);
  assert.ok(longest < 1000, `${longest} ms between two pictures`);
  await go(page, "#/unseen");
  await page.getByText("1 server is listed by address").waitFor();
  await go(page, "#/endpoints");
  since = performance.now();
  await page.getByRole("searchbox", { name: /Filter/ }).fill(word(4321));
  await page.getByRole("status").filter({ hasText: "1 of 10,000" }).waitFor();
  tell("filtered after", since);
  since = performance.now();
  await go(page, "#/endpoints?tree=1");
  await rowsOf(page).first().waitFor();
  tell("a tree after", since);
  await few();
  await accessible(page, "a tree of ten thousand");
  assert.deepEqual(wrong, []);
  await close();
});
