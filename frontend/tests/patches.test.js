import assert from "node:assert/strict";
import { test } from "node:test";

import { patchInWords, watchLeftOut } from "../src/map/patches.js";
import { startOf } from "../src/map/state.js";
import { styleOf } from "../src/map/style.js";
import { SPACE } from "../src/page/numbers.js";
import { mapConfig, PAINT } from "./map_config.js";

// Numbers are in the language of the page.
globalThis.document = { documentElement: { lang: "en-GB" } };
const config = mapConfig();
const style = (changes) =>
  styleOf({ config, state: { ...startOf(config), layer: "gain", ...changes }, paint: PAINT });

test("gain and loss through a filter have its cells and its patches", () => {
  const { sources, layers } = style({});
  assert.deepEqual(sources["gain-clcplus-2018-clcplus-2021-0.25ha"].tiles, [
    "/change/0.25ha/{z}/{x}/{y}.png",
  ]);
  assert.deepEqual(sources.patches.tiles, ["/patches/0.25ha/{z}/{x}/{y}.mvt"]);
  assert.deepEqual([sources.patches.minzoom, sources.patches.maxzoom], [12, 14]);
  const ids = layers.map(({ id }) => id);
  assert.ok(ids.indexOf("patches-line") > ids.indexOf("gain"));
});

for (const [name, changes] of Object.entries({
  "all change": { filter: "raw" },
  "a pair that was not filtered": { to: "modelled-2023" },
  "another layer": { layer: "change" },
})) {
  test(`there are no patches: ${name}`, () => {
    const { sources, layers } = style(changes);
    assert.ok(!("patches" in sources));
    assert.ok(!layers.some(({ source }) => source === "patches"));
    assert.ok(!Object.keys(sources).some((source) => source.includes("0.25ha")));
  });
}

for (const [name, tiles, hidden] of [
  ["a tile leaves patches out", [{}], false],
  ["tiles have all patches", [], true],
  ["no patches are shown", null, true],
]) {
  test(`the map says so where ${name}`, () => {
    const notice = { hidden: !hidden };
    let idle = () => {};
    const map = {
      on: (_event, listener) => {
        idle = listener;
      },
      getSource: () => (tiles ? {} : undefined),
      querySourceFeatures: (source, { sourceLayer }) => {
        assert.deepEqual([source, sourceLayer], ["patches", "left_out"]);
        return tiles;
      },
    };
    watchLeftOut(map, notice);
    idle();
    assert.equal(notice.hidden, hidden);
  });
}

test("a card says what a patch is", () => {
  const properties = { kind: "gain", former: 6, later: 1, hectares: 0.42, width: 30 };
  assert.deepEqual(patchInWords(config, startOf(config), properties), {
    title: "newly sealed",
    area: `0.42${SPACE}ha`,
    classes: "Grassland → Sealed",
    width: `up to 30${SPACE}m wide`,
    confidence: "",
    vintage: "2018 → 2021",
  });
  const sure = patchInWords(config, startOf(config), { ...properties, confidence: 71 });
  assert.equal(sure.confidence, "mean confidence 71 of 100");
  const loss = { kind: "loss", former: 1, later: 99, hectares: 12, width: 100 };
  const words = patchInWords(config, startOf(config), loss);
  assert.equal(words.title, "no longer sealed");
  assert.equal(words.classes, "Sealed → 99");
});
