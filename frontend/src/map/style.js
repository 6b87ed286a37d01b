// MapLibre's style: its sources, and its layers from the ground to the names.

/** @import { LayerSpecification, RasterLayerSpecification } from "maplibre-gl" */
/** @import { RasterSourceSpecification, SourceSpecification, StyleSpecification } from "maplibre-gl" */
/** @import { Colours } from "../page/colours.js" */
/** @import { Edition, Level, MapConfig } from "./config.js" */
/** @import { MapState } from "./state.js" */

import { patchLayers, patchSources } from "./patches.js";
import { chosenLayers, placeLayers, placeSources } from "./place_layers.js";
import { placesFrom } from "./places.js";
import { shadingOf } from "./shading.js";
import { editionOf, filteredOf, furtherOf, pairOf } from "./state.js";
import { hoverLayer, nameLayer, outlineLayer, territoryLayers } from "./territory_layers.js";

/**
 * The style of a state.
 *
 * @param {object} options
 * @param {MapConfig} options.config
 * @param {MapState} options.state
 * @param {Colours} options.paint
 * @param {string | null} [options.side] - the edition that a swipe's map shows: by default the
 *   one on the left
 * @returns {StyleSpecification}
 */
export function styleOf({ config, state, paint, side = state.from }) {
  const { levels, place } = config;
  const edition = editionOf(config, state.layer === "swipe" ? side : state.edition);
  const cells = cellsOf(config, state, edition);
  const patches = patchSources(config, state);
  const shading = edition ? shadingOf(config, state, paint) : null;
  return {
    version: 8,
    sources: {
      // Change is between two editions: tiles hold that of one pair.
      ...territorySources(levels, askedOf(config, state)),
      ...placeSources(place),
      ...basemapSources(config),
      ...(cells ? { [cells.source]: cells.tiles } : {}),
      ...patches,
    },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": paint.ground } },
      ...(config.basemap ? [basemapLayer(paint)] : []),
      ...(cells ? [cellLayer(cells, state.opacity)] : []),
      ...(shading
        ? levels.flatMap((level) =>
            territoryLayers(level, shading, { opacity: state.opacity, paint }),
          )
        : []),
      ...(Object.keys(patches).length ? patchLayers(paint) : []),
      ...(place
        ? placeLayers(place, paint)
        : levels.slice(0, -1).map((level) => outlineLayer(level, paint))),
      ...chosenLayers(levels, placesFrom(config, state.place), paint),
      ...levels.map((level) => hoverLayer(level, paint)),
      ...[...levels].reverse().map((level) => nameLayer(level, place, paint)),
    ],
  };
}

/**
 * What the addresses of a state's tiles need beyond those that all tiles have.
 *
 * @param {MapConfig} config
 * @param {MapState} state
 */
function askedOf(config, state) {
  return `${pairOf(config, state)?.asked ?? ""}${furtherOf(config, state)?.asked ?? ""}`;
}

/**
 * The tiles of each level, and the points of its names.
 *
 * @param {Level[]} levels
 * @param {string} asked - what addresses need
 * @returns {Record<string, SourceSpecification>}
 */
function territorySources(levels, asked) {
  /** @type {Record<string, SourceSpecification>} */
  const sources = {};
  for (const level of levels) {
    sources[level.slug] = {
      type: "vector",
      tiles: [`${level.tiles}${asked}`],
      promoteId: "code",
      maxzoom: level.tile_maxzoom,
    };
    sources[`names-${level.slug}`] = {
      type: "geojson",
      data: { type: "FeatureCollection", features: [] },
    };
  }
  return sources;
}

/**
 * @param {MapConfig} config
 * @returns {Record<string, SourceSpecification>}
 */
function basemapSources({ basemap }) {
  if (!basemap) return {};
  const { tiles, maxzoom, attribution } = basemap;
  return { basemap: { type: "raster", tiles: [tiles], tileSize: 256, maxzoom, attribution } };
}

/**
 * @param {Colours} paint
 * @returns {LayerSpecification}
 */
function basemapLayer({ dark }) {
  return {
    id: "basemap",
    type: "raster",
    source: "basemap",
    // Quiet, so that the figures are read first.
    paint: {
      "raster-saturation": -0.6,
      "raster-brightness-max": dark ? 0.45 : 1,
      "raster-opacity": 0.85,
    },
  };
}

/** @typedef {{ layer: string, source: string, tiles: RasterSourceSpecification }} Cells */

/**
 * The raster tiles of a layer of cells; null where territories are shaded.
 *
 * @param {MapConfig} config
 * @param {MapState} state
 * @param {Edition | undefined} edition
 * @returns {Cells | null}
 */
function cellsOf(config, state, edition) {
  const [first] = config.editions;
  if (!first) return null;
  /** @type {(tiles: string, maxzoom: number) => RasterSourceSpecification} */
  const raster = (tiles, maxzoom) => ({
    type: "raster",
    tileSize: 256,
    bounds: first.bounds,
    tiles: [tiles],
    maxzoom,
  });
  if (state.layer === "gain") {
    const pair = pairOf(config, state);
    if (!pair) return null;
    const accepted = filteredOf(config, state);
    const tiles = raster((accepted ?? pair).tiles, first.tile_maxzoom);
    const ending = accepted ? `-${state.filter}` : "";
    return { layer: "gain", source: `gain-${pair.from}-${pair.to}${ending}`, tiles };
  }
  if (!edition || (state.layer !== "cover" && state.layer !== "swipe")) return null;
  const tiles = raster(edition.tiles, edition.tile_maxzoom);
  return { layer: "cover", source: `cover-${edition.slug}`, tiles };
}

/**
 * @param {Cells} cells
 * @param {number} opacity - in per cent
 * @returns {RasterLayerSpecification}
 */
function cellLayer({ layer, source }, opacity) {
  return {
    id: layer,
    type: "raster",
    source,
    paint: {
      "raster-opacity": opacity / 100,
      "raster-resampling": "nearest",
      "raster-fade-duration": 0,
    },
  };
}
