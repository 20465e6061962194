// `node build.mjs OUT` in a folder where the packages are installed: page, decoding worker, codec.

import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import esbuild from "esbuild";

const out = process.argv[2];
const loader = "node_modules/@cornerstonejs/dicom-image-loader/dist/esm/decodeImageFrameWorker.js";
await esbuild.build({
  entryPoints: { page: "page.js", decodeImageFrameWorker: loader },
  outdir: out,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none",
  logLevel: "error",
  // Deep in vtk.js something asks for node's; nothing here calls it.
  alias: { url: "./nothing.js" },
  define: { global: "globalThis" },
  // What the glue of codecs asks for where there is a process.
  external: ["fs", "path", "crypto", "module"],
});
// The loader looks for its codec at this address beside itself.
mkdirSync(join(out, "@cornerstonejs/codec-openjph"), { recursive: true });
copyFileSync(
  "node_modules/@cornerstonejs/codec-openjph/dist/openjphjs.wasm",
  join(out, "@cornerstonejs/codec-openjph/wasm"),
);
copyFileSync("page.html", join(out, "index.html"));
