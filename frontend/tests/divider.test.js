import assert from "node:assert/strict";
import { test } from "node:test";

import { positionAfter } from "../src/map/divider.js";

for (const [key, expected] of [
  ["ArrowLeft", 48],
  ["ArrowDown", 48],
  ["ArrowRight", 52],
  ["ArrowUp", 52],
  ["PageDown", 40],
  ["PageUp", 60],
  ["Home", 0],
  ["End", 100],
  ["Enter", null],
]) {
  test(`the divider after ${key}`, () => {
    assert.equal(positionAfter(key, 50), expected);
  });
}
