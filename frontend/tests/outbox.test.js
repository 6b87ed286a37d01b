// Labels on their way to the server: none is lost, and the last word of an interpreter holds.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Outbox } from "../src/samples/outbox.js";

const STORED = { state: "stored", progress: { percent: 1, text: "1 of 60 labels" } };
const UNANSWERED = { state: "unanswered", reason: "" };

/** @param {string} point */
const label = (point, later = "1") => ({ point, fields: [["later", later]] });

/** An outbox whose server gives these answers, one after the other, and what became of it. */
function outboxOf(answers, { kept = [] } = {}) {
  const seen = { sent: [], kept: [], shown: [], refused: [], pauses: [] };
  const outbox = new Outbox({
    send: async (one) => {
      seen.sent.push(structuredClone(one));
      return answers.shift() ?? STORED;
    },
    kept: () => kept,
    keep: (labels) => seen.kept.push(structuredClone(labels)),
    stored: () => {},
    refused: async (one, reason) => {
      seen.refused.push([one.point, reason]);
      return reason !== "no form";
    },
    changed: (waiting, trouble) => seen.shown.push([waiting, trouble]),
    pause: async (milliseconds) => {
      seen.pauses.push(milliseconds);
    },
  });
  return { outbox, seen };
}

test("labels are sent in their order, and kept until they are stored", async () => {
  const { outbox, seen } = outboxOf([]);
  outbox.add(label("1"));
  outbox.add(label("2"));
  assert.equal(outbox.waiting, 2);
  assert.deepEqual(seen.kept.at(-1), [label("1"), label("2")]);
  await outbox.idle();
  assert.deepEqual(seen.sent, [label("1"), label("2")]);
  assert.deepEqual(seen.kept.at(-1), []);
});

test("a label that nobody answers is sent again, later and later", async () => {
  const { outbox, seen } = outboxOf([...Array(7).fill(UNANSWERED), STORED]);
  outbox.add(label("1"));
  await outbox.idle();
  assert.equal(seen.sent.length, 8);
  assert.deepEqual(seen.pauses, [1000, 2000, 4000, 8000, 16000, 30000, 30000]);
  assert.deepEqual(seen.shown.at(0), [1, ""]);
  assert.deepEqual(seen.shown.at(-1), [0, null]);
});

test("a second thought takes the place of a label that waits, and follows one on its way", async () => {
  const { outbox, seen } = outboxOf([]);
  outbox.add(label("1")); // on its way
  outbox.add(label("2", "3"));
  outbox.add(label("2", "4"));
  outbox.add(label("1", "5"));
  await outbox.idle();
  assert.deepEqual(seen.sent, [label("1"), label("2", "4"), label("1", "5")]);
});

test("labels of a former visit are sent first", async () => {
  const { outbox, seen } = outboxOf([], { kept: [label("7")] });
  outbox.add(label("8"));
  await outbox.idle();
  assert.deepEqual(seen.sent, [label("7"), label("8")]);
});

test("a refused label goes back to its form, and waits where there is none", async () => {
  const refused = (reason) => ({ state: "refused", reason });
  const { outbox, seen } = outboxOf([refused("no form"), refused("a note of 301 characters")]);
  outbox.add(label("1"));
  outbox.add(label("2"));
  await outbox.idle();
  assert.deepEqual(seen.refused, [
    ["1", "no form"],
    ["1", "a note of 301 characters"],
  ]);
  assert.deepEqual(
    seen.sent.map(({ point }) => point),
    ["1", "1", "2"],
  );
  assert.equal(outbox.waiting, 0);
});
