// Addresses in which the server has written LEVEL and CODE in the place of a territory's own.

/** @import { MapConfig } from "./config.js" */
/** @import { Place } from "./places.js" */

/**
 * @param {string} address
 * @param {Place} place
 */
export const addressOf = (address, { level, code }) =>
  address.replace("LEVEL", encodeURIComponent(level)).replace("CODE", encodeURIComponent(code));

/**
 * The address of a territory's page.
 *
 * @param {Pick<MapConfig, "page">} config
 * @param {Place} place
 */
export const pageOf = (config, place) => addressOf(config.page, place);
