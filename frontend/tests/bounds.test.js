import assert from "node:assert/strict";
import { test } from "node:test";

import { boundsAround, boundsOf } from "../src/map/bounds.js";

const square = (x, y, size) => [
  [
    [x, y],
    [x + size, y],
    [x + size, y + size],
    [x, y + size],
    [x, y],
  ],
];

test("bounds around several bounds", () => {
  const all = [
    [4, 44, 5, 45],
    [-1, 46, 0, 47],
  ];
  assert.deepEqual(boundsAround(all), [-1, 44, 5, 47]);
});

test("bounds of a polygon and of a multipolygon", () => {
  assert.deepEqual(boundsOf({ type: "Polygon", coordinates: square(4, 44, 1) }), [4, 44, 5, 45]);
  const coordinates = [square(4, 44, 1), square(-2, 50, 3)];
  assert.deepEqual(boundsOf({ type: "MultiPolygon", coordinates }), [-2, 44, 5, 53]);
});

test("an outline may have very many corners", () => {
  const ring = Array.from({ length: 300_000 }, (_, index) => [index / 1e6, 45]);
  assert.deepEqual(boundsOf({ type: "Polygon", coordinates: [ring] }), [0, 45, 0.299999, 45]);
});
