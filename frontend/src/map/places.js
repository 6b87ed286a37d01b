// Places as an address names them: `commune:07001`, several of them separated by commas.

/** @import { MapConfig } from "./config.js" */

/** @typedef {{ level: string, code: string }} Place */

const MOST = 6;

/**
 * The places of a text whose level is on the map; the first six of them.
 *
 * @param {Pick<MapConfig, "levels">} config
 * @param {string | null} text
 * @returns {Place[]}
 */
export function placesFrom(config, text) {
  const levels = new Set(config.levels.map(({ slug }) => slug));
  return (text ?? "")
    .split(",")
    .flatMap((part) => {
      const [level, code, ...more] = part.trim().split(":");
      return level && levels.has(level) && code && !more.length ? [{ level, code }] : [];
    })
    .slice(0, MOST);
}
