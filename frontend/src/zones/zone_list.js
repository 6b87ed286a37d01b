// The list of drawn zones: a row for each, with its area and, on pages that name zones, its name.

/** @import { Zone, ZoneId } from "./drawing.js" */

import { part, parts } from "../page/elements.js";
import { writtenArea } from "./area.js";

export class ZoneList {
  /** @type {Map<ZoneId, string>} */
  #names = new Map();
  #list;
  #template;
  #words;
  #callbacks;

  /**
   * @param {HTMLElement} form - with the list, and the template of its rows
   * @param {Record<string, string>} words
   * @param {object} callbacks
   * @param {(id: ZoneId) => void} callbacks.show - the reader asks to see a zone
   * @param {(id: ZoneId) => void} callbacks.remove - the reader asks to delete a zone
   */
  constructor(form, words, callbacks) {
    this.#list = part(form, "[data-draw-zones]");
    this.#template = part(form, "template[data-draw-zone]", HTMLTemplateElement);
    this.#words = words;
    this.#callbacks = callbacks;
    // Enter in a name does not send the form.
    this.#list.addEventListener("keydown", (event) => {
      const inName = event.target instanceof HTMLInputElement;
      if (event.key === "Enter" && inName) event.preventDefault();
    });
  }

  /**
   * @param {ZoneId} id
   * @param {string} name
   */
  name(id, name) {
    this.#names.set(id, name);
  }

  /**
   * The name of a zone, or its number in words.
   *
   * @param {ZoneId} id
   * @param {number} index
   */
  nameOf(id, index) {
    return this.#names.get(id)?.trim() || this.#numbered(index);
  }

  /**
   * Rows stay where they are while zones change: someone may be writing a name.
   *
   * @param {Pick<Zone, "id" | "area">[]} zones
   */
  show(zones) {
    const rows = new Map(parts(this.#list, "li").map((row) => [row.dataset.id, row]));
    for (const [index, { id, area }] of zones.entries()) {
      const row = rows.get(String(id)) ?? this.#row(id);
      rows.delete(String(id));
      const input = row.querySelector("input");
      const label = input ? `${this.#words.name} ${index + 1}` : this.#numbered(index);
      part(row, "[data-zone-label]").textContent = label;
      if (input) input.placeholder = this.#numbered(index);
      part(row, "[data-zone-area]").textContent = writtenArea(area);
      const there = this.#list.children[index];
      if (there !== row) this.#list.insertBefore(row, there ?? null);
    }
    for (const row of rows.values()) row.remove();
  }

  /** @param {ZoneId | null} id - of the selected zone */
  mark(id) {
    for (const row of parts(this.#list, "li")) {
      row.classList.toggle("draw__zone--chosen", row.dataset.id === String(id));
    }
  }

  /** @param {number} index */
  #numbered(index) {
    return `${this.#words.zone} ${index + 1}`;
  }

  /** @param {ZoneId} id */
  #row(id) {
    const content = /** @type {DocumentFragment} */ (this.#template.content.cloneNode(true));
    const row = part(content, "li");
    row.dataset.id = String(id);
    const input = row.querySelector("input"); // only where zones have names
    if (input) {
      input.value = this.#names.get(id) ?? "";
      input.addEventListener("input", () => this.#names.set(id, input.value));
    }
    part(row, "[data-zone-delete]").addEventListener("click", () => this.#callbacks.remove(id));
    part(row, "[data-zone-show]").addEventListener("click", () => this.#callbacks.show(id));
    return row;
  }
}
