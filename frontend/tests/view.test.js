import assert from "node:assert/strict";
import { test } from "node:test";

import { cameraOf, hashOf } from "../src/map/view.js";

test("a hash holds a camera", () => {
  assert.deepEqual(cameraOf("#map=9.5/44.7/4.5"), { zoom: 9.5, center: [4.5, 44.7] });
  assert.deepEqual(cameraOf("#part&map=9/44/4"), { zoom: 9, center: [4, 44] });
});

for (const hash of [
  "",
  "#",
  "#figures",
  "#map=9/44",
  "#map=9/x/4",
  "#map=9/91/4",
  "#map=9/44/4/x",
]) {
  test(`a hash without a camera: "${hash}"`, () => {
    assert.equal(cameraOf(hash), null);
  });
}

test("decimals grow with the zoom", () => {
  const center = [4.123456789, 44.123456789];
  assert.equal(hashOf({ zoom: 3, center }), "#map=3/44.12/4.12");
  assert.equal(hashOf({ zoom: 16.004, center }), "#map=16/44.123457/4.123457");
});

test("a camera comes back from its hash", () => {
  const camera = { zoom: 12.25, center: [4.5, 44.75] };
  assert.deepEqual(cameraOf(hashOf(camera)), camera);
});
