// Says when parts of the map could not be fetched; `fetchAgain()` is called when the reader asks for
// it, or when the network is back.

export function watchTiles(map, card, fetchAgain) {
  const box = card.querySelector("[data-map-trouble]");
  const again = () => {
    if (box.hidden) return;
    box.hidden = true;
    fetchAgain();
    map.getCanvas().focus({ preventScroll: true });
  };
  map.on("error", ({ error, sourceId, tile }) => {
    console.warn(error?.message ?? error);
    if (sourceId || tile) box.hidden = false;
  });
  box.querySelector("button").addEventListener("click", again);
  addEventListener("online", again);
}
