// The map under zones: outlines of the territories, and land cover where the reader asks for it.

/** @import { Map as MapLibreMap, TransformStyleFunction } from "maplibre-gl" */
/** @import { MapState } from "../map/state.js" */

import { readConfig } from "../map/config.js";
import { redrawPatterns } from "../map/patterns.js";
import { createMap } from "../map/setup.js";
import { RAW } from "../map/state.js";
import { styleOf } from "../map/style.js";
import { colours, onSchemeChange } from "../page/colours.js";

const OUTLINES = "outlines"; // no layer of cells, and nothing that shades territories
const OPACITY = 75;
const LAST_ZOOM = 18;
const FITTING = { padding: 24, maxZoom: 14.5 };

/** Prefixes of the layers and sources of zones: those of terra-draw, and the platform's own. */
const ZONES = ["td-", "own-"];

/** @param {string} name */
const ofZones = (name) => ZONES.some((prefix) => name.startsWith(prefix));

/**
 * Keeps the zones where the style under them changes.
 *
 * @type {TransformStyleFunction}
 */
function keepZones(before, next) {
  const sources = Object.entries(before?.sources ?? {}).filter(([name]) => ofZones(name));
  return {
    ...next,
    sources: { ...next.sources, ...Object.fromEntries(sources) },
    layers: [...next.layers, ...(before?.layers ?? []).filter(({ id }) => ofZones(id))],
  };
}

/**
 * @param {HTMLElement} element
 * @param {string} text - the configuration as JSON
 * @param {object} options
 * @param {boolean} options.scrolls - whether the wheel and one finger scroll the page
 * @param {(map: MapLibreMap) => void} options.addZones - called once the map is loaded
 * @returns {{ map: MapLibreMap, showCover: (shown: boolean) => void }}
 */
export function backgroundMap(element, text, { scrolls, addZones }) {
  const config = readConfig(text);
  /** @type {MapState} */
  const state = {
    layer: OUTLINES,
    edition: config.edition,
    from: null,
    to: null,
    filter: RAW,
    opacity: OPACITY,
    swipe: 0,
    place: null,
  };
  const style = () => styleOf({ config, state, paint: colours() });
  const { map, forgetNames } = createMap({
    element,
    config,
    style: style(),
    fitting: FITTING,
    maxZoom: LAST_ZOOM,
    scrolls,
  });
  const redraw = () => {
    map.setStyle(style(), { diff: true, transformStyle: keepZones });
    forgetNames();
  };
  map.on("load", () => addZones(map));
  onSchemeChange(() => {
    redrawPatterns(map);
    redraw();
  });
  return {
    map,
    showCover(shown) {
      state.layer = shown ? "cover" : OUTLINES;
      redraw();
    },
  };
}
