// The area of a ring on the ellipsoid: sums of trapezoids between the ring and the equator on the
// sphere of the same area (J. P. Snyder, Map Projections, 1987, equations 3-11 and 3-12).

/** @import { Position } from "geojson" */

import { hectares, squareKilometres } from "../page/numbers.js";

const RADIUS = 6_371_007.181; // of that sphere, in metres
const ECCENTRICITY = Math.sqrt(0.0066943800229); // of GRS 80
const POLE = authalic(1);

/** @param {number} sine - of a latitude */
function authalic(sine) {
  const part = ECCENTRICITY * sine;
  return (
    (1 - ECCENTRICITY ** 2) *
    (sine / (1 - part * part) - Math.log((1 - part) / (1 + part)) / (2 * ECCENTRICITY))
  );
}

/** @param {number} degrees */
const radians = (degrees) => (degrees * Math.PI) / 180;

/**
 * The height of a latitude over the equator on the cylinder of the same area, from -1 to 1.
 *
 * @param {number} latitude
 */
const height = (latitude) => authalic(Math.sin(radians(latitude))) / POLE;

/**
 * The area of a closed ring of longitudes and latitudes, in square metres.
 *
 * @param {Position[]} ring
 */
export function areaOf(ring) {
  let doubled = 0;
  let [x = 0, y = 0] = ring[0] ?? [];
  for (const [nextX = 0, nextY = 0] of ring.slice(1)) {
    doubled += radians(nextX - x) * (height(y) + height(nextY));
    [x, y] = [nextX, nextY];
  }
  return (Math.abs(doubled) / 2) * RADIUS * RADIUS;
}

/** @param {number} area - in square metres */
export function writtenArea(area) {
  const km2 = area / 1e6;
  return km2 >= 10 ? squareKilometres(km2) : hectares(area / 1e4);
}
