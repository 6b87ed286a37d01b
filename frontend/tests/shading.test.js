import assert from "node:assert/strict";
import { test } from "node:test";

import { figureOf, shadingOf } from "../src/map/shading.js";
import { layersOf, startOf } from "../src/map/state.js";
import { mapConfig, PAINT } from "./map_config.js";

globalThis.document = { documentElement: { lang: "en-GB" } };

const config = mapConfig();
const state = (changes) => ({ ...startOf(config), ...changes });
const figure = (changes, properties) => figureOf(config, state(changes), properties);

test("the share of an edition", () => {
  const { figure: text, unit, remark, vintage } = figure({}, { share_2021: 0.1143 });
  assert.equal(text, "11.4\u202f%");
  assert.equal(unit, "sealed");
  assert.equal(remark, "");
  assert.equal(vintage, "CLC+ Backbone 2021");
});

test("a small share is not rounded to zero", () => {
  assert.equal(figure({}, { share_2021: 0.0001 }).figure, "<\u202f0.1\u202f%");
  assert.equal(figure({}, { share_2021: 0 }).figure, "0\u202f%");
});

test("what was not observed is stated", () => {
  assert.equal(figure({}, {}).missing, "not observed");
  const { remark } = figure({}, { share_2021: 0.5, partly_2021: 0.254 });
  assert.equal(remark, "25\u202f% not observed in 2021");
});

test("a zone that is still to be counted has no figure on any layer", () => {
  const properties = { share_2021: 0.5, pending_2021: true };
  for (const layer of ["share", "change", "per_inhabitant", "cover"]) {
    assert.equal(figure({ layer }, properties).missing, "to be counted");
  }
});

test("the sealed area per inhabitant is a lower bound where a part was not observed", () => {
  const layer = "per_inhabitant";
  assert.equal(figure({ layer }, { people_2021: 1432.4 }).figure, "1\u202f432");
  assert.equal(figure({ layer }, { people_2021: 432, partly_2021: 0.2 }).figure, "≥\u202f432");
  assert.equal(figure({ layer }, {}).missing, "not known");
});

test("a change is signed, and marked where it may be noise", () => {
  const key = "change_clcplus-2018_clcplus-2021";
  const noisy = figure({ layer: "change" }, { [key]: 0.135 });
  assert.equal(noisy.figure, "+0.14\u202fpp");
  assert.equal(noisy.remark, "noise");
  assert.equal(noisy.vintage, "2018 → 2021");
  const clear = figure({ layer: "gain" }, { [key]: -1, clear_2018_2021: true });
  assert.equal(clear.figure, "\u22121.00\u202fpp");
  assert.equal(clear.remark, "");
  assert.equal(figure({ layer: "swipe" }, {}).missing, "not observed in both");
});

test("a change between origins is not comparable", () => {
  const pair = { from: "clcplus-2018", to: "modelled-2023" };
  const properties = { "change_clcplus-2018_modelled-2023": 2 };
  assert.equal(figure({ layer: "change", ...pair }, properties).remark, "not comparable");
});

for (const [layer, key, breaks, ramp] of [
  ["share", "share_2021", "breaks", "ramp"],
  ["per_inhabitant", "people_2021", "per_inhabitant_breaks", "ramp"],
  ["change", "change_clcplus-2018_clcplus-2021", "change_breaks", "change"],
]) {
  test(`the classes of ${layer}`, () => {
    const shading = shadingOf(config, state({ layer }), PAINT);
    assert.ok(shading?.shaded);
    assert.equal(shading.key, key);
    assert.equal(shading.breaks, config[breaks]);
    assert.equal(shading.ramp, PAINT[ramp]);
  });
}

test("a further indicator is a layer with classes and words of its own", () => {
  const further = {
    name: "green_share",
    label: "Vegetated",
    unit: "1",
    decimals: 0,
    lower_bound: true,
    inhabitants: true,
    breaks: [0.2, 0.4, 0.6, 0.8, 0.9],
    keys: { "clcplus-2021": "green_share_2021" },
  };
  const more = mapConfig({ shadings: [further] });
  const chosen = state({ layer: "green_share" });
  const shading = shadingOf(more, chosen, PAINT);
  assert.ok(shading?.shaded);
  assert.equal(shading.key, "green_share_2021");
  assert.equal(shading.breaks, further.breaks);
  const shown = figureOf(more, chosen, { green_share_2021: 0.5 });
  assert.equal(shown.unit, "Vegetated");
  assert.match(shown.figure ?? "", /^50\.0/);
  assert.equal(figureOf(more, chosen, {}).missing, "not observed");
  assert.equal(figureOf(more, chosen, { share_2021: 0.1 }).missing, "not known");
  const partly = figureOf(more, chosen, { green_share_2021: 0.5, partly_2021: 0.3 });
  assert.match(partly.figure ?? "", /^≥/);
  assert.ok(layersOf(more).includes("green_share"));
  assert.ok(!layersOf({ ...more, people: false }).includes("green_share"));
  assert.ok(!layersOf(config).includes("green_share"));
});

test("a figure of several editions is told with its sign and its editions", () => {
  const flicker = {
    name: "flicker_rate",
    label: "Flicker rate, all editions",
    unit: "%",
    decimals: 1,
    lower_bound: false,
    inhabitants: false,
    breaks: [2, 5, 10, 20, 40],
    keys: { "clcplus-2021": "flicker_rate_2021" },
    vintages: { "clcplus-2021": "CLC+ Backbone 2018, 2021, 2023" },
    asked: "&figure=flicker_rate",
  };
  const more = mapConfig({ shadings: [flicker] });
  const chosen = state({ layer: "flicker_rate" });
  const shown = figureOf(more, chosen, { flicker_rate_2021: 14.2 });
  assert.match(shown.figure ?? "", /^14\.2.%$/);
  assert.equal(shown.vintage, "CLC+ Backbone 2018, 2021, 2023");
  const unknown = figureOf(more, chosen, { share_2021: 0.1 });
  assert.deepEqual([unknown.missing, unknown.figure], ["no figure", undefined]);
});

test("layers of cells shade nothing", () => {
  for (const layer of ["cover", "gain", "swipe"]) {
    assert.equal(shadingOf(config, state({ layer }), PAINT)?.shaded, false);
  }
});

test("without an edition there is nothing to shade", () => {
  assert.equal(shadingOf(mapConfig({ editions: [] }), state({}), PAINT), null);
});
