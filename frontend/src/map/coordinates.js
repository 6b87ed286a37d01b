// Longitude and latitude of the pointer, or of the middle of the map while no pointer is over it:
// with the keyboard, the middle is what moves.

/** @import { IControl, Map as MapLibreMap } from "maplibre-gl" */

import { number, SPACE } from "../page/numbers.js";

const DECIMALS = 4;

/**
 * @param {number} value
 * @param {string} letters - of positive and of negative values
 */
const degrees = (value, letters) =>
  `${number(Math.abs(value), DECIMALS)}\u00b0${SPACE}${letters[value < 0 ? 1 : 0]}`;

/** @implements {IControl} */
export class Coordinates {
  #words;
  #kind = document.createElement("span");
  #value = document.createElement("span");
  #box = document.createElement("div");
  #ended = new AbortController();
  /** @type {{ unsubscribe(): void }[]} */
  #subscriptions = [];

  /** @param {Record<string, string>} words */
  constructor(words) {
    this.#words = words;
    this.#value.dataset.coordinates = "";
    this.#box.className = "maplibregl-ctrl map-coordinates";
    this.#box.append(this.#kind, " ", this.#value);
  }

  /** @param {MapLibreMap} map */
  onAdd(map) {
    let over = false;
    const middle = () => this.#write(this.#words.middle, map.getCenter());
    const leave = () => {
      over = false;
      middle();
    };
    this.#subscriptions = [
      map.on("mousemove", ({ lngLat }) => {
        over = true;
        this.#write(this.#words.pointer, lngLat);
      }),
      map.on("mouseout", leave),
      map.on("move", () => {
        if (!over) middle();
      }),
    ];
    // Whoever goes on with the keys looks at the middle, wherever the pointer was left.
    map.getCanvas().addEventListener("keydown", leave, { signal: this.#ended.signal });
    middle();
    return this.#box;
  }

  /**
   * @param {string | undefined} kind
   * @param {{ lng: number, lat: number }} point
   */
  #write(kind, { lng, lat }) {
    const { north_south: ns = "NS", east_west: ew = "EW" } = this.#words;
    this.#kind.textContent = kind ?? "";
    this.#value.textContent = `${degrees(lat, ns)}, ${degrees(lng, ew)}`;
  }

  onRemove() {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    this.#ended.abort();
    this.#box.remove();
  }
}
