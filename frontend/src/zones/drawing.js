// The zones that are drawn on a map, in the order in which they were begun.

/** @import { Polygon } from "geojson" */
/** @import { Map as MapLibreMap } from "maplibre-gl" */

import { TerraDraw, TerraDrawSessionUndoRedo } from "terra-draw";
import { TerraDrawMapLibreGLAdapter } from "terra-draw-maplibre-gl-adapter";
import { areaOf } from "./area.js";
import { drawingModes, TOOLS } from "./drawing_modes.js";

const DECIMALS = 6; // of coordinates, in degrees

/**
 * @typedef {string | number} ZoneId
 *
 * @typedef {object} Zone
 * @property {ZoneId} id
 * @property {Polygon} geometry
 * @property {boolean} finished - false while the reader still draws it
 * @property {number} area - in square metres
 */

export class Drawing {
  /** @type {ZoneId[]} */
  #order = [];
  #draw;

  /**
   * @param {MapLibreMap} map
   * @param {object} callbacks
   * @param {() => void} callbacks.changed - zones, or what can be undone, have changed
   * @param {(id: ZoneId | null) => void} callbacks.selected
   */
  constructor(map, { changed, selected }) {
    this.#draw = new TerraDraw({
      adapter: new TerraDrawMapLibreGLAdapter({ map, coordinatePrecision: DECIMALS }),
      modes: drawingModes(),
      undoRedo: { sessionLevel: new TerraDrawSessionUndoRedo({}) },
    });
    this.#draw.start();
    this.#draw.on("change", changed);
    this.#draw.on("finish", changed);
    this.#draw.on("history", changed);
    this.#draw.on("select", selected);
    this.#draw.on("deselect", () => selected(null));
  }

  /** @returns {Zone[]} */
  zones() {
    const found = this.#draw.getSnapshot().flatMap(({ id, geometry, properties }) => {
      const drawn = TOOLS.includes(String(properties.mode));
      if (id === undefined || geometry.type !== "Polygon" || !drawn) return [];
      const finished = !properties.currentlyDrawing;
      return [{ id, geometry, finished, area: areaOf(geometry.coordinates[0] ?? []) }];
    });
    const there = new Set(found.map(({ id }) => id));
    this.#order = [...new Set([...this.#order.filter((id) => there.has(id)), ...there])];
    return found.sort((one, other) => this.#order.indexOf(one.id) - this.#order.indexOf(other.id));
  }

  /** @param {string} tool */
  use(tool) {
    this.#draw.setMode(tool);
  }

  /**
   * @param {Polygon} geometry
   * @returns {ZoneId}
   */
  add(geometry) {
    const id = this.#draw.getFeatureId();
    this.#draw.addFeatures([{ id, type: "Feature", geometry, properties: { mode: "polygon" } }]);
    return id;
  }

  /** @param {ZoneId} id */
  select(id) {
    this.#draw.selectFeature(id);
  }

  /** @param {ZoneId} id - of the selected zone */
  deselect(id) {
    this.#draw.deselectFeature(id);
  }

  /** @param {ZoneId} id */
  remove(id) {
    this.#draw.removeFeatures([id]);
  }

  get canUndo() {
    return this.#draw.canUndo();
  }

  undo() {
    this.#draw.undo();
  }
}
