// The state of the map in the page's address: in the query. The view is in the hash; see view.js.

/** @import { MapConfig } from "./config.js" */
/** @import { MapState } from "./state.js" */

import { searchOf, stateOf } from "./state.js";

/** @param {MapConfig} config */
export const readState = (config) => stateOf(config, location.search);

/**
 * @param {MapConfig} config
 * @param {MapState} state
 * @param {{ step?: boolean }} [how] - `step` makes a new entry of the history, to which Back
 *   returns; without it the present entry is rewritten
 */
export function writeState(config, state, { step = false } = {}) {
  const search = searchOf(config, state, location.search);
  const address = `${location.pathname}${search}${location.hash}`;
  if (step) history.pushState(null, "", address);
  else history.replaceState(history.state, "", address);
}
