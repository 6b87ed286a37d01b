// Where the map looks. It is fitted to what it is about, and again when its canvas changes size,
// until the reader moves it. The address holds the view, as `#map=zoom/lat/lng`, once the reader has
// moved the map, chosen a layer or gone to a place. Not before: an anchor there leads to its part of
// the page.

/** @import { FitBoundsOptions, LngLatBoundsLike, Map as MapLibreMap } from "maplibre-gl" */

const PREFIX = "map=";
const TILE = 512; // pixels of the world at zoom 0
const PRECISION = 0.5; // pixels

/** @typedef {{ zoom: number, center: [longitude: number, latitude: number] }} Camera */

/**
 * The camera that a hash holds, or null.
 *
 * @param {string} hash
 * @returns {Camera | null}
 */
export function cameraOf(hash) {
  const part = hash
    .slice(1)
    .split("&")
    .find((one) => one.startsWith(PREFIX));
  if (!part) return null;
  const [zoom, lat, lng, ...more] = part.slice(PREFIX.length).split("/").map(Number);
  if (zoom === undefined || lat === undefined || lng === undefined) return null;
  if (![zoom, lat, lng, ...more].every(Number.isFinite)) return null;
  return Math.abs(lat) <= 90 ? { zoom, center: [lng, lat] } : null;
}

/**
 * The hash of a camera, with as many decimals as the zoom can show.
 *
 * @param {Camera} camera
 */
export function hashOf({ zoom, center: [lng, lat] }) {
  const needed = (zoom * Math.LN2 + Math.log(TILE / 360 / PRECISION)) / Math.LN10;
  const digits = Math.max(0, Math.ceil(needed));
  return `#${PREFIX}${Number(zoom.toFixed(2))}/${lat.toFixed(digits)}/${lng.toFixed(digits)}`;
}

export class View {
  #map;
  #bounds;
  #options;
  #moved;
  #named;

  /**
   * @param {MapLibreMap} map
   * @param {LngLatBoundsLike} bounds
   * @param {FitBoundsOptions} options
   */
  constructor(map, bounds, options) {
    this.#map = map;
    this.#bounds = bounds;
    this.#options = options;
    this.#moved = cameraOf(location.hash) !== null;
    this.#named = this.#moved;
    map.on("movestart", ({ originalEvent }) => {
      if (originalEvent) this.#moved = this.#named = true;
    });
    map.on("moveend", () => {
      if (this.#named) this.#write();
    });
    map.on("resize", () => {
      if (!this.#moved) map.fitBounds(this.#bounds, { ...this.#options, animate: false });
    });
    addEventListener("hashchange", () => {
      const camera = cameraOf(location.hash);
      if (!camera) return;
      this.#moved = this.#named = true;
      map.jumpTo(camera);
    });
  }

  /**
   * Goes to another place.
   *
   * @param {LngLatBoundsLike} bounds
   * @param {FitBoundsOptions} options
   */
  fit(bounds, options) {
    this.#bounds = bounds;
    this.#options = options;
    this.#moved = false;
    this.#named = true;
    this.#map.fitBounds(bounds, options);
  }

  /** From now on the address holds the view. */
  name() {
    this.#named = true;
    this.#write();
  }

  #write() {
    const { lng, lat } = this.#map.getCenter();
    const address = new URL(location.href);
    address.hash = hashOf({ zoom: this.#map.getZoom(), center: [lng, lat] });
    history.replaceState(history.state, "", address);
  }
}
