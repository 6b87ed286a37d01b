// What shades the territories: the property of a tile, its classes, and how a popup states it.

/** @import { Colours } from "../page/colours.js" */
/** @import { Edition, Further, MapConfig } from "./config.js" */
/** @import { MapState } from "./state.js" */

import { number, percent, SPACE, signed } from "../page/numbers.js";
import { editionOf, furtherOf, isShaded, mainEdition, PAIRED, pairOf } from "./state.js";

/**
 * @typedef {object} Shading
 * @property {boolean} shaded - a layer of cells shades nothing, and its territories are still there
 *   to be pointed at
 * @property {string} key - the property that holds the figure
 * @property {string | null} [clear] - the property of a change beyond noise; null where nobody knows
 *   the noise, undefined where there is no such thing
 * @property {string} pending - the property of a zone that is still to be counted
 * @property {number[]} breaks - lower bounds of the second class and of those after it
 * @property {string[]} ramp - a colour for each class
 *
 * @typedef {Record<string, string | number | boolean>} Properties Those of a territory in a tile.
 *
 * @typedef {object} Figure What a popup states about a territory.
 * @property {string} vintage - the editions that it is of
 * @property {string} [missing] - why there is no figure
 * @property {string} [figure]
 * @property {string} [unit]
 * @property {string} [remark]
 */

/**
 * @param {MapConfig} config
 * @param {MapState} state
 * @param {Pick<Colours, "ramp" | "change">} paint
 * @returns {Shading | null} null where there is no edition to shade by
 */
export function shadingOf(config, state, paint) {
  const edition = mainEdition(config, state);
  if (!edition) return null;
  const common = { shaded: isShaded(config, state), pending: edition.pending };
  const pair = pairOf(config, state);
  if (state.layer === "change" && pair) {
    const { key, clear } = pair;
    return { ...common, key, clear, breaks: config.change_breaks, ramp: paint.change };
  }
  if (state.layer === "per_inhabitant") {
    const breaks = config.per_inhabitant_breaks;
    return { ...common, key: edition.per_inhabitant, breaks, ramp: paint.ramp };
  }
  const further = furtherOf(config, state);
  if (further) {
    const key = further.keys[edition.slug] ?? "";
    return { ...common, key, breaks: further.breaks, ramp: paint.ramp };
  }
  return { ...common, key: edition.key, breaks: config.breaks, ramp: paint.ramp };
}

/**
 * What a popup states about a territory.
 *
 * @param {MapConfig} config
 * @param {MapState} state
 * @param {Properties} properties
 * @returns {Figure}
 */
export function figureOf(config, state, properties) {
  const { words } = config;
  const edition = mainEdition(config, state);
  if (!edition) return { missing: words.unknown, vintage: "" };
  if (edition.pending in properties) return { missing: words.pending, vintage: edition.name };
  if (PAIRED.includes(state.layer)) return changeOf(config, state, properties);
  if (state.layer === "per_inhabitant") {
    const value = properties[edition.per_inhabitant];
    if (typeof value !== "number") return { missing: words.unknown, vintage: edition.name };
    const remark = unobserved(config, edition, properties);
    const bound = remark ? `\u2265${SPACE}` : "";
    const figure = `${bound}${number(value, 0)}`;
    return { figure, unit: words.per_inhabitant, remark, vintage: edition.name };
  }
  const further = furtherOf(config, state);
  if (further) {
    const value = properties[further.keys[edition.slug] ?? ""];
    const vintage = further.vintages?.[edition.slug] ?? edition.name;
    if (typeof value !== "number") {
      const observed = edition.key in properties;
      // Where it is not for want of a population, something else is missing, such as an edition.
      const unknown = further.inhabitants ? words.unknown : words.no_figure;
      return { missing: observed ? unknown : words.not_observed, vintage };
    }
    const remark = unobserved(config, edition, properties);
    const bound = remark && further.lower_bound ? `\u2265${SPACE}` : "";
    const figure = written(further, value);
    return { figure: bound + figure, unit: further.label, remark, vintage };
  }
  const share = properties[edition.key];
  if (typeof share !== "number") return { missing: words.not_observed, vintage: edition.name };
  const remark = unobserved(config, edition, properties);
  return { figure: percent(share, 1), unit: words.sealed, remark, vintage: edition.name };
}

/**
 * A value in its unit, where that is a sign.
 *
 * @param {Further} further
 * @param {number} value
 */
function written({ unit, decimals }, value) {
  if (unit === "1") return percent(value, 1);
  return unit === "%" ? percent(value / 100, decimals) : number(value, decimals);
}

/**
 * @param {MapConfig} config
 * @param {MapState} state
 * @param {Properties} properties
 * @returns {Figure}
 */
function changeOf(config, state, properties) {
  const { words } = config;
  const years = [state.from, state.to].map((slug) => editionOf(config, slug)?.year);
  const vintage = years.join(" \u2192 ");
  const pair = pairOf(config, state);
  const value = pair && properties[pair.key];
  if (typeof value !== "number") return { missing: words.not_in_both, vintage };
  const figure = `${signed(value, 2)}${SPACE}${words.points}`;
  if (!pair?.clear) return { figure, unit: words.net, remark: words.across, vintage };
  return { figure, unit: words.net, remark: properties[pair.clear] ? "" : words.noise, vintage };
}

/**
 * The share that an edition has not observed, where another edition has observed clearly more.
 *
 * @param {MapConfig} config
 * @param {Edition} edition
 * @param {Properties} properties
 */
function unobserved({ words }, edition, properties) {
  const share = properties[edition.partly];
  if (typeof share !== "number") return "";
  return (words.partly ?? "").replace("{share}", percent(share, 0)).replace("{year}", edition.year);
}
