// How fast an interpreter labels: labels a minute, over those of the last minutes.

const KEPT_MS = 5 * 60_000;
const LEAST = 3;

/**
 * The times of the last labels, with one that was stored now.
 *
 * @param {number[]} times - in milliseconds
 * @param {number} now
 */
export function noted(times, now) {
  return [...times.filter((time) => time > now - KEPT_MS && time <= now), now];
}

/**
 * Labels a minute; null before there are enough of them.
 *
 * @param {number[]} times
 * @param {number} now
 */
export function pace(times, now) {
  const recent = times.filter((time) => time > now - KEPT_MS && time <= now);
  const first = recent[0];
  if (first === undefined || recent.length < LEAST) return null;
  const minutes = (now - first) / 60_000;
  return minutes > 0 ? (recent.length - 1) / minutes : null;
}
