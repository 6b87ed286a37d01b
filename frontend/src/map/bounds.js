// Bounds in degrees: of a shape, and around several.

/** @import { MultiPolygon, Polygon } from "geojson" */

/** @typedef {[west: number, south: number, east: number, north: number]} Bounds */

/**
 * The smallest bounds around all of the given ones.
 *
 * @param {Bounds[]} all
 * @returns {Bounds}
 */
export function boundsAround(all) {
  // Not Math.min(...all): outlines have more corners than a call takes arguments.
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const one of all) {
    west = Math.min(west, one[0]);
    south = Math.min(south, one[1]);
    east = Math.max(east, one[2]);
    north = Math.max(north, one[3]);
  }
  return [west, south, east, north];
}

/**
 * The bounds of a shape.
 *
 * @param {Polygon | MultiPolygon} shape
 * @returns {Bounds}
 */
export function boundsOf(shape) {
  const polygons = shape.type === "MultiPolygon" ? shape.coordinates : [shape.coordinates];
  return boundsAround(polygons.flat(2).map(([x = NaN, y = NaN]) => [x, y, x, y]));
}
