// The report of an upload: its zones on a map, and from each row of the table to its zone.

import { part, parts } from "./page/elements.js";
import { startReportMap } from "./zones/report_map.js";

for (const element of parts(document, "[data-report-map]")) {
  startReportMap(element).catch((error) => {
    element.dataset.state = "unavailable";
    part(element, "[data-map-unavailable]").hidden = false;
    console.warn(error);
  });
}
