// Layers that make places stand out: the territory of the page, and the places that were chosen.

/** @import { MultiPolygon, Polygon } from "geojson" */
/** @import { ExpressionSpecification, LayerSpecification, LineLayerSpecification } from "maplibre-gl" */
/** @import { SourceSpecification } from "maplibre-gl" */
/** @import { Colours } from "../page/colours.js" */
/** @import { Level, OwnPlace } from "./config.js" */
/** @import { Place } from "./places.js" */

import { TERRITORIES } from "./territory_layers.js";

const WORLD = [
  [-180, -85],
  [180, -85],
  [180, 85],
  [-180, 85],
  [-180, -85],
];

/**
 * @param {Polygon | MultiPolygon} geometry
 * @returns {SourceSpecification}
 */
const geojson = (geometry) => ({
  type: "geojson",
  data: { type: "Feature", properties: {}, geometry },
});

/**
 * Everything but a shape.
 *
 * @param {Polygon | MultiPolygon} shape
 * @returns {Polygon}
 */
function around(shape) {
  const polygons = shape.type === "MultiPolygon" ? shape.coordinates : [shape.coordinates];
  const holes = polygons.flatMap((rings) => rings.slice(0, 1));
  return { type: "Polygon", coordinates: [WORLD, ...holes] };
}

/**
 * The sources that `placeLayers` needs beside the tiles.
 *
 * @param {OwnPlace | null} place
 * @returns {Record<string, SourceSpecification>}
 */
export function placeSources(place) {
  if (!place?.shape) return {};
  return { place: geojson(place.shape), around: geojson(around(place.shape)) };
}

/**
 * A line on a wider and paler one.
 *
 * @param {string} name
 * @param {Pick<LineLayerSpecification, "source" | "source-layer" | "filter">} source
 * @param {{ ending?: string, colour: string, width: number, paint: Colours }} look
 * @returns {LineLayerSpecification[]}
 */
function haloed(name, source, { ending = "", colour, width, paint }) {
  return [
    { id: `${name}-halo${ending}`, colour: paint.paper, width: 6 },
    { id: `${name}-outline${ending}`, colour, width },
  ].map((line) => ({
    id: line.id,
    type: "line",
    ...source,
    layout: { "line-join": "round" },
    paint: { "line-color": line.colour, "line-width": line.width },
  }));
}

/**
 * The territory of the page: everything of its level beside it recedes, its outline stands out.
 *
 * @param {OwnPlace} place
 * @param {Colours} paint
 * @returns {LayerSpecification[]}
 */
export function placeLayers({ level, code, shape }, paint) {
  const tiles = { source: level, "source-layer": TERRITORIES };
  /** @type {(operator: "==" | "!=") => ExpressionSpecification} */
  const coded = (operator) => [operator, ["get", "code"], code];
  return [
    {
      id: "place-others",
      type: "fill",
      ...(shape ? { source: "around" } : { ...tiles, filter: coded("!=") }),
      paint: { "fill-color": paint.ground, "fill-opacity": 0.72 },
    },
    ...haloed("place", shape ? { source: "place" } : { ...tiles, filter: coded("==") }, {
      colour: paint.ink,
      width: 2.5,
      paint,
    }),
  ];
}

/**
 * The places that the reader has chosen.
 *
 * @param {Level[]} levels
 * @param {Place[]} places
 * @param {Colours} paint
 */
export function chosenLayers(levels, places, paint) {
  return levels.flatMap(({ slug }) => {
    const codes = places.filter(({ level }) => level === slug).map(({ code }) => code);
    if (!codes.length) return [];
    return haloed(
      "chosen",
      {
        source: slug,
        "source-layer": TERRITORIES,
        filter: ["in", ["get", "code"], ["literal", codes]],
      },
      { ending: `-${slug}`, colour: paint.accent, width: 3, paint },
    );
  });
}
