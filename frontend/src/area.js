// An area of a reader's own: drawn on a map, and sent as GeoJSON to the address that counts it.

import "./copy.js";

import { startDrawing } from "./zones/draw.js";

const draw = document.querySelector("[data-draw]");

draw.hidden = false;
startDrawing(draw);
