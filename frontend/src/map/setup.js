// The one place that sets up MapLibre: options, controls, names and patterns that all maps share.

/** @import { FitBoundsOptions, IControl, StyleSpecification } from "maplibre-gl" */
/** @import { MapConfig } from "./config.js" */
/** @import { Camera } from "./view.js" */

import {
  AttributionControl,
  FullscreenControl,
  Map as MapLibreMap,
  NavigationControl,
  ScaleControl,
  setWorkerUrl,
} from "maplibre-gl";
import { part } from "../page/elements.js";
import { keepNames } from "./names.js";
import { providePatterns } from "./patterns.js";

const LEAST_ZOOM = 3;
const FADE_MS = 200;
const SCALE_WIDTH = 110; // pixels

/**
 * A map in an element of a page. Its `data-state` becomes "ready" once all is drawn.
 *
 * @param {object} options
 * @param {HTMLElement} options.element - in a card; its canvas is the part `data-map-canvas`
 * @param {MapConfig} options.config
 * @param {StyleSpecification} options.style
 * @param {FitBoundsOptions} options.fitting - how the map is fitted to its bounds
 * @param {Camera | null} [options.camera] - where it looks instead
 * @param {number} options.maxZoom
 * @param {boolean} options.scrolls - whether the wheel and one finger scroll the page
 * @param {IControl[]} [options.corner] - further controls beside the scale
 * @returns {{ map: MapLibreMap, card: HTMLElement, forgetNames: () => void }} `forgetNames` is to
 *   be called after a change of the style
 */
export function createMap({
  element,
  config,
  style,
  fitting,
  camera = null,
  maxZoom,
  scrolls,
  corner = [],
}) {
  const card = /** @type {HTMLElement} */ (element.closest("[data-map-card]"));
  setWorkerUrl(config.worker);
  const map = new MapLibreMap({
    container: part(element, "[data-map-canvas]"),
    style,
    ...(camera ?? { bounds: config.bounds, fitBoundsOptions: fitting }),
    minZoom: LEAST_ZOOM,
    maxZoom,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    attributionControl: false,
    cooperativeGestures: scrolls,
    fadeDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : FADE_MS,
    locale: config.locale,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.getCanvas().setAttribute("aria-label", config.words.map ?? "");
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new FullscreenControl({ container: card }), "top-right");
  // The last one added stands first.
  for (const control of corner) map.addControl(control, "bottom-left");
  map.addControl(new ScaleControl({ maxWidth: SCALE_WIDTH }), "bottom-left");
  map.addControl(
    new AttributionControl({ compact: false, customAttribution: config.attribution }),
    "bottom-right",
  );
  providePatterns(map);
  const forgetNames = keepNames(map, config.levels);
  map.on("idle", () => {
    element.dataset.state = "ready";
  });
  return { map, card, forgetNames };
}

/**
 * A second map that lies over a first one. It has no controls, and readers hear nothing of it.
 *
 * @param {object} options
 * @param {MapLibreMap} options.below - the first map
 * @param {HTMLElement} options.container
 * @param {Pick<MapConfig, "levels">} options.config
 * @param {StyleSpecification} options.style
 * @returns {{ map: MapLibreMap, forgetNames: () => void }}
 */
export function createMapOver({ below, container, config, style }) {
  const map = new MapLibreMap({
    container,
    style,
    center: below.getCenter(),
    zoom: below.getZoom(),
    minZoom: below.getMinZoom(),
    maxZoom: below.getMaxZoom(),
    interactive: false,
    attributionControl: false,
    fadeDuration: 0,
  });
  map.getCanvas().setAttribute("aria-hidden", "true");
  map.on("error", ({ error }) => console.warn(error?.message ?? error));
  providePatterns(map);
  return { map, forgetNames: keepNames(map, config.levels) };
}
