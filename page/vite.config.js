// The page is built into the crate that serves it, under names that do not change, so that cargo needs no node.
import { readFileSync } from "node:fs";
import { defineConfig } from "vite";

const license = readFileSync(new URL("node_modules/preact/LICENSE", import.meta.url), "utf8").trim();

export default defineConfig({
  base: "./",
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: {
    outDir: process.env.PAGE_OUT,
    emptyOutDir: true,
    target: "es2022",
    // It is small, and whoever reviews a change of it can read it.
    minify: false,
    cssMinify: false,
    modulePreload: false,
    rollupOptions: {
      output: {
        banner: `/*! Built from page/ by page/build. It contains Preact, which has this licence:\n\n${license}\n*/`,
        entryFileNames: "page.js",
        assetFileNames: "page[extname]",
      },
    },
  },
});
