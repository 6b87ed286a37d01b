// The form in which zones are drawn: a map, tools, a list of the zones. It sends them as GeoJSON.

/** @import { Feature, Polygon } from "geojson" */
/** @import { Map as MapLibreMap } from "maplibre-gl" */
/** @import { ZoneId } from "./drawing.js" */

import { boundsOf } from "../map/bounds.js";
import { part, parts, setting } from "../page/elements.js";
import { SPACE } from "../page/numbers.js";
import { writtenArea } from "./area.js";
import { backgroundMap } from "./background_map.js";
import { Drawing } from "./drawing.js";
import { ZoneList } from "./zone_list.js";

const LONGEST = 2_000_000; // characters that the form sends

class DrawingForm {
  /** @type {{ map: MapLibreMap, drawing: Drawing } | null} */
  #begun = null;
  /** @type {ZoneId | null} */
  #selected = null;
  #form;
  #words;
  #field;
  #tools;
  #list;
  #hint;
  #undo;
  #delete;

  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.#form = form;
    /** @type {Record<string, string>} */
    this.#words = JSON.parse(setting(form, "words"));
    this.#field = part(form, "textarea[name=drawn]", HTMLTextAreaElement);
    this.#tools = parts(form, "input[name=tool]", HTMLInputElement);
    this.#hint = part(form, "[data-draw-hint]");
    this.#undo = part(form, "[data-draw-undo]", HTMLButtonElement);
    this.#delete = part(form, "[data-draw-delete]", HTMLButtonElement);
    this.#list = new ZoneList(form, this.#words, {
      show: (id) => this.#go(id),
      remove: (id) => {
        this.#remove(id);
        part(form, "[data-draw-send]").focus();
      },
    });
    this.#start(part(form, "[data-draw-map]"));
  }

  /** @param {HTMLElement} element */
  #start(element) {
    try {
      const { showCover } = backgroundMap(element, setting(element, "drawMap"), {
        scrolls: false,
        addZones: (map) => {
          this.#begin(map);
          element.dataset.drawing = "ready";
        },
      });
      this.#connect(showCover);
    } catch (error) {
      element.dataset.state = "unavailable";
      part(element, "[data-map-unavailable]").hidden = false;
      console.warn(error);
    }
  }

  /** @param {MapLibreMap} map */
  #begin(map) {
    const drawing = new Drawing(map, {
      changed: () => this.#show(),
      selected: (id) => this.#select(id),
    });
    this.#begun = { map, drawing };
    for (const { geometry, properties } of this.#sent()) {
      this.#list.name(drawing.add(geometry), properties?.name ?? "");
    }
    this.#choose();
    this.#show();
  }

  /**
   * Zones that were sent and refused: they are drawn again.
   *
   * @returns {Feature<Polygon>[]}
   */
  #sent() {
    try {
      return JSON.parse(this.#field.value || "{}").features ?? [];
    } catch {
      return [];
    }
  }

  get #tool() {
    return this.#tools.find(({ checked }) => checked)?.value ?? "select";
  }

  /** Takes the chosen tool. */
  #choose() {
    this.#begun?.drawing.use(this.#tool);
    this.#hint.textContent = this.#words[this.#tool] ?? "";
  }

  /** @param {ZoneId | null} id */
  #select(id) {
    this.#selected = id;
    this.#delete.disabled = id === null;
    this.#list.mark(id);
  }

  /** @param {ZoneId} id */
  #remove(id) {
    if (!this.#begun) return;
    const { drawing } = this.#begun;
    if (this.#selected === id) {
      drawing.deselect(id);
      this.#select(null);
    }
    drawing.remove(id);
    this.#show();
  }

  /** Shows the zones in the list, their area together, and that of the zone in hand. */
  #show() {
    if (!this.#begun) return;
    const { drawing } = this.#begun;
    const zones = drawing.zones();
    const finished = zones.filter((zone) => zone.finished);
    const total = finished.reduce((sum, { area }) => sum + area, 0);
    part(this.#form, "[data-draw-none]").hidden = finished.length > 0;
    part(this.#form, "[data-draw-total]").textContent = finished.length
      ? `${finished.length} · ${writtenArea(total)}`
      : "";
    this.#undo.disabled = !drawing.canUndo;
    const hint = this.#words[this.#tool] ?? "";
    const area = zones.find((zone) => !zone.finished)?.area;
    this.#hint.textContent = area ? `≈${SPACE}${writtenArea(area)} · ${hint}` : hint;
    this.#list.show(finished);
  }

  /** @param {ZoneId} id */
  #go(id) {
    const zone = this.#begun?.drawing.zones().find((one) => one.id === id);
    if (!this.#begun || !zone) return;
    const { map, drawing } = this.#begun;
    map.fitBounds(boundsOf(zone.geometry), { padding: 60, maxZoom: 16 });
    for (const tool of this.#tools) tool.checked = tool.value === "select";
    this.#choose();
    drawing.select(id);
  }

  /** The finished zones as GeoJSON; empty where there are none. */
  #written() {
    const zones = this.#begun?.drawing.zones().filter(({ finished }) => finished) ?? [];
    const features = zones.map(({ id, geometry }, index) => ({
      type: "Feature",
      properties: { code: String(index + 1), name: this.#list.nameOf(id, index) },
      geometry,
    }));
    return features.length ? JSON.stringify({ type: "FeatureCollection", features }) : "";
  }

  /** @param {(shown: boolean) => void} showCover */
  #connect(showCover) {
    for (const tool of this.#tools) {
      tool.addEventListener("change", () => this.#begun && this.#choose());
    }
    this.#undo.addEventListener("click", () => {
      this.#begun?.drawing.undo();
      this.#show();
    });
    this.#delete.addEventListener("click", () => {
      if (this.#selected !== null) this.#remove(this.#selected);
    });
    const cover = part(this.#form, "[data-draw-cover]", HTMLInputElement);
    cover.addEventListener("change", () => showCover(cover.checked));
    this.#form.addEventListener("submit", (event) => this.#submit(event));
  }

  /** @param {Event} event */
  #submit(event) {
    const text = this.#written();
    if (text && text.length <= LONGEST) {
      this.#field.value = text;
      // The server needs no tools.
      for (const tool of this.#tools) tool.disabled = true;
      return;
    }
    event.preventDefault();
    const trouble = part(this.#form, "[data-draw-trouble]");
    trouble.textContent = (text ? this.#words.long : this.#words.none) ?? "";
    trouble.hidden = !trouble.textContent;
  }
}

/** @param {HTMLFormElement} form */
export function startDrawing(form) {
  new DrawingForm(form);
}
