// Where the map looks. It is fitted to what it is about, and again when its canvas changes size,
// until the reader moves it. Once the reader has moved the map, chosen a layer or gone to a place,
// the view is in the address, as `#map=zoom/lat/lng`. Not before: an anchor there leads to its part
// of the page.

const PREFIX = "map=";

// The view that the address names, or null.
export function viewOf(hash) {
  const part = hash
    .slice(1)
    .split("&")
    .find((one) => one.startsWith(PREFIX));
  const numbers = (part ?? "").slice(PREFIX.length).split("/").map(Number);
  if (!part || numbers.length < 3 || !numbers.every(Number.isFinite)) return null;
  const [zoom, lat, lng] = numbers;
  return Math.abs(lat) <= 90 ? { zoom, center: [lng, lat] } : null;
}

// With as many decimals as the zoom can show.
function written({ lng, lat }, zoom) {
  const digits = Math.max(0, Math.ceil((zoom * Math.LN2 + Math.log(512 / 360 / 0.5)) / Math.LN10));
  return `#${PREFIX}${Number(zoom.toFixed(2))}/${lat.toFixed(digits)}/${lng.toFixed(digits)}`;
}

export class View {
  constructor(map, bounds, options) {
    this.map = map;
    this.target = { bounds, options };
    this.moved = viewOf(location.hash) !== null;
    this.named = this.moved;
    map.on("movestart", ({ originalEvent }) => {
      if (originalEvent) this.moved = this.named = true;
    });
    map.on("moveend", () => {
      if (this.named) this.write();
    });
    map.on("resize", () => {
      if (!this.moved)
        this.map.fitBounds(this.target.bounds, { ...this.target.options, animate: false });
    });
    addEventListener("hashchange", () => {
      const view = viewOf(location.hash);
      if (!view) return;
      this.moved = this.named = true;
      map.jumpTo(view);
    });
  }

  // Goes to another place.
  fit(bounds, options) {
    this.target = { bounds, options };
    this.moved = false;
    this.named = true;
    this.map.fitBounds(bounds, options);
  }

  // From now on the view is in the address.
  name() {
    this.named = true;
    this.write();
  }

  write() {
    const address = new URL(location.href);
    address.hash = written(this.map.getCenter(), this.map.getZoom());
    history.replaceState(history.state, "", address);
  }
}
