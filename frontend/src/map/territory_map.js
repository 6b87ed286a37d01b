// The map of the home page, of a territory's page and of a set of zones: layers of figures and of
// cells, a form and a legend, chosen places, and a state in the address.

import { colours, onSchemeChange } from "../page/colours.js";
import { part, setting } from "../page/elements.js";
import { readState, writeState } from "./address.js";
import { ChosenPlace } from "./chosen_place.js";
import { readConfig } from "./config.js";
import { connectControls } from "./controls.js";
import { Coordinates } from "./coordinates.js";
import { showLegend } from "./legend.js";
import { watchLeftOut } from "./patches.js";
import { redrawPatterns } from "./patterns.js";
import { placesFrom } from "./places.js";
import { followPointer } from "./popup.js";
import { createMap } from "./setup.js";
import { editionOf } from "./state.js";
import { styleOf } from "./style.js";
import { Swipe } from "./swipe.js";
import { watchTiles } from "./tile_errors.js";
import { cameraOf, View } from "./view.js";

const LAST_ZOOM = 17;
const CLOSEST = 14.5; // the zoom beyond which the map does not go by itself

export class TerritoryMap {
  #element;
  #config;
  #state;
  #map;
  #card;
  #forgetNames;
  #view;
  #swipe;
  #chosen;

  /** @param {HTMLElement} element - with the configuration in `data-config` */
  constructor(element) {
    this.#element = element;
    const config = readConfig(setting(element, "config"));
    const state = readState(config);
    const camera = cameraOf(location.hash);
    const fitting = { padding: config.place ? 40 : 24, maxZoom: CLOSEST };
    const { map, card, forgetNames } = createMap({
      element,
      config,
      style: styleOf({ config, state, paint: colours() }),
      fitting,
      camera,
      maxZoom: LAST_ZOOM,
      scrolls: true,
      corner: [new Coordinates(config.words)],
    });
    this.#config = config;
    this.#state = state;
    this.#map = map;
    this.#card = card;
    this.#forgetNames = forgetNames;
    this.#view = new View(map, config.bounds, fitting);
    this.#swipe = new Swipe(map, config, (percent) => {
      state.swipe = percent;
      writeState(config, state);
    });
    watchLeftOut(map, part(card, "[data-map-left-out]"));
    watchTiles(map, card, () => this.#fetchAgain());
    followPointer(map, config, state);
    this.#drawLegend();
    this.#drawSwipe();
    map.on("zoom", () => this.#drawLegend());
    const showForm = connectControls(card, config, state, (how) => this.#change(how));
    const cleared = () => this.#choose(null);
    this.#chosen = new ChosenPlace({ map, view: this.#view, config, card, cleared });
    // A link that holds a view is followed there; without one, the map goes to the place.
    this.#chosen.show(state.place, { go: camera ? null : "jump" });
    if (!config.place) this.#takePlaces();
    addEventListener("popstate", () => this.#goBack(showForm));
    onSchemeChange(() => {
      redrawPatterns(map);
      this.#redraw();
    });
  }

  /** @param {string | null} [side] - the edition that a swipe's map shows */
  #style(side) {
    return styleOf({ config: this.#config, state: this.#state, paint: colours(), side });
  }

  #redraw({ diff = true } = {}) {
    this.#element.dataset.state = "loading";
    this.#map.setStyle(this.#style(), { diff });
    this.#forgetNames();
    if (!diff) this.#swipe.close();
    this.#drawSwipe();
  }

  /** Everything anew: MapLibre does not ask again for a tile that has failed. */
  #fetchAgain() {
    this.#redraw({ diff: false });
  }

  #drawSwipe() {
    const { layer, from, to, swipe: percent } = this.#state;
    if (layer !== "swipe") {
      this.#swipe.close();
      return;
    }
    /** @param {string | null} slug */
    const year = (slug) => editionOf(this.#config, slug)?.year ?? "";
    this.#swipe.show(this.#style(to), { percent, left: year(from), right: year(to) });
  }

  #drawLegend() {
    const [config, state, zoom] = [this.#config, this.#state, this.#map.getZoom()];
    showLegend(this.#card, { config, state, zoom });
  }

  /**
   * The reader has changed a field of the form.
   *
   * @param {{ step: boolean }} how
   */
  #change(how) {
    writeState(this.#config, this.#state, how);
    this.#view.name();
    this.#drawLegend();
    this.#redraw();
  }

  /**
   * @param {string | null} place - as in the state
   * @param {{ go?: "fly", focus?: boolean }} [how]
   */
  #choose(place, how = {}) {
    this.#state.place = place;
    writeState(this.#config, this.#state, { step: true });
    this.#redraw();
    this.#chosen.show(place, how);
  }

  /** Takes the places that the search field suggests. */
  #takePlaces() {
    document.addEventListener("place-chosen", (event) => {
      const { detail } = /** @type {CustomEvent<string>} */ (event);
      // What this map does not draw, such as a zone of a set, has a page of its own.
      if (!placesFrom(this.#config, detail).length) return;
      event.preventDefault();
      this.#card.scrollIntoView({ block: "nearest" });
      this.#choose(detail, { go: "fly", focus: true });
    });
  }

  /**
   * Back and forward: the view follows the hash by itself; the rest is here.
   *
   * @param {() => void} showForm
   */
  #goBack(showForm) {
    const before = JSON.stringify(this.#state);
    Object.assign(this.#state, readState(this.#config));
    if (JSON.stringify(this.#state) === before) return;
    this.#chosen.show(this.#state.place);
    showForm();
    this.#drawLegend();
    this.#redraw();
  }
}
