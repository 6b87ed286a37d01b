import assert from "node:assert/strict";
import { test } from "node:test";

import { namePoints } from "../src/map/name_points.js";

const square = (x, y, size) => [
  [
    [x, y],
    [x + size, y],
    [x + size, y + size],
    [x, y + size],
    [x, y],
  ],
];
const piece = (code, coordinates) => ({
  geometry: { type: "Polygon", coordinates },
  properties: { code, name: `Name of ${code}` },
});

test("a name stands in the middle of the largest piece", () => {
  const { features } = namePoints([piece("1", square(0, 0, 1)), piece("1", square(10, 10, 4))]);
  assert.equal(features.length, 1);
  assert.deepEqual(features[0].geometry.coordinates, [12, 12]);
  assert.equal(features[0].properties.name, "Name of 1");
});

test("the parts of a multipolygon are pieces", () => {
  const coordinates = [square(0, 0, 1), square(4, 4, 2)];
  const zone = { ...piece("1", []), geometry: { type: "MultiPolygon", coordinates } };
  assert.deepEqual(namePoints([zone]).features[0].geometry.coordinates, [5, 5]);
});

test("larger territories come first in the order", () => {
  const { features } = namePoints([piece("1", square(0, 0, 1)), piece("2", square(5, 5, 3))]);
  const order = Object.fromEntries(
    features.map((one) => [one.properties.code, one.properties.order]),
  );
  assert.ok(order[2] < order[1]);
});

test("the direction of a ring does not matter", () => {
  const [ring] = square(0, 0, 2);
  const { features } = namePoints([piece("1", [ring.toReversed()])]);
  assert.deepEqual(features[0].geometry.coordinates, [1, 1]);
});

test("pieces without area and other geometries have no name", () => {
  const line = { ...piece("2", []), geometry: { type: "LineString", coordinates: [] } };
  const flat = piece("1", [
    [
      [0, 0],
      [1, 1],
      [0, 0],
    ],
  ]);
  assert.deepEqual(namePoints([flat, line]).features, []);
});
