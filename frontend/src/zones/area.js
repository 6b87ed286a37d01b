// The area of a ring of longitudes and latitudes on the ellipsoid, in square metres: sums of
// trapezoids between the ring and the equator on the sphere of the same area.

import { number } from "../map/numbers.js";

const RADIUS = 6_371_007.181; // of that sphere
const E = Math.sqrt(0.0066943800229);
const POLE = authalic(1);

function authalic(sine) {
  const part = E * sine;
  return (1 - E * E) * (sine / (1 - part * part) - Math.log((1 - part) / (1 + part)) / (2 * E));
}

const radians = (degrees) => (degrees * Math.PI) / 180;
const height = (latitude) => authalic(Math.sin(radians(latitude))) / POLE;

export function areaOf(ring) {
  let doubled = 0;
  for (let at = 0; at + 1 < ring.length; at += 1) {
    const [x, y] = ring[at];
    const [nextX, nextY] = ring[at + 1];
    doubled += radians(nextX - x) * (height(y) + height(nextY));
  }
  return (Math.abs(doubled) / 2) * RADIUS * RADIUS;
}

export function writtenArea(area) {
  const km2 = area / 1e6;
  if (km2 >= 10) return `${number(km2, km2 < 1000 ? 1 : 0)}\u202fkm²`;
  const ha = area / 1e4;
  return `${number(ha, ha < 10 ? 2 : ha < 100 ? 1 : 0)}\u202fha`;
}
