// Keys of the page of labels, and the pace of an interpreter.

import assert from "node:assert/strict";
import { test } from "node:test";

import { meaning } from "../src/samples/keys.js";
import { noted, pace } from "../src/samples/pace.js";

/** @param {string} key */
const press = (key, more = {}) =>
  meaning({ key, code: "", ctrlKey: false, altKey: false, metaKey: false, ...more });

test("digits and S are classes", () => {
  assert.deepEqual(press("7"), { what: "class", key: "7" });
  assert.deepEqual(press("0"), { what: "class", key: "0" });
  assert.deepEqual(press("s"), { what: "class", key: "S" });
});

test("a French keyboard has digits above Shift", () => {
  assert.deepEqual(press("é", { code: "Digit2" }), { what: "class", key: "2" });
  assert.deepEqual(press("à", { code: "Digit0" }), { what: "class", key: "0" });
});

test("keys of the browser are left alone", () => {
  assert.equal(press("Tab"), null);
  assert.equal(press("l", { ctrlKey: true }), null);
  assert.equal(press("ArrowLeft", { altKey: true }), null);
});

test("the other keys", () => {
  assert.deepEqual(press("Enter"), { what: "save" });
  assert.deepEqual(press("Backspace"), { what: "before" });
  assert.deepEqual(press("?"), { what: "help" });
  assert.deepEqual(press("M"), { what: "confidence", value: "medium" });
});

test("the pace needs three labels and forgets old ones", () => {
  let times = noted([], 0);
  times = noted(times, 10_000);
  assert.equal(pace(times, 10_000), null);
  times = noted(times, 20_000);
  assert.equal(pace(times, 20_000), 6);
  assert.deepEqual(noted(times, 3_600_000), [3_600_000]);
  assert.equal(pace(times, 3_600_000), null);
});
