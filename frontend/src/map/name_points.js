// Points for the names of territories. Tiles hold pieces of territories; a name stands in the middle
// of the largest piece of each, so that it is written once.

/** @import { Feature, FeatureCollection, Geometry, Point, Position } from "geojson" */

/** @param {Geometry} geometry */
function outerRings(geometry) {
  if (geometry.type === "Polygon") return geometry.coordinates.slice(0, 1);
  if (geometry.type === "MultiPolygon") {
    return geometry.coordinates.flatMap((rings) => rings.slice(0, 1));
  }
  return [];
}

/**
 * Twice the area of a ring, and its centroid; null for a ring without area.
 *
 * @param {Position[]} ring
 * @returns {{ area: number, point: Position } | null}
 */
function middleOf(ring) {
  let area = 0;
  let sumX = 0;
  let sumY = 0;
  let [beforeX = 0, beforeY = 0] = ring.at(-1) ?? [];
  for (const [x = 0, y = 0] of ring) {
    const cross = beforeX * y - x * beforeY;
    area += cross;
    sumX += (beforeX + x) * cross;
    sumY += (beforeY + y) * cross;
    [beforeX, beforeY] = [x, y];
  }
  if (!area) return null;
  return { area: Math.abs(area), point: [sumX / (3 * area), sumY / (3 * area)] };
}

/**
 * A point for each territory, with its code, its name, and its order: the largest first.
 *
 * @param {Pick<Feature, "geometry" | "properties">[]} features - with the properties code and name
 * @returns {FeatureCollection<Point>}
 */
export function namePoints(features) {
  /** @type {Map<string, { area: number, point: Position, name: string }>} */
  const largest = new Map();
  for (const { geometry, properties } of features) {
    const { code, name } = properties ?? {};
    for (const ring of outerRings(geometry)) {
      const middle = middleOf(ring);
      if (middle && middle.area > (largest.get(code)?.area ?? 0)) {
        largest.set(code, { ...middle, name });
      }
    }
  }
  return {
    type: "FeatureCollection",
    features: [...largest].map(([code, { area, point, name }]) => ({
      type: "Feature",
      geometry: { type: "Point", coordinates: point },
      properties: { code, name, order: -area },
    })),
  };
}
