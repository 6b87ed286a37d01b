// What the server states about a map: `map_config` in clcplus/views/maps/config.py writes it as JSON.

/** @import { MultiPolygon, Polygon } from "geojson" */
/** @import { Bounds } from "./bounds.js" */

/**
 * @typedef {object} Level Territories of one level, or the zones of a set.
 * @property {string} slug
 * @property {string} name
 * @property {string} tiles
 * @property {number} minzoom
 * @property {number} maxzoom
 * @property {number} names - the zoom from which names are written
 * @property {boolean} finest
 * @property {boolean} apart - zones that do not touch each other
 * @property {number} tile_maxzoom
 *
 * @typedef {object} Edition
 * @property {string} slug
 * @property {string} name
 * @property {string} year
 * @property {string} key - the property of a tile that holds the sealed share, 0 to 1
 * @property {string} per_inhabitant - that of the sealed square metres per inhabitant
 * @property {string} pending - that of a zone which is still to be counted
 * @property {string} partly - that of the share which was not observed, where it matters
 * @property {string} tiles
 * @property {string} tiles_twice - tiles for dense screens
 * @property {number} tile_maxzoom
 * @property {Bounds} bounds
 *
 * @typedef {object} Pair Two editions that may be compared.
 * @property {string} from
 * @property {string} to
 * @property {string} key - the property that holds the net change in percentage points
 * @property {string | null} clear - that of a change beyond noise; null where nobody knows the noise
 * @property {string} asked - what the addresses of tiles need for this pair
 * @property {string} tiles
 * @property {string} tiles_twice
 * @property {Record<string, Filtered>} [filters] - what each filter leaves of it, by its name; none
 *   where the change was not filtered yet
 *
 * @typedef {object} Filtered Change that a filter accepts.
 * @property {string} tiles
 * @property {string} tiles_twice
 * @property {string} patches - vector tiles
 *
 * @typedef {object} Further An indicator that territories are shaded by, after those with controls
 *   of their own.
 * @property {string} name
 * @property {string} label
 * @property {string} unit - "1" for a fraction, "%" for per cent
 * @property {number} decimals - that a popup shows
 * @property {boolean} lower_bound - whether it is at least so much where only a part is observed
 * @property {boolean} inhabitants - whether it needs the number of inhabitants
 * @property {number[]} breaks
 * @property {Record<string, string>} keys - the property of a tile, by the slug of the edition
 * @property {Record<string, string>} [vintages] - the editions that a figure of several is of, by the
 *   slug of each
 * @property {string} [asked] - what the addresses of tiles need to hold it; absent where all do
 *
 * @typedef {object} OwnPlace The territory that the page is about.
 * @property {string} level
 * @property {string} code
 * @property {Polygon | MultiPolygon | null} shape - where the tiles do not hold it
 *
 * @typedef {object} Basemap A map of the ground by someone else.
 * @property {string} tiles
 * @property {number} maxzoom
 * @property {string} attribution
 *
 * @typedef {object} MapConfig
 * @property {string} worker - the address of MapLibre's worker
 * @property {Bounds} bounds
 * @property {string} layer
 * @property {string | null} edition
 * @property {number[]} breaks - lower bounds of all classes but the first
 * @property {number[]} change_breaks
 * @property {number[]} per_inhabitant_breaks
 * @property {Further[]} [shadings] - absent where there are none
 * @property {Pair[]} pairs
 * @property {{ from: string, to: string } | null} pair - the pair that is compared first
 * @property {string} [filter] - the name of the filter of change that is shown first
 * @property {number} [patches_from] - the zoom from which there are tiles of patches
 * @property {Record<string, string>} [classes] - names of the classes of land cover, by code
 * @property {Level[]} levels - from the coarsest
 * @property {boolean} people - whether the number of inhabitants is known
 * @property {number} classes_from - the zoom from which cells show classes of land cover
 * @property {Edition[]} editions
 * @property {OwnPlace | null} place
 * @property {string} page - the address of a territory's page; see links.js
 * @property {string} about - the address of a territory in the API
 * @property {Basemap | null} basemap
 * @property {string} attribution
 * @property {Record<string, string>} words
 * @property {Record<string, string>} locale - the words of MapLibre's own controls
 */

const DENSE = 1.4; // device pixels per pixel from which the larger tiles pay

/** @param {string} path - of tiles, with {z}, {x} and {y} */
const absolute = (path) =>
  new URL(path, location.href).href.replace(/%7B/g, "{").replace(/%7D/g, "}");

/**
 * The configuration with absolute addresses of tiles, as MapLibre's worker needs them.
 *
 * @param {string} text - JSON
 * @returns {MapConfig}
 */
export function readConfig(text) {
  /** @type {MapConfig} */
  const config = JSON.parse(text);
  const dense = devicePixelRatio > DENSE;
  for (const level of config.levels) level.tiles = absolute(level.tiles);
  const filtered = config.pairs.flatMap(({ filters }) => Object.values(filters ?? {}));
  for (const raster of [...config.editions, ...config.pairs, ...filtered]) {
    raster.tiles = absolute(dense ? raster.tiles_twice : raster.tiles);
  }
  for (const accepted of filtered) accepted.patches = absolute(accepted.patches);
  if (config.basemap) config.basemap.tiles = absolute(config.basemap.tiles);
  config.worker = absolute(config.worker);
  return config;
}
