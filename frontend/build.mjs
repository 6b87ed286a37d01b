// Bundles every frontend/src/*.js and frontend/src/*.css into clcplus/static/build/.
//
// A file directly in frontend/src/ is an entry point; folders below it hold what they import.
// Scripts become ES modules: load them with <script type="module">. What several of them share
// (MapLibre) goes to a chunk of its own, which a page without a map never loads.
//
// MapLibre works in a module worker. Under a policy without `blob:` its script must be one of our
// own files, so it is copied to build/maplibre-gl-worker.js. Before the first map, call
//     import { Map, setWorkerUrl } from "maplibre-gl";
//     setWorkerUrl(address);   // the template's {% static "build/maplibre-gl-worker.js" %}
// Then `worker-src 'self'` is enough: MapLibre makes a blob only for a worker of another origin.
//
// No source maps: a comment that names one which is not there stops Django's collectstatic.

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

// Workers set the PDF reports in it (clcplus/report/rendering.py).
for (const style of ["Regular", "It", "Semibold", "Bold"]) {
  const name = `SourceSans3-${style}.ttf`;
  const file = path.join(root, "node_modules", "source-sans", "TTF", name);
  await copyFile(file, path.join(draft, name));
}

await rm(target, { recursive: true, force: true });
await rename(draft, target);
