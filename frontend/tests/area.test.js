import assert from "node:assert/strict";
import { test } from "node:test";

import { areaOf, writtenArea } from "../src/zones/area.js";

globalThis.document = { documentElement: { lang: "en-GB" } };

const cell = (x, y, size) => [
  [x, y],
  [x + size, y],
  [x + size, y + size],
  [x, y + size],
  [x, y],
];

// Areas on GRS 80 by PROJ (pyproj.Geod), sides cut every 0.0005 degrees so that they follow parallels.
for (const [x, y, size, area] of [
  [0, 0, 1, 12_308_463_893.6],
  [4, 44, 1, 8_837_369_526.1],
  [25, 69, 1, 4_361_755_228.1],
  [4.5, 44.7, 0.01, 880_677.85],
]) {
  test(`the area of a cell of ${size}° at ${x}, ${y}`, () => {
    const found = areaOf(cell(x, y, size));
    assert.ok(Math.abs(found / area - 1) < 1e-7, `${found} is not ${area}`);
  });
}

test("the direction of a ring does not matter, and a line has no area", () => {
  const ring = cell(4, 44, 1);
  assert.equal(areaOf(ring.toReversed()), areaOf(ring));
  assert.equal(areaOf(ring.slice(0, 1)), 0);
  assert.equal(areaOf([]), 0);
});

test("small areas are in hectares, large ones in square kilometres", () => {
  assert.equal(writtenArea(12_345), "1.23\u202fha");
  assert.equal(writtenArea(9_990_000), "999\u202fha");
  assert.equal(writtenArea(10_000_000), "10.0\u202fkm²");
});
