import assert from "node:assert/strict";
import { test } from "node:test";

import { expression, validateStyleMin } from "@maplibre/maplibre-gl-style-spec";

import { shadingOf } from "../src/map/shading.js";
import { layersOf, startOf } from "../src/map/state.js";
import { styleOf } from "../src/map/style.js";
import { classColours, pointedLayers } from "../src/map/territory_layers.js";
import { mapConfig, PAINT } from "./map_config.js";

const shape = {
  type: "Polygon",
  coordinates: [
    [
      [4, 44],
      [5, 44],
      [5, 45],
      [4, 44],
    ],
  ],
};
const CONFIGS = {
  territories: mapConfig(),
  "a map of the ground": mapConfig({
    basemap: { tiles: "https://example.org/{z}/{x}/{y}.png", maxzoom: 19, attribution: "" },
  }),
  "a place in the tiles": mapConfig({ place: { level: "commune", code: "07001", shape: null } }),
  "a place with a shape": mapConfig({ place: { level: "", code: "", shape } }),
  "no edition": mapConfig({ editions: [], edition: null, pairs: [], pair: null }),
  nothing: mapConfig({ editions: [], edition: null, pairs: [], pair: null, levels: [] }),
};

// The fonts are those of the browser; a style with names needs no glyphs then.
const withoutGlyphs = ({ message }) => !message.includes('requires a style "glyphs" property');

for (const [name, config] of Object.entries(CONFIGS)) {
  for (const layer of [...layersOf(config), "outlines"]) {
    test(`a valid style: ${name}, ${layer}`, () => {
      const state = { ...startOf(config), layer, place: "commune:07001" };
      const style = styleOf({ config, state, paint: PAINT });
      assert.deepEqual(validateStyleMin(style).filter(withoutGlyphs), []);
      for (const one of style.layers) {
        assert.ok(one.type === "background" || style.sources[one.source], one.id);
      }
    });
  }
}

const idsOf = (changes, config = mapConfig()) => {
  const state = { ...startOf(config), ...changes };
  return styleOf({ config, state, paint: PAINT }).layers.map(({ id }) => id);
};

test("each side of a swipe shows its own edition", () => {
  const config = mapConfig();
  const state = { ...startOf(config), layer: "swipe" };
  const sources = (side) => Object.keys(styleOf({ config, state, paint: PAINT, side }).sources);
  assert.ok(sources(undefined).includes("cover-clcplus-2018"));
  assert.ok(sources("clcplus-2021").includes("cover-clcplus-2021"));
});

test("tiles of a pair are asked for", () => {
  const config = mapConfig();
  const state = { ...startOf(config), layer: "change", to: "modelled-2023" };
  const { commune } = styleOf({ config, state, paint: PAINT }).sources;
  assert.ok(commune.tiles[0].endsWith("&across=1"));
});

test("tiles hold a figure of all editions only where it is shown", () => {
  const flicker = {
    name: "flicker_rate",
    asked: "&figure=flicker_rate",
    inhabitants: false,
    breaks: [2, 5, 10, 20, 40],
    keys: { "clcplus-2021": "flicker_rate_2021" },
  };
  const config = mapConfig({ shadings: [flicker] });
  const tiles = (layer) =>
    styleOf({ config, state: { ...startOf(config), layer }, paint: PAINT }).sources.commune
      .tiles[0];
  assert.ok(tiles("flicker_rate").endsWith("&figure=flicker_rate"));
  assert.ok(!tiles("share").includes("figure"));
});

test("noise is drawn over changes alone, and over all of them where nobody knows it", () => {
  assert.ok(!idsOf({ layer: "share" }).includes("fill-commune-noise"));
  assert.ok(idsOf({ layer: "change" }).includes("fill-commune-noise"));
  assert.ok(idsOf({ layer: "change", to: "modelled-2023" }).includes("fill-commune-noise"));
});

test("chosen places stand out on their level", () => {
  const ids = idsOf({ place: "commune:07001" });
  assert.ok(ids.includes("chosen-outline-commune"));
  assert.ok(!ids.includes("chosen-outline-department"));
});

test("the pointer finds layers that are there", () => {
  const ids = idsOf({});
  for (const level of mapConfig().levels) {
    for (const id of pointedLayers(level)) assert.ok(ids.includes(id), id);
  }
});

test("a value at the bound of a class belongs to the upper class", () => {
  const config = mapConfig();
  const shading = shadingOf(config, startOf(config), PAINT);
  const { result, value } = expression.createExpression(classColours(shading), {
    type: "color",
    "property-type": "data-driven",
    expression: { parameters: ["zoom", "feature"] },
  });
  assert.equal(result, "success");
  const colourOf = (share) =>
    String(value.evaluate({ zoom: 8 }, { type: "Polygon", properties: { share_2021: share } }));
  assert.equal(colourOf(0), PAINT.ramp[0]);
  assert.equal(colourOf(0.0199), PAINT.ramp[0]);
  assert.equal(colourOf(0.02), PAINT.ramp[1]);
  assert.equal(colourOf(0.4), PAINT.ramp[5]);
  assert.equal(colourOf(1), PAINT.ramp[5]);
});
