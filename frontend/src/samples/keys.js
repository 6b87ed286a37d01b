// What each key of the page of labels means.

/**
 * @typedef {{ what: "class", key: string }
 *   | { what: "confidence", value: string }
 *   | { what: "date", step: number }
 *   | { what: "zoom", step: number }
 *   | { what: "same" | "save" | "before" | "note" | "help" }} Meaning
 */

/** @type {Record<string, Meaning>} */
const MEANINGS = {
  ArrowLeft: { what: "date", step: -1 },
  ArrowRight: { what: "date", step: 1 },
  "+": { what: "zoom", step: 1 },
  "-": { what: "zoom", step: -1 },
  "−": { what: "zoom", step: -1 },
  "=": { what: "same" },
  Enter: { what: "save" },
  Backspace: { what: "before" },
  "?": { what: "help" },
  n: { what: "note" },
  h: { what: "confidence", value: "high" },
  m: { what: "confidence", value: "medium" },
  l: { what: "confidence", value: "low" },
};

/**
 * The meaning of a key; null for one that the browser is to treat itself. Digits of a keyboard on
 * which they need Shift are told by their place.
 *
 * @param {{ key: string, code: string, ctrlKey: boolean, altKey: boolean, metaKey: boolean }} event
 * @returns {Meaning | null}
 */
export function meaning({ key, code, ctrlKey, altKey, metaKey }) {
  if (ctrlKey || altKey || metaKey) return null;
  const named = MEANINGS[key] ?? MEANINGS[key.toLowerCase()];
  if (/^\d$/.test(key)) return { what: "class", key };
  if (key.toLowerCase() === "s") return { what: "class", key: "S" };
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(code);
  if (!named && digit?.[1]) return { what: "class", key: digit[1] };
  return named ?? null;
}
