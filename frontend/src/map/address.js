// The state of the map in the page's address: layer, editions, opacity, the divider's position and
// the chosen place in the query (the view is in the hash: view.js). What is as
// at the start is left out.

import { placesFrom } from "./place.js";

const within = (text, least, most, start) => {
  const value = Number(text);
  return text !== null && text !== "" && value >= least && value <= most ? value : start;
};

export const SHADED = ["share", "change", "per_inhabitant"];
export const PAIRED = ["change", "gain", "swipe"];

export const pairOf = (config, { from, to }) =>
  config.pairs.find((pair) => pair.from === from && pair.to === to);

// The layers that the data at hand allow.
export function layersOf(config) {
  return [
    "share",
    ...(config.people ? ["per_inhabitant"] : []),
    "cover",
    ...(config.pairs.length ? PAIRED : []),
  ];
}

// The page of a territory has its place already.
function placeOf(config, text) {
  if (config.place) return null;
  const places = placesFrom(config, text);
  return places.map(({ level, code }) => `${level}:${code}`).join(",") || null;
}

function startOf(config) {
  const pair = config.pair ?? config.pairs.at(-1);
  return {
    layer: config.layer,
    edition: config.edition,
    from: pair?.from ?? null,
    to: pair?.to ?? null,
    // A map of the ground shows through, where there is one.
    opacity: config.basemap ? 75 : 100,
    swipe: 50,
    place: null,
  };
}

export function readState(config) {
  const query = new URLSearchParams(location.search);
  const start = startOf(config);
  const one = (name, allowed) =>
    allowed.includes(query.get(name)) ? query.get(name) : start[name];
  const asked = { from: query.get("from") ?? start.from, to: query.get("to") ?? start.to };
  const pair = pairOf(config, asked) ?? start;
  return {
    layer: one("layer", layersOf(config)),
    edition: one(
      "edition",
      config.editions.map(({ slug }) => slug),
    ),
    from: pair.from,
    to: pair.to,
    opacity: within(query.get("opacity"), 10, 100, start.opacity),
    swipe: within(query.get("swipe"), 0, 100, start.swipe),
    place: placeOf(config, query.get("place")),
  };
}

// `step` makes an entry of its own, to which Back returns; without it the entry is rewritten.
export function writeState(config, state, step = false) {
  const query = new URLSearchParams(location.search);
  const start = startOf(config);
  for (const [key, value] of Object.entries(state)) {
    if (value === start[key]) query.delete(key);
    else query.set(key, value);
  }
  // A pair is named by both of its editions.
  if (query.has("from") !== query.has("to")) {
    query.set("from", state.from);
    query.set("to", state.to);
  }
  // Legible, as in place=commune:07001.
  const text = query.toString().replaceAll("%3A", ":").replaceAll("%2C", ",");
  const address = `${location.pathname}${text ? `?${text}` : ""}${location.hash}`;
  if (step) history.pushState(null, "", address);
  else history.replaceState(history.state, "", address);
}
