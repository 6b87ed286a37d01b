import assert from "node:assert/strict";
import { test } from "node:test";

import { pageOf } from "../src/map/links.js";
import { placesFrom } from "../src/map/places.js";
import { mapConfig } from "./map_config.js";

const config = mapConfig();

test("places of an address", () => {
  assert.deepEqual(placesFrom(config, "commune:07001, department:07"), [
    { level: "commune", code: "07001" },
    { level: "department", code: "07" },
  ]);
});

test("places that the map does not hold are left out", () => {
  assert.deepEqual(placesFrom(config, "galaxy:1,commune:,commune,commune:1:2,,"), []);
  assert.deepEqual(placesFrom(config, null), []);
});

test("only the first six places count", () => {
  const many = Array.from({ length: 9 }, (_, index) => `commune:${index}`).join(",");
  assert.equal(placesFrom(config, many).length, 6);
});

test("codes are escaped in addresses", () => {
  assert.equal(pageOf(config, { level: "commune", code: "a/b" }), "/territories/commune/a%2Fb/");
});
