import assert from "node:assert/strict";
import { test } from "node:test";

import { legendOf } from "../src/map/legend.js";

for (const [layer, far, near] of [
  ["share", "share", "share"],
  ["change", "change", "change"],
  ["per_inhabitant", "per_inhabitant", "per_inhabitant"],
  ["cover", "far", "cover"],
  ["swipe", "far", "cover"],
  ["gain", "gain-far", "gain"],
]) {
  test(`the legend of ${layer}`, () => {
    assert.equal(legendOf({ layer }, { near: false }), far);
    assert.equal(legendOf({ layer }, { near: true }), near);
  });
}
