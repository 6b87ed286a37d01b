// Patches of gain and loss: their outlines, the one under the pointer, and a card that says what one is.

/** @import { LayerSpecification, Map as MapLibreMap, Point, SourceSpecification } from "maplibre-gl" */
/** @import { Colours } from "../page/colours.js" */
/** @import { MapConfig } from "./config.js" */
/** @import { Properties } from "./shading.js" */
/** @import { MapState } from "./state.js" */

import { number, SPACE } from "../page/numbers.js";
import { editionOf, filteredOf } from "./state.js";

/** The layer of vector tiles that holds patches, and the name of their source. */
const PATCHES = "patches";
/** The layer with a point in each tile that has no room for all of its patches. */
const LEFT_OUT = "left_out";
const FILL = "patches-fill";
const LAST_TILES = 14;

/**
 * The tiles of the patches that a state shows; none where all change is shown.
 *
 * @param {MapConfig} config
 * @param {MapState} state
 * @returns {Record<string, SourceSpecification>}
 */
export function patchSources(config, state) {
  const accepted = state.layer === "gain" ? filteredOf(config, state) : null;
  if (!accepted) return {};
  const zooms = { minzoom: config.patches_from ?? 0, maxzoom: LAST_TILES };
  return {
    [PATCHES]: { type: "vector", tiles: [accepted.patches], promoteId: "number", ...zooms },
  };
}

/**
 * Layers over the cells: something to point at, and outlines.
 *
 * @param {Colours} paint
 * @returns {LayerSpecification[]}
 */
export function patchLayers(paint) {
  const source = { source: PATCHES, "source-layer": PATCHES };
  return [
    { id: FILL, type: "fill", ...source, paint: { "fill-opacity": 0 } },
    {
      id: "patches-line",
      type: "line",
      ...source,
      layout: { "line-join": "round" },
      paint: {
        "line-color": paint.ink,
        "line-opacity": ["interpolate", ["linear"], ["zoom"], 12, 0.35, 14, 0.9],
        "line-width": ["interpolate", ["linear"], ["zoom"], 12, 0.6, 15, 1.6],
      },
    },
  ];
}

/**
 * The properties of the patch at a point; null where there is none.
 *
 * @param {MapLibreMap} map
 * @param {Point} point
 * @returns {Properties | null}
 */
export function patchAt(map, point) {
  if (!map.getLayer(FILL)) return null;
  const [feature] = map.queryRenderedFeatures(point, { layers: [FILL] });
  return feature ? feature.properties : null;
}

/**
 * Says under the map whether tiles in view leave patches out, as a tile does that has very many.
 *
 * @param {MapLibreMap} map
 * @param {HTMLElement} notice
 */
export function watchLeftOut(map, notice) {
  map.on("idle", () => {
    notice.hidden =
      !map.getSource(PATCHES) ||
      !map.querySourceFeatures(PATCHES, { sourceLayer: LEFT_OUT }).length;
  });
}

/**
 * What a card states about a patch, line by line: what happened, where it is in time, its area, its
 * classes, its width, and how sure the maps are of it, where that is known.
 *
 * @param {MapConfig} config
 * @param {MapState} state
 * @param {Properties} properties
 */
export function patchInWords(config, state, properties) {
  const { words } = config;
  const classes = config.classes ?? {};
  /** @param {string | number | boolean | undefined} code */
  const named = (code) => classes[String(code)] ?? String(code);
  const confidence = properties.confidence;
  const width = `${number(Number(properties.width), 0)}${SPACE}m`;
  return {
    title: words[properties.kind === "gain" ? "gain" : "loss"] ?? "",
    area: `${number(Number(properties.hectares), 2)}${SPACE}ha`,
    classes: (words.became ?? "")
      .replace("{former}", named(properties.former))
      .replace("{later}", named(properties.later)),
    width: (words.wide ?? "").replace("{width}", width),
    confidence:
      confidence === undefined
        ? ""
        : (words.confident ?? "").replace("{confidence}", number(Number(confidence), 0)),
    vintage: [state.from, state.to].map((slug) => editionOf(config, slug)?.year).join(" \u2192 "),
  };
}
