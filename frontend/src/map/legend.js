// The legend under the map: the one that suits what is drawn.

/** @import { MapConfig } from "./config.js" */
/** @import { MapState } from "./state.js" */

import { parts } from "../page/elements.js";
import { editionOf, filteredOf, RAW } from "./state.js";

/**
 * The name of the legend of a state. From afar, land cover is drawn as the share of sealed ground,
 * and gain and loss as the share of cells that changed.
 *
 * @param {Pick<MapState, "layer">} state
 * @param {{ near: boolean }} view - whether cells show classes of land cover
 */
export function legendOf({ layer }, { near }) {
  if (layer === "cover" || layer === "swipe") return near ? "cover" : "far";
  if (layer === "gain") return near ? "gain" : "gain-far";
  return layer;
}

/**
 * @param {HTMLElement} card
 * @param {{ config: MapConfig, state: MapState, zoom: number }} map
 */
export function showLegend(card, { config, state, zoom }) {
  const wanted = legendOf(state, { near: zoom >= config.classes_from });
  for (const legend of parts(card, "[data-legend]")) {
    legend.hidden = legend.dataset.legend !== wanted;
  }
  /** @param {string} slug */
  const year = (slug) => editionOf(config, slug)?.year;
  const { from, to } = state;
  const accepted = filteredOf(config, state);
  for (const filter of parts(card, "[data-change-filter]")) {
    filter.textContent = config.words[`filter-${accepted ? state.filter : RAW}`] ?? "";
  }
  for (const note of parts(card, "[data-patches]")) note.hidden = !accepted;
  for (const pair of parts(card, "[data-change-pair]")) {
    pair.textContent = from && to ? `${year(from)} → ${year(to)}` : "";
  }
}
