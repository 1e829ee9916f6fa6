// Makes the pictures of the documentation, of the page over the demo.

import { mkdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { demo, go, launch, open } from "./stage.mjs";

const FOLDER = "docs/page";
const PICTURES = {
  overview: { hash: "#/", modes: ["wide", "narrow", "dark"] },
  service: { hash: "#/service/demo%2Forders", modes: ["wide", "narrow", "dark"] },
  tree: { hash: "#/endpoints?tree=1", modes: ["wide"] },
  unseen: { hash: "#/unseen", modes: ["wide", "narrow", "dark"] },
  explain: { hash: "#/explain?subject=GET+%2Fusers%2F0000000a-1111-4222-8333-444455556666", modes: ["wide"] },
  nodes: { hash: "#/nodes", modes: ["wide"] },
};
const MODES = {
  wide: { viewport: { width: 1280, height: 800 } },
  narrow: { viewport: { width: 390, height: 800 } },
  dark: { viewport: { width: 1280, height: 800 }, colorScheme: "dark" },
};

let program, browser;
before(async () => {
  mkdirSync(FOLDER, { recursive: true });
  [program, browser] = await Promise.all([demo(), launch()]);
});
after(async () => {
  await browser?.close();
  await program?.stop();
});

for (const [mode, options] of Object.entries(MODES))
  test(mode, async () => {
    const { page, close } = await open(browser, program.url, options);
    await go(page, "#/endpoints?state=verified");
    // All that the demo has, and all of it on the platform.
    await page.locator(".found").filter({ hasText: /^14 of 19/ }).waitFor({ timeout: 60_000 });
    for (const [name, { hash, modes }] of Object.entries(PICTURES)) {
      if (!modes.includes(mode)) continue;
      await go(page, hash);
      if (name === "service" && mode !== "narrow") {
        await page.locator(".row:not(.head)").filter({ hasText: "POST" }).first().click();
        await page.locator(".detail .steps").waitFor();
      }
      if (name === "explain") await page.locator(".steps").first().waitFor();
      await page.mouse.move(0, 0);
      await page.screenshot({ path: `${FOLDER}/${name}-${mode}.png` });
    }
    await close();
  });
