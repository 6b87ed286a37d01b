// Drawing zones: polygons, rectangles and freehand outlines, each with a name, sent as GeoJSON.

import {
  TerraDraw,
  TerraDrawFreehandMode,
  TerraDrawPolygonMode,
  TerraDrawRectangleMode,
  TerraDrawSelectMode,
  TerraDrawSessionUndoRedo,
  ValidateNotSelfIntersecting,
} from "terra-draw";
import { TerraDrawMapLibreGLAdapter } from "terra-draw-maplibre-gl-adapter";

import { colours } from "../map/colours.js";
import { areaOf, writtenArea } from "./area.js";
import { backgroundMap } from "./background.js";

const TOOLS = ["polygon", "rectangle", "freehand"];
const DECIMALS = 6;
const LONGEST = 2_000_000;

function modes() {
  const { accent, paper } = colours();
  const zone = {
    fillColor: accent,
    fillOpacity: 0.2,
    outlineColor: accent,
    outlineWidth: 3,
    closingPointColor: paper,
    closingPointOutlineColor: accent,
    closingPointOutlineWidth: 3,
    closingPointWidth: 7,
  };
  const whole = (feature, { updateType }) =>
    updateType === "finish" || updateType === "commit"
      ? ValidateNotSelfIntersecting(feature)
      : { valid: true };
  const flags = {
    feature: {
      draggable: true,
      coordinates: { midpoints: true, draggable: true, deletable: true },
    },
  };
  return [
    new TerraDrawPolygonMode({ styles: zone, validation: whole, pointerDistance: 24 }),
    new TerraDrawRectangleMode({ styles: zone }),
    new TerraDrawFreehandMode({ styles: zone, validation: whole }),
    new TerraDrawSelectMode({
      flags: Object.fromEntries(TOOLS.map((tool) => [tool, flags])),
      styles: {
        selectedPolygonColor: accent,
        selectedPolygonFillOpacity: 0.3,
        selectedPolygonOutlineColor: accent,
        selectedPolygonOutlineWidth: 4,
        selectionPointColor: paper,
        selectionPointOutlineColor: accent,
        selectionPointOutlineWidth: 3,
        selectionPointWidth: 6,
        midPointColor: accent,
        midPointOutlineColor: paper,
        midPointWidth: 4,
      },
    }),
  ];
}

class Drawing {
  constructor(form) {
    this.form = form;
    this.words = JSON.parse(form.dataset.words);
    this.field = form.querySelector('textarea[name="drawn"]');
    this.names = new Map();
    this.order = [];
    this.selected = null;
    const element = this.find("draw-map");
    try {
      this.background = backgroundMap(element, element.dataset.drawMap, {
        gestures: false,
        own: (map) => this.begin(map),
      });
    } catch (error) {
      element.dataset.state = "unavailable";
      element.querySelector("[data-map-unavailable]").hidden = false;
      console.warn(error);
      return;
    }
    this.connect();
  }

  find(name) {
    return this.form.querySelector(`[data-${name}]`);
  }

  begin(map) {
    this.map = map;
    this.draw = new TerraDraw({
      adapter: new TerraDrawMapLibreGLAdapter({ map, coordinatePrecision: DECIMALS }),
      modes: modes(),
      undoRedo: { sessionLevel: new TerraDrawSessionUndoRedo({}) },
    });
    this.draw.start();
    this.restore();
    this.choose();
    this.draw.on("change", () => this.show());
    this.draw.on("finish", () => this.show());
    this.draw.on("history", () => this.show());
    this.draw.on("select", (id) => this.select(id));
    this.draw.on("deselect", () => this.select(null));
    this.show();
    this.find("draw-map").dataset.drawing = "ready";
  }

  // What was sent and could not be taken is drawn again.
  restore() {
    let sent = [];
    try {
      sent = JSON.parse(this.field.value || "{}").features ?? [];
    } catch {
      return;
    }
    for (const { geometry, properties } of sent) {
      const id = this.draw.getFeatureId();
      this.names.set(id, properties?.name ?? "");
      this.draw.addFeatures([{ id, type: "Feature", geometry, properties: { mode: "polygon" } }]);
    }
  }

  // Finished zones, and the one that is being drawn.
  zones() {
    const found = this.draw
      .getSnapshot()
      .filter(
        ({ geometry, properties }) =>
          geometry.type === "Polygon" && TOOLS.includes(properties.mode),
      );
    const there = new Set(found.map(({ id }) => id));
    this.order = this.order.filter((id) => there.has(id));
    for (const { id } of found) if (!this.order.includes(id)) this.order.push(id);
    return found.sort((one, other) => this.order.indexOf(one.id) - this.order.indexOf(other.id));
  }

  finished() {
    return this.zones().filter(({ properties }) => !properties.currentlyDrawing);
  }

  choose() {
    const tool = this.form.elements.tool.value;
    this.draw.setMode(tool);
    this.find("draw-hint").textContent = this.words[tool];
  }

  select(id) {
    this.selected = id;
    this.find("draw-delete").disabled = id === null;
    for (const item of this.find("draw-zones").children) {
      item.classList.toggle("draw__zone--chosen", item.dataset.id === String(id));
    }
  }

  remove(id) {
    if (this.selected === id) {
      this.draw.deselectFeature(id);
      this.select(null);
    }
    this.draw.removeFeatures([id]);
    this.show();
  }

  show() {
    const zones = this.zones();
    const finished = zones.filter(({ properties }) => !properties.currentlyDrawing);
    const areas = new Map(zones.map(({ id, geometry }) => [id, areaOf(geometry.coordinates[0])]));
    const total = finished.reduce((sum, { id }) => sum + areas.get(id), 0);
    this.find("draw-none").hidden = finished.length > 0;
    this.find("draw-total").textContent = finished.length
      ? `${finished.length} · ${writtenArea(total)}`
      : "";
    this.find("draw-undo").disabled = !this.draw.canUndo();
    const drawn = zones.find(({ properties }) => properties.currentlyDrawing);
    const hint = this.words[this.form.elements.tool.value];
    const area = drawn ? areas.get(drawn.id) : 0;
    this.find("draw-hint").textContent = area ? `≈\u202f${writtenArea(area)} · ${hint}` : hint;
    this.list(finished, areas);
  }

  // Rows stay where they are while zones change: someone may be writing a name.
  list(zones, areas) {
    const list = this.find("draw-zones");
    const rows = new Map([...list.children].map((row) => [row.dataset.id, row]));
    zones.forEach(({ id }, index) => {
      const row = rows.get(String(id)) ?? this.row(id);
      rows.delete(String(id));
      const input = row.querySelector("input");
      const label = input ? this.words.name : this.words.zone;
      row.querySelector("[data-zone-label]").textContent = `${label} ${index + 1}`;
      if (input) input.placeholder = `${this.words.zone} ${index + 1}`;
      row.querySelector("[data-zone-area]").textContent = writtenArea(areas.get(id));
      if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
    });
    for (const row of rows.values()) row.remove();
  }

  row(id) {
    const row = this.form
      .querySelector("template[data-draw-zone]")
      .content.cloneNode(true).firstElementChild;
    row.dataset.id = id;
    const input = row.querySelector("input"); // only where zones have names
    if (input) {
      input.value = this.names.get(id) ?? "";
      input.addEventListener("input", () => this.names.set(id, input.value));
    }
    row.querySelector("[data-zone-delete]").addEventListener("click", () => {
      this.remove(id);
      this.find("draw-send").focus();
    });
    row.querySelector("[data-zone-show]").addEventListener("click", () => this.go(id));
    return row;
  }

  go(id) {
    const [ring] = this.draw.getSnapshotFeature(id).geometry.coordinates;
    const column = (at) => ring.map((position) => position[at]);
    this.map.fitBounds(
      [
        [Math.min(...column(0)), Math.min(...column(1))],
        [Math.max(...column(0)), Math.max(...column(1))],
      ],
      { padding: 60, maxZoom: 16 },
    );
    this.form.elements.tool.value = "select";
    this.choose();
    this.draw.selectFeature(id);
  }

  complain(text) {
    const trouble = this.find("draw-trouble");
    trouble.textContent = text;
    trouble.hidden = !text;
  }

  written() {
    const features = this.finished().map(({ id, geometry }, index) => ({
      type: "Feature",
      properties: {
        code: String(index + 1),
        name: this.names.get(id)?.trim() || `${this.words.zone} ${index + 1}`,
      },
      geometry,
    }));
    return features.length ? JSON.stringify({ type: "FeatureCollection", features }) : "";
  }

  connect() {
    this.form
      .querySelectorAll('input[name="tool"]')
      .forEach((input) => input.addEventListener("change", () => this.draw && this.choose()));
    this.find("draw-undo").addEventListener("click", () => {
      this.draw.undo();
      this.show();
    });
    this.find("draw-delete").addEventListener(
      "click",
      () => this.selected && this.remove(this.selected),
    );
    this.find("draw-cover").addEventListener("change", ({ target }) =>
      this.background.showCover(target.checked),
    );
    // Enter in a name is not yet the end.
    this.find("draw-zones").addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.matches("input")) event.preventDefault();
    });
    this.form.addEventListener("submit", (event) => {
      const text = this.draw ? this.written() : "";
      if (text && text.length <= LONGEST) {
        this.field.value = text;
        // Names and tools are of the page alone.
        this.form
          .querySelectorAll('input[name="tool"]')
          .forEach((input) => (input.disabled = true));
        return;
      }
      event.preventDefault();
      this.complain(text ? this.words.long : this.words.none);
    });
  }
}

export function startDrawing(form) {
  new Drawing(form);
}
