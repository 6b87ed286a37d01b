// MapLibre's style: shaded territories, land cover or gain and loss as raster tiles, outlines, names.

import { pairOf } from "./address.js";
import { colours } from "./colours.js";
import { placesFrom } from "./place.js";
import { editionOf, shadingOf } from "./shading.js";

const FONTS = ["Segoe UI", "Roboto", "Noto Sans", "DejaVu Sans Condensed", "sans-serif"];

export const fillOf = (level) => `fill-${level.slug}`;
export const coverOf = (edition) => `cover-${edition.slug}`;

function rampOf({ key, breaks, ramp }) {
  const steps = breaks.flatMap((limit, index) => [limit, ramp[index + 1]]);
  return ["step", ["get", key], ramp[0], ...steps];
}

function range(level) {
  return { minzoom: level.minzoom, maxzoom: level.maxzoom };
}

function territoryLayers(level, shading, state, paint) {
  const source = { source: level.slug, "source-layer": "territories", ...range(level) };
  const { shaded, key, clear } = shading;
  const opacity = shaded ? state.opacity / 100 : 0;
  const known = ["has", key];
  // Zones of a set lie apart on bare ground, from which a pale one would not stand out.
  const parted = shaded && !level.apart;
  // Over the colour of its class: which way it points can still be seen, but not taken for a fact.
  const noise = clear !== undefined && {
    id: `${fillOf(level)}-noise`,
    type: "fill",
    ...source,
    filter: clear ? ["all", known, ["!", ["to-boolean", ["get", clear]]]] : known,
    paint: { "fill-pattern": "noise", "fill-opacity": opacity },
  };
  return [
    {
      id: fillOf(level),
      type: "fill",
      ...source,
      filter: known,
      paint: {
        "fill-color": rampOf(shading),
        "fill-opacity": opacity,
        "fill-antialias": false,
      },
    },
    {
      id: `${fillOf(level)}-none`,
      type: "fill",
      ...source,
      // A custom zone that is still to be counted is only drawn, not said to be unobserved.
      filter: ["all", ["!", known], ["!", ["has", shading.pending ?? "pending"]]],
      paint: { "fill-pattern": "hatch", "fill-opacity": opacity },
    },
    ...(noise ? [noise] : []),
    // Nothing to see, and something to point at.
    {
      id: `${fillOf(level)}-pending`,
      type: "fill",
      ...source,
      filter: ["has", shading.pending ?? "pending"],
      paint: { "fill-opacity": 0 },
    },
    {
      id: `line-${level.slug}`,
      type: "line",
      ...source,
      layout: { "line-join": "round" },
      paint: {
        "line-color": parted ? paint.paper : paint.ink,
        "line-opacity": parted ? 0.75 : 0.45,
        "line-width": ["interpolate", ["linear"], ["zoom"], 6, 0.4, 11, 1.2],
      },
    },
  ];
}

// Outlines of each higher level over the level below it.
function outlineLayer(level, paint) {
  return {
    id: `outline-${level.slug}`,
    type: "line",
    source: level.slug,
    "source-layer": "territories",
    minzoom: level.maxzoom,
    layout: { "line-join": "round" },
    paint: {
      "line-color": paint.ink,
      "line-opacity": 0.8,
      "line-width": ["interpolate", ["linear"], ["zoom"], 6, 0.8, 11, 2],
    },
  };
}

function hoverLayer(level, paint) {
  return {
    id: `hover-${level.slug}`,
    type: "line",
    source: level.slug,
    "source-layer": "territories",
    ...range(level),
    layout: { "line-join": "round" },
    paint: {
      "line-color": paint.ink,
      "line-width": ["case", ["boolean", ["feature-state", "hover"], false], 3, 0],
    },
  };
}

// The page's own territory is named by its title.
function nameLayer(level, place, paint) {
  return {
    id: `name-${level.slug}`,
    type: "symbol",
    source: `names-${level.slug}`,
    filter: ["!=", ["get", "code"], place?.level === level.slug ? place.code : ""],
    minzoom: level.names,
    maxzoom: level.maxzoom + (level.finest ? 0 : 1.5),
    layout: {
      "text-field": ["get", "name"],
      "text-font": FONTS,
      "text-size": level.finest ? 11.5 : 14,
      "text-max-width": 7,
      "text-padding": 4,
      "text-allow-overlap": false,
      "symbol-sort-key": ["get", "order"],
    },
    paint: {
      "text-color": paint.ink,
      "text-halo-color": paint.paper,
      "text-halo-width": 2,
      "text-halo-blur": 0.5,
    },
  };
}

const geojson = (geometry) => ({
  type: "geojson",
  data: { type: "Feature", properties: {}, geometry },
});

// Everything but a shape.
function around({ type, coordinates }) {
  const parts = type === "MultiPolygon" ? coordinates : [coordinates];
  const world = [
    [-180, -85],
    [180, -85],
    [180, 85],
    [-180, 85],
    [-180, -85],
  ];
  return { type: "Polygon", coordinates: [world, ...parts.map((rings) => rings[0])] };
}

// The territory of the page: everything of its level beside it recedes, its outline stands out.
function placeLayers({ level, code, shape }, paint) {
  const tiles = { source: level, "source-layer": "territories" };
  const own = shape ? { source: "place" } : { ...tiles, filter: ["==", ["get", "code"], code] };
  const outline = (id, colour, width) => ({
    id,
    type: "line",
    ...own,
    layout: { "line-join": "round" },
    paint: { "line-color": colour, "line-width": width },
  });
  const others = {
    id: "place-others",
    type: "fill",
    ...(shape ? { source: "around" } : { ...tiles, filter: ["!=", ["get", "code"], code] }),
    paint: { "fill-color": paint.ground, "fill-opacity": 0.72 },
  };
  return [others, outline("place-halo", paint.paper, 6), outline("place-outline", paint.ink, 2.5)];
}

// The places that the reader has chosen stand out of the others.
function chosenLayers(config, state, paint) {
  return config.levels.flatMap(({ slug }) => {
    const codes = placesFrom(config, state.place)
      .filter(({ level }) => level === slug)
      .map(({ code }) => code);
    if (!codes.length) return [];
    const line = (id, colour, width) => ({
      id: `${id}-${slug}`,
      type: "line",
      source: slug,
      "source-layer": "territories",
      filter: ["in", ["get", "code"], ["literal", codes]],
      layout: { "line-join": "round" },
      paint: { "line-color": colour, "line-width": width },
    });
    return [line("chosen-halo", paint.paper, 6), line("chosen-outline", paint.accent, 3)];
  });
}

function basemapLayer() {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  return {
    id: "basemap",
    type: "raster",
    source: "basemap",
    // Quiet, so that the figures are read first.
    paint: {
      "raster-saturation": -0.6,
      "raster-brightness-max": dark ? 0.45 : 1,
      "raster-opacity": 0.85,
    },
  };
}

// The raster tiles of a layer of cells; nothing where territories are shaded.
function cellsOf(config, state, edition) {
  const common = { type: "raster", tileSize: 256, bounds: config.editions[0]?.bounds };
  if (state.layer === "gain") {
    const pair = pairOf(config, state);
    return (
      pair && {
        layer: "gain",
        name: `gain-${pair.from}-${pair.to}`,
        source: { ...common, tiles: [pair.tiles], maxzoom: config.editions[0].tile_maxzoom },
      }
    );
  }
  if (!edition || (state.layer !== "cover" && state.layer !== "swipe")) return null;
  return {
    layer: "cover",
    name: coverOf(edition),
    source: { ...common, tiles: [edition.tiles], maxzoom: edition.tile_maxzoom },
  };
}

// `side` is the edition that a swipe's map shows; the one on the left by default.
export function styleOf(config, state, side = state.from) {
  const paint = colours();
  const edition = editionOf(config, state.layer === "swipe" ? side : state.edition);
  const { levels } = config;
  const sources = {};
  // Change is between two editions: tiles hold that of one pair.
  const asked = pairOf(config, state)?.asked ?? "";
  for (const level of levels) {
    sources[level.slug] = {
      type: "vector",
      tiles: [`${level.tiles}${asked}`],
      promoteId: "code",
      maxzoom: level.tile_maxzoom,
    };
    sources[`names-${level.slug}`] = {
      type: "geojson",
      data: { type: "FeatureCollection", features: [] },
    };
  }
  if (config.place?.shape) {
    sources.place = geojson(config.place.shape);
    sources.around = geojson(around(config.place.shape));
  }
  const layers = [
    { id: "ground", type: "background", paint: { "background-color": paint.ground } },
  ];
  if (config.basemap) {
    sources.basemap = {
      type: "raster",
      tiles: [config.basemap.tiles],
      tileSize: 256,
      maxzoom: config.basemap.maxzoom,
      attribution: config.basemap.attribution,
    };
    layers.push(basemapLayer());
  }
  const cells = cellsOf(config, state, edition);
  if (cells) {
    sources[cells.name] = cells.source;
    layers.push({
      id: cells.layer,
      type: "raster",
      source: cells.name,
      paint: {
        "raster-opacity": state.opacity / 100,
        "raster-resampling": "nearest",
        "raster-fade-duration": 0,
      },
    });
  }
  if (edition) {
    const shading = shadingOf(config, state, paint);
    for (const level of levels) layers.push(...territoryLayers(level, shading, state, paint));
  }
  if (config.place) layers.push(...placeLayers(config.place, paint));
  else layers.push(...levels.slice(0, -1).map((level) => outlineLayer(level, paint)));
  layers.push(...chosenLayers(config, state, paint));
  layers.push(...levels.map((level) => hoverLayer(level, paint)));
  layers.push(...[...levels].reverse().map((level) => nameLayer(level, config.place, paint)));
  return { version: 8, sources, layers };
}
