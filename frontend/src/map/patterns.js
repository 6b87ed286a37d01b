// Hatched patterns: images that fill territories whose figure is missing or uncertain.

/** @import { Map as MapLibreMap } from "maplibre-gl" */

import { colours } from "../page/colours.js";

const SIZE = 16;
const DENSITY = { pixelRatio: 2 };

/**
 * A square of diagonal lines that tiles without a seam.
 *
 * @param {{ line: string, ground?: string, falling?: boolean }} look - colours of the lines and of
 *   the ground under them, if any, and the direction of the lines
 */
function hatch({ line, ground, falling = false }) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE;
  const context = canvas.getContext("2d");
  if (!context) throw new Error("the browser draws no canvas");
  if (ground) {
    context.fillStyle = ground;
    context.fillRect(0, 0, SIZE, SIZE);
  }
  if (falling) context.transform(-1, 0, 0, 1, SIZE, 0);
  context.strokeStyle = line;
  context.lineWidth = falling ? 3 : 2;
  for (const offset of [-SIZE, 0, SIZE]) {
    context.beginPath();
    context.moveTo(offset - 2, SIZE + 2);
    context.lineTo(offset + SIZE + 2, -2);
    context.stroke();
  }
  return context.getImageData(0, 0, SIZE, SIZE);
}

/**
 * The patterns by their names in a style. `hatch` stands for "not observed"; `noise`, over a colour,
 * for "not distinguishable from noise"; `faulty` for a zone that cannot be used.
 *
 * @type {Record<string, () => ImageData>}
 */
const PATTERNS = {
  hatch() {
    const { soft: line, none: ground } = colours();
    return hatch({ line, ground });
  },
  noise: () => hatch({ line: colours().noise, falling: true }),
  faulty: () => hatch({ line: colours().error }),
};

/**
 * Draws the patterns that a map asks for.
 *
 * @param {MapLibreMap} map
 */
export function providePatterns(map) {
  map.setMissingStyleImageResolver((name) => {
    const draw = PATTERNS[name];
    if (draw) map.addImage(name, draw(), DENSITY);
  });
}

/**
 * Draws the patterns of a map anew, after the page's colours have changed.
 *
 * @param {MapLibreMap} map
 */
export function redrawPatterns(map) {
  for (const [name, draw] of Object.entries(PATTERNS)) {
    if (!map.hasImage(name)) continue;
    map.removeImage(name);
    map.addImage(name, draw(), DENSITY);
  }
}
