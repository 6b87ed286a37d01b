// New zones: the three ways as tabs, a file with progress. Without this script the three ways stand
// one below the other, and the form of the file is sent as browsers send forms.

import { part, parts } from "./page/elements.js";
import { startFileForm } from "./zones/file_form.js";
import { startTabs } from "./zones/tabs.js";

const drawing = part(document, "[data-draw]", HTMLFormElement);

startTabs((way) => {
  if (way !== "drawn" || drawing.dataset.started) return;
  drawing.dataset.started = "true";
  drawing.hidden = false;
  import("./zones/drawing_form.js").then(({ startDrawing }) => startDrawing(drawing));
});
for (const form of parts(document, "[data-upload]", HTMLFormElement)) startFileForm(form);
