// The map of a report: the uploaded zones, coloured by their worst finding.

/** @import { FeatureCollection, Feature, MultiPolygon, Polygon } from "geojson" */
/** @import { ExpressionSpecification, LayerSpecification, Map as MapLibreMap } from "maplibre-gl" */

import { boundsOf } from "../map/bounds.js";
import { colours, onSchemeChange } from "../page/colours.js";
import { part, parts, setting } from "../page/elements.js";
import { backgroundMap } from "./background_map.js";

// The values of the property `worst`.
const FINE = 3;
const WARNING = 1;
const ERROR = 0;
const SOURCE = "own-zones";
const CHOSEN = "own-chosen";

/**
 * @typedef {{ number: number, code: string, name: string, worst: number }} ZoneProperties
 * @typedef {Feature<Polygon | MultiPolygon, ZoneProperties>} Zone
 * @typedef {FeatureCollection<Polygon | MultiPolygon, ZoneProperties>} Zones
 */

/** @returns {LayerSpecification[]} */
function layers() {
  const { accent, error, ink, warning } = colours();
  /** @type {ExpressionSpecification} */
  const colour = ["match", ["get", "worst"], ERROR, error, WARNING, warning, accent];
  return [
    {
      id: "own-fill",
      type: "fill",
      source: SOURCE,
      filter: ["!=", ["get", "worst"], ERROR],
      paint: { "fill-color": colour, "fill-opacity": 0.25 },
    },
    {
      id: "own-errors",
      type: "fill",
      source: SOURCE,
      filter: ["==", ["get", "worst"], ERROR],
      paint: { "fill-pattern": "faulty" },
    },
    {
      id: "own-lines",
      type: "line",
      source: SOURCE,
      layout: { "line-join": "round", "line-sort-key": ["-", FINE, ["get", "worst"]] },
      paint: {
        "line-color": colour,
        "line-width": ["interpolate", ["linear"], ["zoom"], 6, 0.8, 12, 2],
      },
    },
    {
      id: CHOSEN,
      type: "line",
      source: SOURCE,
      filter: ["==", ["get", "number"], -1],
      paint: { "line-color": ink, "line-width": 4 },
    },
  ];
}

/** @param {MapLibreMap} map */
function repaint(map) {
  for (const { id, paint = {} } of layers()) {
    for (const [name, value] of Object.entries(paint)) {
      map.setPaintProperty(id, /** @type {"fill-color"} */ (name), value);
    }
  }
}

/**
 * Shows the zones, and those that the reader points at on the map or chooses in the table.
 *
 * @param {HTMLElement} element
 */
export async function startReportMap(element) {
  const response = await fetch(setting(element, "outlines"), { credentials: "same-origin" });
  if (!response.ok) throw new Error(`outlines: ${response.status}`);
  /** @type {Zones} */
  const zones = await response.json();
  const chosen = part(element, "[data-map-zone]");
  const { map } = backgroundMap(element, setting(element, "reportMap"), {
    scrolls: true,
    addZones: (loaded) => {
      loaded.addSource(SOURCE, { type: "geojson", data: zones });
      for (const layer of layers()) loaded.addLayer(layer);
      element.dataset.zones = String(zones.features.length);
    },
  });
  // The bounds of the usable zones: one that lies far off would make all others too small.
  const [west, south, east, north] = zones.bbox ?? [];
  if (west !== undefined && south !== undefined && east !== undefined && north !== undefined) {
    map.fitBounds([west, south, east, north], { padding: 32, animate: false, maxZoom: 15 });
  }
  /** @param {ZoneProperties} zone */
  const choose = ({ number, code, name }) => {
    chosen.hidden = false;
    chosen.textContent = name === code ? `${number} · ${name}` : `${number} · ${name} (${code})`;
    map.setFilter(CHOSEN, ["==", ["get", "number"], number]);
  };
  for (const layer of ["own-fill", "own-errors"]) {
    map.on("click", layer, ({ features }) => {
      const properties = features?.[0]?.properties;
      if (properties) choose(/** @type {ZoneProperties} */ (properties));
    });
    map.on("mouseenter", layer, () => {
      map.getCanvas().style.cursor = "pointer";
    });
    map.on("mouseleave", layer, () => {
      map.getCanvas().style.cursor = "";
    });
  }
  onSchemeChange(() => repaint(map));
  connectTable(zones, (zone) => {
    map.fitBounds(boundsOf(zone.geometry), { padding: 60, maxZoom: 15 });
    choose(zone.properties);
    element.scrollIntoView({ block: "center" });
  });
}

/**
 * Rows of the table lead to their zones.
 *
 * @param {Zones} zones
 * @param {(zone: Zone) => void} show
 */
function connectTable(zones, show) {
  const byNumber = new Map(zones.features.map((zone) => [zone.properties.number, zone]));
  for (const button of parts(document, "[data-show-zone]")) {
    const zone = byNumber.get(Number(button.dataset.showZone));
    if (!zone || !button.parentElement) continue;
    button.hidden = false;
    part(button.parentElement, "[data-plain]").hidden = true;
    button.addEventListener("click", () => show(zone));
  }
}
