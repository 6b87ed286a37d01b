// Numbers in the style of the page's language, as the server writes them: the filters in
// clcplus/presentation/numbers.py. Both are held to one table, frontend/tests/written_numbers.json.

export const SPACE = "\u202f"; // a narrow space that does not break
const MINUS = "\u2212";
const EXACT = 40; // decimals that hold every value of the platform without rounding

const pageLanguage = () => document.documentElement.lang || "en-GB";

/** @param {string} language */
const isPolish = (language) => language.split("-")[0] === "pl";

/**
 * The parts of a number, rounded from its exact value; a half goes to the even digit.
 *
 * @param {number} value
 * @param {number} digits
 * @param {string} language
 */
function partsOf(value, digits, language) {
  const format = new Intl.NumberFormat(language, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    roundingMode: "halfEven",
    signDisplay: "exceptZero",
  });
  // A number would be rounded from its shortest decimal form instead: 1.005 to 1.01.
  const exact = /** @type {Intl.StringNumericLiteral} */ (value.toFixed(EXACT));
  return format.formatToParts(exact);
}

/**
 * A number that always has its sign; zero has none.
 *
 * @param {number} value
 * @param {number} digits - decimals
 * @param {string} [language]
 */
export function signed(value, digits, language = pageLanguage()) {
  const group = isPolish(language) ? "\u00a0" : SPACE;
  return partsOf(value, digits, language)
    .map(({ type, value: text }) => {
      if (type === "group") return group;
      return type === "minusSign" ? MINUS : text;
    })
    .join("");
}

/**
 * A number without a unit; a value that rounds to zero has no sign.
 *
 * @param {number} value
 * @param {number} digits - decimals
 * @param {string} [language]
 */
export function number(value, digits, language = pageLanguage()) {
  return signed(value, digits, language).replace("+", "");
}

/**
 * A value that is already in per cent.
 *
 * @param {number} value
 * @param {number} digits - decimals
 * @param {string} [language]
 */
export function perCent(value, digits, language = pageLanguage()) {
  return withPercent(number(value, digits, language), language);
}

/**
 * A fraction as per cent. A value between 0 and 1 is never rounded to either of them.
 *
 * @param {number} fraction
 * @param {number} digits - decimals
 * @param {string} [language]
 */
export function percent(fraction, digits, language = pageLanguage()) {
  if (fraction === 0) return withPercent("0", language);
  const step = 10 ** -digits;
  const share = fraction * 100;
  if (share > 0 && share < step / 2) {
    return withPercent(`<${SPACE}${number(step, digits, language)}`, language);
  }
  if (share >= 100 - step / 2 && share < 100) {
    return withPercent(`>${SPACE}${number(100 - step, digits, language)}`, language);
  }
  return perCent(share, digits, language);
}

/**
 * @param {string} text
 * @param {string} language
 */
const withPercent = (text, language) => `${text}${isPolish(language) ? "" : SPACE}%`;

/**
 * An area that is already in hectares.
 *
 * @param {number} value
 * @param {string} [language]
 */
export function hectares(value, language = pageLanguage()) {
  const size = Math.abs(value);
  const digits = size < 10 ? 2 : size < 100 ? 1 : 0;
  return `${number(value, digits, language)}${SPACE}ha`;
}

/**
 * An area that is already in square kilometres.
 *
 * @param {number} value
 * @param {string} [language]
 */
export function squareKilometres(value, language = pageLanguage()) {
  return `${number(value, Math.abs(value) < 1000 ? 1 : 0, language)}${SPACE}km²`;
}

/**
 * The size of a file, in steps of 1000 bytes.
 *
 * @param {number} bytes
 * @param {string} [language]
 */
export function fileSize(bytes, language = pageLanguage()) {
  let unit = "byte";
  let value = bytes;
  for (const larger of ["kilobyte", "megabyte", "gigabyte"]) {
    if (value < 1000) break;
    unit = larger;
    value /= 1000;
  }
  const digits = unit !== "byte" && value < 10 ? 1 : 0;
  const format = new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short" });
  const name = format.formatToParts(1).find(({ type }) => type === "unit")?.value ?? unit;
  return `${number(value, digits, language)}${SPACE}${name}`;
}
