// Which folder may import what: see the part "Front end" of DEVELOPERS.md.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const SOURCE = fileURLToPath(new URL("../src/", import.meta.url));
const ALLOWED = {
  page: ["page"],
  header: ["header"],
  map: ["map", "page"],
  zones: ["zones", "map", "page"],
  samples: ["samples", "page"],
};
const EVERY_PAGE = { "search.js": ["header"], "languages.js": [], "copy.js": [], "jobs.js": [] };
const OF_MAPLIBRE = ["map/popup.js", "map/setup.js"];

const IMPORT = /^\s*(?:import|export)\b[^;]*?["']([^"']+)["']|\bimport\("([^"]+)"\)/gm;

/** The modules that a text imports, without those of its types in comments. */
function importsOf(text) {
  const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  return [...code.matchAll(IMPORT)].map(([, one, other]) => one ?? other);
}

const files = (await readdir(SOURCE, { recursive: true })).filter((name) => name.endsWith(".js"));
const modules = await Promise.all(
  files.map(async (name) => ({
    name: name.replaceAll(path.sep, "/"),
    imports: importsOf(await readFile(path.join(SOURCE, name), "utf8")),
  })),
);

const folderOf = (name, address) =>
  path.posix.join(path.posix.dirname(name), address).split("/")[0];

for (const { name, imports } of modules) {
  const allowed = ALLOWED[name.split("/")[0]] ?? EVERY_PAGE[name];
  if (!allowed) continue;
  test(`${name} imports only from ${allowed.join(", ") || "nowhere"}`, () => {
    const folders = imports.filter((one) => one.startsWith(".")).map((one) => folderOf(name, one));
    assert.deepEqual(
      folders.filter((folder) => !allowed.includes(folder)),
      [],
    );
  });
}

test("the imports are found", () => {
  const text =
    '// import "./a.js"\nimport "./b.js";\nimport {\n  c,\n} from "./c.js";\nimport("./d.js");';
  assert.deepEqual(importsOf(text), ["./b.js", "./c.js", "./d.js"]);
  assert.ok(modules.some(({ imports }) => imports.includes("../page/elements.js")));
});

test("MapLibre is imported where it is set up, and for the popup", () => {
  const found = modules.filter(({ imports }) => imports.includes("maplibre-gl"));
  assert.deepEqual(found.map(({ name }) => name).sort(), OF_MAPLIBRE);
});
