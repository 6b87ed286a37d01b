// The report of an upload: its zones on a map, and from each row of the table to its zone.

import { colours, hatch, onSchemeChange } from "./map/colours.js";
import { backgroundMap } from "./zones/background.js";

const FINE = 3;
const WARNING = 1;
const ERROR = 0;

function ends(geometry) {
  const flat = geometry.coordinates.flat(geometry.type === "MultiPolygon" ? 2 : 1);
  const column = (at) => flat.map((position) => position[at]);
  return [column(0), column(1)].map((all) => [
    all.reduce((a, b) => Math.min(a, b)),
    all.reduce((a, b) => Math.max(a, b)),
  ]);
}

function bounds({ geometry }) {
  const [across, up] = ends(geometry);
  return [
    [across[0], up[0]],
    [across[1], up[1]],
  ];
}

function paints() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  return { fine: read("--accent"), warning: read("--warn"), error: read("--bad") };
}

function layers() {
  const { fine, warning, error } = paints();
  const { ink } = colours();
  const colour = ["match", ["get", "worst"], ERROR, error, WARNING, warning, fine];
  const source = { source: "own-zones" };
  return [
    {
      id: "own-fill",
      type: "fill",
      ...source,
      filter: ["!=", ["get", "worst"], ERROR],
      paint: { "fill-color": colour, "fill-opacity": 0.25 },
    },
    {
      id: "own-errors",
      type: "fill",
      ...source,
      filter: ["==", ["get", "worst"], ERROR],
      paint: { "fill-pattern": "own-hatch" },
    },
    {
      id: "own-lines",
      type: "line",
      ...source,
      layout: { "line-join": "round", "line-sort-key": ["-", FINE, ["get", "worst"]] },
      paint: {
        "line-color": colour,
        "line-width": ["interpolate", ["linear"], ["zoom"], 6, 0.8, 12, 2],
      },
    },
    {
      id: "own-chosen",
      type: "line",
      ...source,
      filter: ["==", ["get", "number"], -1],
      paint: { "line-color": ink, "line-width": 4 },
    },
  ];
}

function addHatch(map) {
  if (map.hasImage("own-hatch")) map.removeImage("own-hatch");
  map.addImage("own-hatch", hatch(null, paints().error), { pixelRatio: 2 });
}

async function start(element) {
  const response = await fetch(element.dataset.outlines, { credentials: "same-origin" });
  if (!response.ok) throw new Error(`outlines: ${response.status}`);
  const zones = await response.json();
  const byNumber = new Map(zones.features.map((zone) => [zone.properties.number, zone]));
  const said = element.querySelector("[data-map-zone]");

  const own = (map) => {
    addHatch(map);
    map.addSource("own-zones", { type: "geojson", data: zones });
    for (const layer of layers()) map.addLayer(layer);
    element.dataset.zones = String(zones.features.length);
  };
  const { map } = backgroundMap(element, element.dataset.reportMap, { gestures: true, own });
  // Of the usable zones: one that lies far off would make all others too small to be seen.
  if (zones.bbox) map.fitBounds(zones.bbox, { padding: 32, animate: false, maxZoom: 15 });

  const tell = ({ number, code, name }) => {
    said.hidden = false;
    said.textContent = name === code ? `${number} · ${name}` : `${number} · ${name} (${code})`;
    map.setFilter("own-chosen", ["==", ["get", "number"], number]);
  };
  for (const layer of ["own-fill", "own-errors"]) {
    map.on("click", layer, ({ features }) => tell(features[0].properties));
    map.on("mouseenter", layer, () => (map.getCanvas().style.cursor = "pointer"));
    map.on("mouseleave", layer, () => (map.getCanvas().style.cursor = ""));
  }
  onSchemeChange(() => {
    addHatch(map);
    for (const { id, paint } of layers()) {
      for (const [name, value] of Object.entries(paint)) map.setPaintProperty(id, name, value);
    }
  });
  for (const button of document.querySelectorAll("[data-show-zone]")) {
    const zone = byNumber.get(Number(button.dataset.showZone));
    if (!zone) continue;
    button.hidden = false;
    button.parentElement.querySelector("[data-plain]").hidden = true;
    button.addEventListener("click", () => {
      map.fitBounds(bounds(zone), { padding: 60, maxZoom: 15 });
      tell(zone.properties);
      element.scrollIntoView({ block: "center" });
    });
  }
}

for (const element of document.querySelectorAll("[data-report-map]")) {
  start(element).catch((error) => {
    element.dataset.state = "unavailable";
    element.querySelector("[data-map-unavailable]").hidden = false;
    console.warn(error);
  });
}
