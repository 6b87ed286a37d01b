// An area of a reader's own: drawn on a map, and sent as GeoJSON to the address that counts it.

import "./copy.js";

const draw = document.querySelector("[data-draw]");

draw.hidden = false;
// The map is large: figures and the field to paste into do not wait for it.
import("./zones/draw.js").then(({ startDrawing }) => startDrawing(draw));
