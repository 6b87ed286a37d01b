// Numbers in the habit of the page's language, as the server writes them (the filters in
// clcplus/templatetags/figures.py): with a real minus sign and gaps that do not break.

const language = document.documentElement.lang || "en-gb";
const primary = language.split("-")[0];
const WRITTEN = {
  group: primary === "pl" ? "\u00a0" : "\u202f",
  minusSign: "\u2212",
};
const BEFORE_PERCENT = primary === "pl" ? "" : "\u202f";

export function number(value, digits, sign = "auto") {
  return new Intl.NumberFormat(language, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    signDisplay: sign,
  })
    .formatToParts(value)
    .map(({ type, value: text }) => WRITTEN[type] ?? text)
    .join("");
}

export function percent(value, digits) {
  return `${number(value, digits)}${BEFORE_PERCENT}%`;
}
