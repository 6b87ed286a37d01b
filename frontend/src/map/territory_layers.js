// Layers of the territories: fills by class, outlines, the one under the pointer, names.

/** @import { FillLayerSpecification, LayerSpecification, LineLayerSpecification } from "maplibre-gl" */
/** @import { PropertyValueSpecification, SymbolLayerSpecification } from "maplibre-gl" */
/** @import { Colours } from "../page/colours.js" */
/** @import { Level, OwnPlace } from "./config.js" */
/** @import { Shading } from "./shading.js" */

/** The layer of vector tiles that holds the territories. */
export const TERRITORIES = "territories";
/** Zooms in which names of a level stay after the next level has begun. */
export const NAMES_BELOW = 1.5;
const FONTS = ["Segoe UI", "Roboto", "Noto Sans", "DejaVu Sans Condensed", "sans-serif"];

/** @param {Level} level */
const fillOf = (level) => `fill-${level.slug}`;

/**
 * The layers that the pointer finds a territory in.
 *
 * @param {Level} level
 */
export const pointedLayers = (level) =>
  ["", "-none", "-pending"].map((ending) => `${fillOf(level)}${ending}`);

/**
 * The colour of each class.
 *
 * @param {Shading} shading
 */
export function classColours({ key, breaks, ramp }) {
  const steps = breaks.flatMap((limit, index) => [limit, ramp[index + 1]]);
  return /** @type {PropertyValueSpecification<string>} */ (
    /** @type {unknown} */ (["step", ["get", key], ramp[0], ...steps])
  );
}

/**
 * @param {Level} level
 * @param {Shading} shading
 * @param {{ opacity: number, paint: Colours }} look - the opacity in per cent
 * @returns {LayerSpecification[]}
 */
export function territoryLayers(level, shading, { opacity: percent, paint }) {
  const { minzoom, maxzoom } = level;
  const source = { source: level.slug, "source-layer": TERRITORIES, minzoom, maxzoom };
  const { shaded, key, clear, pending } = shading;
  const opacity = shaded ? percent / 100 : 0;
  // Zones of a set lie apart on bare ground, from which a pale one would not stand out.
  const parted = shaded && !level.apart;
  /** @type {FillLayerSpecification} */
  const noise = {
    id: `${fillOf(level)}-noise`,
    type: "fill",
    ...source,
    filter: clear ? ["all", ["has", key], ["!", ["to-boolean", ["get", clear]]]] : ["has", key],
    paint: { "fill-pattern": "noise", "fill-opacity": opacity },
  };
  return [
    {
      id: fillOf(level),
      type: "fill",
      ...source,
      filter: ["has", key],
      paint: {
        "fill-color": classColours(shading),
        "fill-opacity": opacity,
        "fill-antialias": false,
      },
    },
    {
      id: `${fillOf(level)}-none`,
      type: "fill",
      ...source,
      // A zone that is still to be counted is only drawn, and not shown as unobserved.
      filter: ["all", ["!", ["has", key]], ["!", ["has", pending]]],
      paint: { "fill-pattern": "hatch", "fill-opacity": opacity },
    },
    // Over the colour of the class: the direction of the change stays visible, but looks uncertain.
    ...(clear === undefined ? [] : [noise]),
    // Nothing to see, and something to point at.
    {
      id: `${fillOf(level)}-pending`,
      type: "fill",
      ...source,
      filter: ["has", pending],
      paint: { "fill-opacity": 0 },
    },
    {
      id: `line-${level.slug}`,
      type: "line",
      ...source,
      layout: { "line-join": "round" },
      paint: {
        "line-color": parted ? paint.paper : paint.ink,
        "line-opacity": parted ? 0.75 : 0.45,
        "line-width": ["interpolate", ["linear"], ["zoom"], 6, 0.4, 11, 1.2],
      },
    },
  ];
}

/**
 * Outlines of a higher level over the level below it.
 *
 * @param {Level} level
 * @param {Colours} paint
 * @returns {LineLayerSpecification}
 */
export function outlineLayer(level, paint) {
  return {
    id: `outline-${level.slug}`,
    type: "line",
    source: level.slug,
    "source-layer": TERRITORIES,
    minzoom: level.maxzoom,
    layout: { "line-join": "round" },
    paint: {
      "line-color": paint.ink,
      "line-opacity": 0.8,
      "line-width": ["interpolate", ["linear"], ["zoom"], 6, 0.8, 11, 2],
    },
  };
}

/**
 * The outline of the territory under the pointer.
 *
 * @param {Level} level
 * @param {Colours} paint
 * @returns {LineLayerSpecification}
 */
export function hoverLayer(level, paint) {
  return {
    id: `hover-${level.slug}`,
    type: "line",
    source: level.slug,
    "source-layer": TERRITORIES,
    minzoom: level.minzoom,
    maxzoom: level.maxzoom,
    layout: { "line-join": "round" },
    paint: {
      "line-color": paint.ink,
      "line-width": ["case", ["boolean", ["feature-state", "hover"], false], 3, 0],
    },
  };
}

/**
 * Names of the territories. The page's own territory is named by its title.
 *
 * @param {Level} level
 * @param {OwnPlace | null} place
 * @param {Colours} paint
 * @returns {SymbolLayerSpecification}
 */
export function nameLayer(level, place, paint) {
  return {
    id: `name-${level.slug}`,
    type: "symbol",
    source: `names-${level.slug}`,
    filter: ["!=", ["get", "code"], place?.level === level.slug ? place.code : ""],
    minzoom: level.names,
    maxzoom: level.maxzoom + (level.finest ? 0 : NAMES_BELOW),
    layout: {
      "text-field": ["get", "name"],
      "text-font": FONTS,
      "text-size": level.finest ? 11.5 : 14,
      "text-max-width": 7,
      "text-padding": 4,
      "text-allow-overlap": false,
      "symbol-sort-key": ["get", "order"],
    },
    paint: {
      "text-color": paint.ink,
      "text-halo-color": paint.paper,
      "text-halo-width": 2,
      "text-halo-blur": 0.5,
    },
  };
}
