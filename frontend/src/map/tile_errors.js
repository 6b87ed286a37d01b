// A message over the map when parts of it could not be fetched, with a way to try again.

/** @import { ErrorEvent as MapError, Map as MapLibreMap } from "maplibre-gl" */

/**
 * @typedef {MapError & { sourceId?: string, tile?: object }} SourceError MapLibre names the source
 *   or the tile of an error, if any; its types do not.
 */

import { part } from "../page/elements.js";

/**
 * @param {MapLibreMap} map
 * @param {HTMLElement} card
 * @param {() => void} fetchAgain - called when the reader asks for it, or when the network is back
 */
export function watchTiles(map, card, fetchAgain) {
  const box = part(card, "[data-map-trouble]");
  const again = () => {
    if (box.hidden) return;
    box.hidden = true;
    fetchAgain();
    map.getCanvas().focus({ preventScroll: true });
  };
  map.on("error", (event) => {
    const { error, sourceId, tile } = /** @type {SourceError} */ (event);
    console.warn(error?.message ?? error);
    if (sourceId || tile) box.hidden = false;
  });
  part(box, "button").addEventListener("click", again);
  addEventListener("online", again);
}
