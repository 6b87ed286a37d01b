// Names on the map. Tiles hold pieces of territories; a name stands in the middle of the largest
// piece of each, so that it is written once.

function ringsOf(geometry) {
  if (geometry.type === "Polygon") return [geometry.coordinates[0]];
  if (geometry.type === "MultiPolygon") return geometry.coordinates.map((part) => part[0]);
  return [];
}

// Twice the area of a ring, and the sums of its centroid.
function middleOf(ring) {
  let area = 0;
  let x = 0;
  let y = 0;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const cross = ring[j][0] * ring[i][1] - ring[i][0] * ring[j][1];
    area += cross;
    x += (ring[j][0] + ring[i][0]) * cross;
    y += (ring[j][1] + ring[i][1]) * cross;
  }
  if (!area) return null;
  return { area: Math.abs(area), point: [x / (3 * area), y / (3 * area)] };
}

export function namePoints(features) {
  const largest = new Map();
  for (const feature of features) {
    for (const ring of ringsOf(feature.geometry)) {
      const middle = middleOf(ring);
      const { code, name } = feature.properties;
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

// Writes the names of the levels that are in view, when the tiles that hold them have changed.
export function keepNames(map, levels) {
  const written = new Map();
  map.on("idle", () => {
    const zoom = map.getZoom();
    for (const level of levels) {
      if (zoom < level.names || (!level.finest && zoom > level.maxzoom + 1.5)) continue;
      const features = map.querySourceFeatures(level.slug, { sourceLayer: "territories" });
      const points = namePoints(features);
      const key = JSON.stringify(points.features.map((f) => f.geometry.coordinates));
      if (written.get(level.slug) === key) continue;
      written.set(level.slug, key);
      map.getSource(`names-${level.slug}`)?.setData(points);
    }
  });
  return () => written.clear();
}
