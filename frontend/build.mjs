// Bundles every frontend/src/*.js and frontend/src/*.css into clcplus/static/build/.
//
// A file directly in frontend/src/ is an entry point; folders below it hold what they import.
// Scripts become ES modules: load them with <script type="module">. Modules that several entry
// points share go to chunks of their own: a page without a map never loads MapLibre.
//
// MapLibre works in a module worker. Our content security policy allows no `blob:`, so the worker's
// script must be one of our own files: it is copied to build/maplibre-gl-worker.js, and
// frontend/src/map/setup.js passes its address to MapLibre. Then `worker-src 'self'` is enough.
//
// No source maps: Django's collectstatic stops at a comment that names a missing file.

import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const source = path.join(root, "frontend", "src");
const target = path.join(root, "clcplus", "static", "build");
const draft = `${target}.new`;

const entryPoints = (await readdir(source, { withFileTypes: true }))
  .filter((entry) => entry.isFile() && /\.(js|css)$/.test(entry.name))
  .map((entry) => path.join(source, entry.name));

await rm(draft, { recursive: true, force: true });
await mkdir(draft, { recursive: true });
await build({
  entryPoints,
  outdir: draft,
  bundle: true,
  splitting: true,
  format: "esm",
  target: ["es2022"],
  minify: true,
  sourcemap: false,
  legalComments: "inline",
  loader: { ".svg": "dataurl", ".woff2": "file" },
  logLevel: "warning",
}).catch(() => process.exit(1)); // esbuild has said why

const worker = path.join(root, "node_modules", "maplibre-gl", "dist", "maplibre-gl-worker.mjs");
const script = await readFile(worker, "utf8");
await writeFile(
  path.join(draft, "maplibre-gl-worker.js"),
  script.replace(/^\/\/# sourceMappingURL=.*$/gm, ""),
);

// The server draws charts as PNG with it (clcplus/views/pictures.py).
const font = path.join(root, "node_modules", "dejavu-fonts-ttf", "ttf", "DejaVuSans.ttf");
await copyFile(font, path.join(draft, "DejaVuSans.ttf"));

// Workers set the PDF reports in it (clcplus/report/pdf_pages.py).
for (const style of ["Regular", "It", "Semibold", "Bold"]) {
  const name = `SourceSans3-${style}.ttf`;
  const file = path.join(root, "node_modules", "source-sans", "TTF", name);
  await copyFile(file, path.join(draft, name));
}

await rm(target, { recursive: true, force: true });
await rename(draft, target);
