// Two editions under a divider: a second map lies over the first, moves with it, and is clipped at
// the divider. The first map keeps all gestures and controls.

/** @import { Map as MapLibreMap, StyleSpecification, Subscription } from "maplibre-gl" */
/** @import { MapConfig } from "./config.js" */

import { Divider } from "./divider.js";
import { createMapOver } from "./setup.js";

/**
 * @typedef {object} Opened
 * @property {MapLibreMap} over - the second map
 * @property {() => void} forgetNames
 * @property {HTMLElement} cover - its element
 * @property {Divider} divider
 * @property {Subscription[]} subscriptions
 */

export class Swipe {
  #map;
  #config;
  #moved;
  /** @type {Opened | null} */
  #opened = null;

  /**
   * @param {MapLibreMap} map
   * @param {MapConfig} config
   * @param {(percent: number) => void} moved - called when the divider has come to rest
   */
  constructor(map, config, moved) {
    this.#map = map;
    this.#config = config;
    this.#moved = moved;
  }

  /**
   * Shows a style to the right of the divider.
   *
   * @param {StyleSpecification} style
   * @param {{ percent: number, left: string, right: string }} divider - its position, and the names
   *   of the editions beside it
   */
  show(style, { percent, left, right }) {
    if (this.#opened) {
      this.#opened.over.setStyle(style, { diff: true });
      this.#opened.forgetNames();
    } else this.#opened = this.#open(style);
    this.#opened.divider.name({ left, right });
    this.#opened.divider.place(percent);
  }

  /**
   * @param {StyleSpecification} style
   * @returns {Opened}
   */
  #open(style) {
    const host = this.#map.getContainer();
    const cover = document.createElement("div");
    cover.className = "map-swipe";
    cover.inert = true;
    host.append(cover);
    const { map: over, forgetNames } = createMapOver({
      below: this.#map,
      container: cover,
      config: this.#config,
      style,
    });
    over.on("idle", () => {
      host.dataset.swipe = "ready";
    });
    const divider = new Divider(host, this.#config.words, {
      placed: (percent) => {
        cover.style.clipPath = `inset(0 0 0 ${percent}%)`;
      },
      moved: this.#moved,
    });
    const follow = () => {
      over.jumpTo({ center: this.#map.getCenter(), zoom: this.#map.getZoom() });
    };
    const subscriptions = [this.#map.on("move", follow), this.#map.on("resize", follow)];
    return { over, forgetNames, cover, divider, subscriptions };
  }

  close() {
    if (!this.#opened) return;
    const { over, cover, divider, subscriptions } = this.#opened;
    for (const subscription of subscriptions) subscription.unsubscribe();
    over.remove();
    cover.remove();
    divider.remove();
    this.#opened = null;
    delete this.#map.getContainer().dataset.swipe;
  }
}
