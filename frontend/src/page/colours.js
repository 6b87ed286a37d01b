// The page's colours, read from its custom properties, so that the map follows the colour scheme.

const NAMES = {
  ink: "--ink",
  soft: "--soft",
  paper: "--paper",
  ground: "--sunken",
  none: "--ramp-none",
  noise: "--change-noise",
  accent: "--accent",
  warning: "--warn",
  error: "--bad",
};
const STEPS = [1, 2, 3, 4, 5, 6];

const darkScheme = () => matchMedia("(prefers-color-scheme: dark)");

/**
 * @typedef {Record<keyof typeof NAMES, string> & {
 *   ramp: string[],
 *   change: string[],
 *   dark: boolean,
 * }} Colours `ramp` and `change` hold a colour for each class of territories.
 */

/** @returns {Colours} */
export function colours() {
  const style = getComputedStyle(document.documentElement);
  /** @param {string} name */
  const read = (name) => style.getPropertyValue(name).trim();
  const named = Object.entries(NAMES).map(([key, name]) => [key, read(name)]);
  return {
    .../** @type {Record<keyof typeof NAMES, string>} */ (Object.fromEntries(named)),
    ramp: STEPS.map((step) => read(`--ramp-${step}`)),
    change: STEPS.map((step) => read(`--change-${step}`)),
    dark: darkScheme().matches,
  };
}

/**
 * Calls back whenever the scheme changes between light and dark.
 *
 * @param {() => void} callback
 */
export function onSchemeChange(callback) {
  darkScheme().addEventListener("change", callback);
}
