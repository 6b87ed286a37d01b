// An area of a reader's own: drawn on a map, and sent as GeoJSON to the address that counts it.

import "./copy.js";

/** @type {HTMLFormElement | null} */
const drawing = document.querySelector("[data-draw]");

if (drawing) {
  drawing.hidden = false;
  // The map is large: figures and the field to paste into do not wait for it.
  import("./zones/drawing_form.js").then(({ startDrawing }) => startDrawing(drawing));
}
