// A map under zones: the territories' outlines, and land cover where that is asked for.

import {
  AttributionControl,
  FullscreenControl,
  Map,
  NavigationControl,
  ScaleControl,
  setWorkerUrl,
} from "maplibre-gl";

import { colours, hatch, onSchemeChange } from "../map/colours.js";
import { keepNames } from "../map/names.js";
import { styleOf } from "../map/style.js";

const OUTLINES = "outlines"; // no layer of cells, and nothing that shades territories

function absolute(config) {
  const url = (path) => new URL(path, location.href).href.replace(/%7B/g, "{").replace(/%7D/g, "}");
  for (const one of [...config.levels, ...config.editions]) one.tiles = url(one.tiles);
  if (config.basemap) config.basemap.tiles = url(config.basemap.tiles);
  return config;
}

// `own(map)` adds what stands on the map: after it is loaded, and after the style was changed.
export function backgroundMap(element, text, { gestures, own }) {
  const config = absolute(JSON.parse(text));
  const state = { layer: OUTLINES, opacity: 75, place: null, edition: config.edition };
  setWorkerUrl(new URL(config.worker, location.href).href);
  const map = new Map({
    container: element.querySelector("[data-map-canvas]"),
    style: styleOf(config, state),
    bounds: config.bounds,
    fitBoundsOptions: { padding: 24, maxZoom: 14.5 },
    minZoom: 3,
    maxZoom: 18,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    attributionControl: false,
    cooperativeGestures: gestures,
    fadeDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 200,
    locale: config.locale,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.getCanvas().setAttribute("aria-label", config.words.map);
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(
    new FullscreenControl({ container: element.closest("[data-map-card]") }),
    "top-right",
  );
  map.addControl(new ScaleControl({ maxWidth: 110 }), "bottom-left");
  map.addControl(
    new AttributionControl({ compact: false, customAttribution: config.attribution }),
    "bottom-right",
  );
  const forgetNames = keepNames(map, config.levels);
  map.setMissingStyleImageResolver((id) => {
    const { none, soft } = colours();
    if (id === "hatch" || id === "noise") map.addImage(id, hatch(none, soft), { pixelRatio: 2 });
  });
  const redraw = () => {
    map.setStyle(styleOf(config, state), {
      diff: true,
      // What was added to the map stays on it.
      transformStyle: (before, next) => {
        const mine = (name) => name.startsWith("td-") || name.startsWith("own-");
        const sources = Object.entries(before?.sources ?? {}).filter(([name]) => mine(name));
        return {
          ...next,
          sources: { ...next.sources, ...Object.fromEntries(sources) },
          layers: [...next.layers, ...(before?.layers ?? []).filter(({ id }) => mine(id))],
        };
      },
    });
    forgetNames();
  };
  map.on("load", () => own(map));
  map.on("idle", () => {
    element.dataset.state = "ready";
  });
  onSchemeChange(redraw);
  return {
    map,
    words: config.words,
    showCover(shown) {
      state.layer = shown ? "cover" : OUTLINES;
      redraw();
    },
  };
}
