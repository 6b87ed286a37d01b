// The state of a map: what the reader has chosen, and how the query of an address holds it.

/** @import { Edition, Filtered, MapConfig, Pair } from "./config.js" */

import { placesFrom } from "./places.js";

/**
 * @typedef {object} MapState
 * @property {string} layer
 * @property {string | null} edition
 * @property {string | null} from - the earlier edition of a pair
 * @property {string | null} to - the later one
 * @property {string} filter - of gain and loss: "raw" for all of it, or the name of a filter
 * @property {number} opacity - in per cent
 * @property {number} swipe - the position of the divider, in per cent
 * @property {string | null} place - chosen places, as in `commune:07001,commune:07002`
 */

const SHADED = ["share", "change", "per_inhabitant"];
/** The layers that show two editions. */
export const PAIRED = ["change", "gain", "swipe"];

/**
 * The further indicator that territories are shaded by; undefined for other layers.
 *
 * @param {MapConfig} config
 * @param {Pick<MapState, "layer">} state
 */
export const furtherOf = (config, { layer }) =>
  (config.shadings ?? []).find(({ name }) => name === layer);

/**
 * Whether a layer shades territories.
 *
 * @param {MapConfig} config
 * @param {Pick<MapState, "layer">} state
 */
export const isShaded = (config, state) =>
  SHADED.includes(state.layer) || furtherOf(config, state) !== undefined;

/**
 * @param {MapConfig} config
 * @param {string | null} slug
 * @returns {Edition | undefined}
 */
export const editionOf = (config, slug) => config.editions.find((edition) => edition.slug === slug);

/**
 * @param {MapConfig} config
 * @param {{ from: string | null, to: string | null }} state
 * @returns {Pair | undefined}
 */
export const pairOf = (config, { from, to }) =>
  config.pairs.find((pair) => pair.from === from && pair.to === to);

/** The choice of all change, whatever its patches. */
export const RAW = "raw";

/**
 * What the chosen filter leaves of a pair; null for all change, and where it is not filtered yet.
 *
 * @param {MapConfig} config
 * @param {Pick<MapState, "from" | "to" | "filter">} state
 * @returns {Filtered | null}
 */
export const filteredOf = (config, state) => pairOf(config, state)?.filters?.[state.filter] ?? null;

/**
 * The edition that stands for the map: of a pair, the later one.
 *
 * @param {MapConfig} config
 * @param {MapState} state
 */
export function mainEdition(config, state) {
  return editionOf(config, PAIRED.includes(state.layer) ? state.to : state.edition);
}

/**
 * The layers that the data allow.
 *
 * @param {MapConfig} config
 */
export function layersOf(config) {
  return [
    "share",
    ...(config.people ? ["per_inhabitant"] : []),
    ...(config.shadings ?? [])
      .filter(({ inhabitants }) => config.people || !inhabitants)
      .map(({ name }) => name),
    "cover",
    ...(config.pairs.length ? PAIRED : []),
  ];
}

/**
 * The state before the reader chooses anything.
 *
 * @param {MapConfig} config
 * @returns {MapState}
 */
export function startOf(config) {
  const pair = config.pair ?? config.pairs.at(-1);
  return {
    layer: config.layer,
    edition: config.edition,
    from: pair?.from ?? null,
    to: pair?.to ?? null,
    filter: config.filter ?? RAW,
    // A map of the ground shows through, where there is one.
    opacity: config.basemap ? 75 : 100,
    swipe: 50,
    place: null,
  };
}

/**
 * Keeps the pair of a state valid: the later edition becomes the last one that the earlier edition
 * can be compared with, unless it is one of these.
 *
 * @param {MapConfig} config
 * @param {MapState} state
 */
export function keepPair(config, state) {
  const later = config.pairs.filter(({ from }) => from === state.from).map(({ to }) => to);
  if (!state.to || !later.includes(state.to)) state.to = later.at(-1) ?? null;
}

/**
 * The state that a query holds. Values that are not valid are left out.
 *
 * @param {MapConfig} config
 * @param {string} search - as in `location.search`
 * @returns {MapState}
 */
export function stateOf(config, search) {
  const query = new URLSearchParams(search);
  const start = startOf(config);
  const layer = query.get("layer");
  const edition = query.get("edition");
  const pair =
    pairOf(config, { from: query.get("from") ?? start.from, to: query.get("to") ?? start.to }) ??
    start;
  return {
    layer: layer !== null && layersOf(config).includes(layer) ? layer : start.layer,
    edition: editionOf(config, edition) ? edition : start.edition,
    from: pair.from,
    to: pair.to,
    filter: filterFrom(config, query.get("filter")) ?? start.filter,
    opacity: within(query.get("opacity"), { least: 10, most: 100, start: start.opacity }),
    swipe: within(query.get("swipe"), { least: 0, most: 100, start: start.swipe }),
    place: placeOf(config, query.get("place")),
  };
}

/**
 * The query that holds a state. Values of the start are left out; other parameters stay.
 *
 * @param {MapConfig} config
 * @param {MapState} state
 * @param {string} search - the query so far, as in `location.search`
 */
export function searchOf(config, state, search) {
  const query = new URLSearchParams(search);
  const start = startOf(config);
  for (const key of /** @type {(keyof MapState)[]} */ (Object.keys(start))) {
    if (state[key] === start[key]) query.delete(key);
    else query.set(key, String(state[key]));
  }
  // A pair is named by both of its editions.
  if (query.has("from") !== query.has("to")) {
    query.set("from", String(state.from));
    query.set("to", String(state.to));
  }
  // Legible, as in place=commune:07001.
  const text = query.toString().replaceAll("%3A", ":").replaceAll("%2C", ",");
  return text ? `?${text}` : "";
}

/**
 * @param {MapConfig} config
 * @param {string | null} name
 */
function filterFrom(config, name) {
  const known = config.pairs.flatMap(({ filters }) => Object.keys(filters ?? {}));
  return name !== null && [RAW, ...known].includes(name) ? name : null;
}

/**
 * @param {string | null} text
 * @param {{ least: number, most: number, start: number }} range
 */
function within(text, { least, most, start }) {
  const value = Number(text);
  return text !== null && text !== "" && value >= least && value <= most ? value : start;
}

/**
 * The valid places of a query. The page of a territory has its place already.
 *
 * @param {MapConfig} config
 * @param {string | null} text
 */
function placeOf(config, text) {
  if (config.place) return null;
  const places = placesFrom(config, text);
  return places.map(({ level, code }) => `${level}:${code}`).join(",") || null;
}
