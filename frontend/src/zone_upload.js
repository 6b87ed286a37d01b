// New zones: the three ways as tabs, a file with progress. Without this script the three ways stand
// one below the other, and the form of the file is sent as browsers send forms.

import { startFileForm } from "./zones/file.js";
import { startWays } from "./zones/ways.js";

const draw = document.querySelector("[data-draw]");

startWays((way) => {
  if (way !== "drawn" || draw.dataset.started) return;
  draw.dataset.started = "true";
  draw.hidden = false;
  import("./zones/draw.js").then(({ startDrawing }) => startDrawing(draw));
});
for (const form of document.querySelectorAll("[data-upload]")) startFileForm(form);
