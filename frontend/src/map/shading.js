// What shades the territories: which property of theirs, in which classes, and how a popup says it.

import { PAIRED, pairOf, SHADED } from "./address.js";
import { number, percent } from "./numbers.js";

export const editionOf = (config, slug) => config.editions.find((edition) => edition.slug === slug);

// The edition that stands for the map: of a pair, the later one.
export function mainEdition(config, state) {
  return editionOf(config, PAIRED.includes(state.layer) ? state.to : state.edition);
}

// `breaks` are the lower bounds of the second class and of those after it; `clear` is the property
// that says whether the value stands out of the noise of the maps; null where that is never known,
// undefined where there is no such thing. A layer of cells shades nothing,
// and its territories are still pointed at.
export function shadingOf(config, state, paint) {
  const edition = mainEdition(config, state);
  const shaded = SHADED.includes(state.layer);
  if (state.layer === "change") {
    const { key, clear } = pairOf(config, state);
    return {
      shaded,
      key,
      clear,
      pending: edition?.pending,
      breaks: config.change_breaks,
      ramp: paint.change,
    };
  }
  if (state.layer === "per_inhabitant") {
    return {
      shaded,
      key: edition?.per_inhabitant,
      pending: edition?.pending,
      breaks: config.per_inhabitant_breaks,
      ramp: paint.ramp,
    };
  }
  return {
    shaded,
    key: edition?.key,
    pending: edition?.pending,
    breaks: config.breaks,
    ramp: paint.ramp,
  };
}

// What the edition has not observed of a territory, where another has observed clearly more of it.
function partly({ words }, edition, properties) {
  const share = properties[edition.partly];
  if (typeof share !== "number") return "";
  return words.partly.replace("{share}", percent(share * 100, 0)).replace("{year}", edition.year);
}

// What a popup says of a territory: a figure with its unit, remarks, and the editions it is of.
export function valueOf(config, state, properties) {
  const { words } = config;
  const edition = mainEdition(config, state);
  if (edition?.pending in properties) return { missing: words.pending, vintage: edition.name };
  if (PAIRED.includes(state.layer)) {
    const pair = pairOf(config, state);
    const names = [pair.from, pair.to].map((slug) => editionOf(config, slug).year).join(" → ");
    const value = properties[pair.key];
    if (typeof value !== "number") return { missing: words.not_in_both, vintage: names };
    return {
      figure: `${number(value, 2, "exceptZero")}\u202f${words.points}`,
      unit: words.net,
      remark: !pair.clear ? words.across : properties[pair.clear] ? "" : words.noise,
      vintage: names,
    };
  }
  if (state.layer === "per_inhabitant") {
    const value = properties[edition.per_inhabitant];
    if (typeof value !== "number") return { missing: words.unknown, vintage: edition.name };
    const remark = partly(config, edition, properties);
    const bound = remark ? "≥\u202f" : "";
    return {
      figure: `${bound}${number(value, 0)}`,
      unit: words.per_inhabitant,
      remark,
      vintage: edition.name,
    };
  }
  const share = properties[edition.key];
  if (typeof share !== "number") return { missing: words.not_observed, vintage: edition.name };
  const remark = partly(config, edition, properties);
  return { figure: percent(share * 100, 1), unit: words.sealed, remark, vintage: edition.name };
}
