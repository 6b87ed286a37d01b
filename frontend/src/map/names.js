// Names on the map: written anew when the tiles that hold the territories have changed.

/** @import { GeoJSONSource, Map as MapLibreMap } from "maplibre-gl" */
/** @import { Level } from "./config.js" */

import { namePoints } from "./name_points.js";
import { NAMES_BELOW, TERRITORIES } from "./territory_layers.js";

/**
 * Keeps the names of the levels in view. The result is to be called after a change of the style,
 * which removes all names.
 *
 * @param {MapLibreMap} map
 * @param {Level[]} levels
 * @returns {() => void}
 */
export function keepNames(map, levels) {
  /** @type {Map<string, string>} */
  const written = new Map();
  map.on("idle", () => {
    const zoom = map.getZoom();
    for (const level of levels) {
      if (zoom < level.names || (!level.finest && zoom > level.maxzoom + NAMES_BELOW)) continue;
      const features = map.querySourceFeatures(level.slug, { sourceLayer: TERRITORIES });
      const points = namePoints(features);
      const key = JSON.stringify(points.features.map(({ geometry }) => geometry.coordinates));
      if (written.get(level.slug) === key) continue;
      written.set(level.slug, key);
      /** @type {GeoJSONSource | undefined} */ (map.getSource(`names-${level.slug}`))?.setData(
        points,
      );
    }
  });
  return () => written.clear();
}
