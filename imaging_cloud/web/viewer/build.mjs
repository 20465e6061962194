// Build the viewer: `node build.mjs OUT` or `node build.mjs --tests`. Same sources, same bytes.

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const common = {
  absWorkingDir: here,
  bundle: true,
  format: "esm",
  target: "es2022",
  legalComments: "none",
  logLevel: "warning",
  // The codec's glue asks for node's modules only where there is a process.
  external: ["fs", "path", "crypto", "module"],
};

if (process.argv[2] === "--tests") {
  rmSync(join(here, ".tests"), { recursive: true, force: true });
  const entryPoints = readdirSync(join(here, "test")).map((name) => `test/${name}`);
  await esbuild.build({ ...common, entryPoints, outdir: ".tests", platform: "node", outExtension: { ".js": ".mjs" }, external: ["node:*"] });
} else {
  const out = join(here, process.argv[2] ?? "dist");
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const built = {};
  const add = (name, extension, bytes) => {
    const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 10);
    const file = `${name}-${hash}.${extension}`;
    writeFileSync(join(out, file), bytes);
    built[`${name}.${extension}`] = { file, bytes: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
  };
  const entries = [
    ["viewer", "src/viewer.ts"],
    ["decode", "src/load/decode.worker.ts"],
    ["desk", "src/desk.ts"],
    ["related-exam-alert", "src/alert/related-exam-alert.ts"],
  ];
  for (const [name, entry] of entries) {
    const result = await esbuild.build({ ...common, entryPoints: [entry], minify: true, write: false });
    add(name, "js", Buffer.from(result.outputFiles[0].contents));
  }
  for (const name of ["viewer", "desk"]) {
    const style = await esbuild.build({ ...common, entryPoints: [`src/${name}.css`], minify: true, write: false });
    add(name, "css", Buffer.from(style.outputFiles[0].contents));
  }
  const codec = join(here, "node_modules/@cornerstonejs/codec-openjph");
  add("openjph", "wasm", readFileSync(join(codec, "dist/openjphjs.wasm")));
  writeFileSync(join(out, "LICENSE-openjph.txt"), readFileSync(join(codec, "LICENSE")));
  writeFileSync(join(out, "manifest.json"), `${JSON.stringify(built, null, 2)}\n`);
  console.log(built);
}
