// The tools of drawing, as terra-draw's modes in the page's colours.

import {
  TerraDrawFreehandMode,
  TerraDrawPolygonMode,
  TerraDrawRectangleMode,
  TerraDrawSelectMode,
  ValidateNotSelfIntersecting,
} from "terra-draw";

import { colours } from "../page/colours.js";

/** The tools that make zones. */
export const TOOLS = ["polygon", "rectangle", "freehand"];

/** @typedef {`#${string}`} HexColour */

/**
 * An outline must not cross itself once it is finished.
 *
 * @type {NonNullable<NonNullable<ConstructorParameters<typeof TerraDrawPolygonMode>[0]>["validation"]>}
 */
const whole = (feature, { updateType }) =>
  updateType === "finish" || updateType === "commit"
    ? ValidateNotSelfIntersecting(feature)
    : { valid: true };

export function drawingModes() {
  const { accent, paper } = /** @type {Record<"accent" | "paper", HexColour>} */ (colours());
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
