import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import * as numbers from "../src/page/numbers.js";

const LANGUAGES = ["en-gb", "fr", "pl"];
const WRITERS = {
  number: ({ value, digits }, language) => numbers.number(value, digits, language),
  signed: ({ value, digits }, language) => numbers.signed(value, digits, language),
  per_cent: ({ value, digits }, language) => numbers.perCent(value, digits, language),
  percent: ({ value, digits }, language) => numbers.percent(value, digits, language),
  hectares: ({ value }, language) => numbers.hectares(value, language),
  file_size: ({ value }, language) => numbers.fileSize(value, language),
  square_kilometres: ({ value }, language) => numbers.squareKilometres(value, language),
};

// tests/views/test_written_numbers.py holds the server's filters to the same table.
const table = JSON.parse(await readFile(new URL("written_numbers.json", import.meta.url), "utf8"));

for (const row of table) {
  for (const language of LANGUAGES) {
    test(`${row.function} of ${row.value} with ${row.digits} decimals in ${language}`, () => {
      assert.equal(WRITERS[row.function](row, language), row[language]);
    });
  }
}

test("every function has examples", () => {
  assert.deepEqual(new Set(table.map((row) => row.function)), new Set(Object.keys(WRITERS)));
});
