// The maps of the home page, of territories and of sets of zones.

import "maplibre-gl/dist/maplibre-gl.css";
import "./map/map.css";
import { TerritoryMap } from "./map/territory_map.js";
import { findPart, parts } from "./page/elements.js";

for (const element of parts(document, "[data-config]")) {
  try {
    new TerritoryMap(element);
  } catch (error) {
    // Without WebGL the outline that the server drew stays.
    element.dataset.state = "unavailable";
    const note = findPart(element, "[data-map-unavailable]");
    if (note && !element.querySelector(".locator")) note.hidden = false;
    console.warn(error);
  }
}
