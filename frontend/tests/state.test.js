import assert from "node:assert/strict";
import { test } from "node:test";

import {
  filteredOf,
  keepPair,
  layersOf,
  mainEdition,
  searchOf,
  startOf,
  stateOf,
} from "../src/map/state.js";
import { mapConfig } from "./map_config.js";

const config = mapConfig();

test("an address without a query holds the start", () => {
  assert.deepEqual(stateOf(config, ""), startOf(config));
  assert.equal(searchOf(config, startOf(config), ""), "");
});

test("a state comes back from its address", () => {
  const state = {
    layer: "swipe",
    edition: "clcplus-2018",
    from: "clcplus-2021",
    to: "modelled-2023",
    filter: "raw",
    opacity: 40,
    swipe: 12,
    place: "commune:07001,department:07",
  };
  assert.deepEqual(stateOf(config, searchOf(config, state, "")), state);
});

test("places are legible in an address", () => {
  const state = { ...startOf(config), place: "commune:07001,commune:07002" };
  assert.equal(searchOf(config, state, ""), "?place=commune:07001,commune:07002");
});

test("other parameters stay", () => {
  assert.equal(searchOf(config, startOf(config), "?areas=parks&layer=gain"), "?areas=parks");
});

test("a pair is named by both of its editions", () => {
  const state = { ...startOf(config), to: "modelled-2023" };
  assert.equal(searchOf(config, state, ""), "?to=modelled-2023&from=clcplus-2018");
});

for (const search of [
  "?layer=nothing",
  "?edition=clcplus-1990",
  "?from=clcplus-2021&to=clcplus-2018",
  "?opacity=9",
  "?opacity=101",
  "?opacity=",
  "?opacity=half",
  "?swipe=-1",
  "?place=galaxy:1",
  "?filter=1ha",
  "?filter=",
]) {
  test(`a value that is not valid is left out: ${search}`, () => {
    assert.deepEqual(stateOf(config, search), startOf(config));
  });
}

test("change is shown through the first filter, where the pair was filtered", () => {
  const start = startOf(config);
  assert.equal(start.filter, "0.25ha");
  assert.equal(filteredOf(config, start)?.patches, "/patches/0.25ha/{z}/{x}/{y}.mvt");
  assert.equal(filteredOf(config, { ...start, filter: "raw" }), null);
  assert.equal(filteredOf(config, { ...start, to: "modelled-2023" }), null);
  assert.equal(startOf(mapConfig({ filter: undefined })).filter, "raw");
});

test("a filter comes back from its address", () => {
  const state = { ...startOf(config), filter: "0.5ha" };
  assert.equal(searchOf(config, state, ""), "?filter=0.5ha");
  assert.deepEqual(stateOf(config, "?filter=0.5ha"), state);
});

test("the page of a territory takes no place from its address", () => {
  const own = mapConfig({ place: { level: "commune", code: "07001", shape: null } });
  assert.equal(stateOf(own, "?place=commune:07002").place, null);
});

test("a map of the ground shows through", () => {
  const basemap = { tiles: "/{z}/{x}/{y}.png", maxzoom: 19, attribution: "" };
  assert.equal(startOf(mapConfig({ basemap })).opacity, 75);
  assert.equal(startOf(config).opacity, 100);
});

test("layers need their data", () => {
  assert.deepEqual(layersOf(mapConfig({ people: false, pairs: [] })), ["share", "cover"]);
  assert.ok(layersOf(config).includes("per_inhabitant"));
  assert.ok(layersOf(config).includes("swipe"));
});

test("an earlier edition takes the last edition that it can be compared with", () => {
  const state = { ...startOf(config), from: "clcplus-2021", to: "clcplus-2021" };
  keepPair(config, state);
  assert.equal(state.to, "modelled-2023");
});

test("a valid pair stays", () => {
  const state = { ...startOf(config), from: "clcplus-2018", to: "clcplus-2021" };
  keepPair(config, state);
  assert.equal(state.to, "clcplus-2021");
});

test("the later edition of a pair stands for the map", () => {
  const state = { ...startOf(config), edition: "clcplus-2018" };
  assert.equal(mainEdition(config, state)?.slug, "clcplus-2018");
  assert.equal(mainEdition(config, { ...state, layer: "change" })?.slug, "clcplus-2021");
});
