// The chosen places: the map goes there, and a box over it names them and links to their pages. The
// style draws their outlines.

/** @import { Map as MapLibreMap } from "maplibre-gl" */
/** @import { Bounds } from "./bounds.js" */
/** @import { MapConfig } from "./config.js" */
/** @import { Place } from "./places.js" */
/** @import { View } from "./view.js" */

import { part } from "../page/elements.js";
import { boundsAround } from "./bounds.js";
import { addressOf, pageOf } from "./links.js";
import { placesFrom } from "./places.js";

/**
 * @typedef {Place & { level_name: string, name: string, bounds: Bounds }} Territory As the API
 *   describes it.
 */

/**
 * @param {MapConfig} config
 * @param {Place} place
 * @param {AbortSignal} signal
 * @returns {Promise<Territory | null>}
 */
async function fetchTerritory(config, place, signal) {
  const response = await fetch(addressOf(config.about, place), { signal });
  return response.ok ? response.json() : null;
}

export class ChosenPlace {
  /** @type {AbortController | null} */
  #request = null;
  #shown = "";
  #view;
  #config;
  #box;
  #names;

  /**
   * @param {object} options
   * @param {MapLibreMap} options.map
   * @param {View} options.view
   * @param {MapConfig} options.config
   * @param {HTMLElement} options.card
   * @param {() => void} options.cleared - called when the reader clears the selection
   */
  constructor({ map, view, config, card, cleared }) {
    this.#view = view;
    this.#config = config;
    this.#box = part(card, "[data-map-place]");
    this.#names = part(this.#box, "[data-map-place-names]");
    part(this.#box, "button").addEventListener("click", () => {
      cleared();
      map.getCanvas().focus({ preventScroll: true });
    });
  }

  /**
   * @param {string | null} text - the places of the state
   * @param {{ go?: "fly" | "jump" | null, focus?: boolean }} [how] - how the map goes there, if at
   *   all, and whether the first name takes the focus
   */
  async show(text, { go = null, focus = false } = {}) {
    if (text === this.#shown) return;
    this.#shown = text ?? "";
    this.#request?.abort();
    this.#request = new AbortController();
    const { signal } = this.#request;
    const places = placesFrom(this.#config, text);
    this.#box.hidden = true;
    if (!places.length) return;
    try {
      const answers = await Promise.all(
        places.map((place) => fetchTerritory(this.#config, place, signal)),
      );
      const found = answers.filter((territory) => territory !== null);
      if (signal.aborted || !found.length) return;
      this.#write(found);
      if (go) {
        this.#view.fit(boundsAround(found.map(({ bounds }) => bounds)), {
          padding: 48,
          maxZoom: 14,
          // MapLibre jumps by itself where the reader asks for less motion.
          ...(go === "jump" ? { animate: false } : { linear: false }),
        });
      }
      if (focus) part(this.#names, "a").focus({ preventScroll: true });
    } catch (error) {
      if (!signal.aborted) console.warn(error);
    }
  }

  /** @param {Territory[]} territories */
  #write(territories) {
    this.#names.replaceChildren(...territories.map((territory) => this.#item(territory)));
    this.#box.hidden = false;
  }

  /** @param {Territory} territory */
  #item({ level, level_name: kind, code, name }) {
    const link = document.createElement("a");
    link.href = pageOf(this.#config, { level, code });
    link.textContent = name;
    const small = document.createElement("small");
    const own = this.#config.levels.find(({ slug }) => slug === level);
    small.textContent = `${own?.name ?? kind} ${code}`;
    const item = document.createElement("li");
    item.append(link, " ", small);
    return item;
  }
}
