// Longitude and latitude of the pointer, or of the middle of the map while no pointer is over it:
// with the keyboard, the middle is what moves.

function degrees(value, letters) {
  const text = new Intl.NumberFormat(document.documentElement.lang || "en-GB", {
    minimumFractionDigits: 4,
    maximumFractionDigits: 4,
  }).format(Math.abs(value));
  return `${text}\u00b0\u202f${letters[value < 0 ? 1 : 0]}`;
}

export class Coordinates {
  constructor(words) {
    this.words = words;
  }

  onAdd(map) {
    this.map = map;
    this.box = document.createElement("div");
    this.box.className = "maplibregl-ctrl map-coordinates";
    this.kind = document.createElement("span");
    this.value = document.createElement("span");
    this.value.dataset.coordinates = "";
    this.box.append(this.kind, " ", this.value);
    this.point = ({ lngLat }) => this.write(this.words.pointer, lngLat);
    this.middle = () => this.write(this.words.middle, map.getCenter());
    this.moved = () => {
      if (!this.over) this.middle();
    };
    this.enter = (event) => {
      this.over = true;
      this.point(event);
    };
    this.leave = () => {
      this.over = false;
      this.middle();
    };
    map.on("mousemove", this.enter);
    map.on("mouseout", this.leave);
    map.on("move", this.moved);
    // Whoever goes on with the keys looks at the middle, wherever the pointer was left.
    map.getCanvas().addEventListener("keydown", this.leave);
    this.middle();
    return this.box;
  }

  write(kind, { lng, lat }) {
    this.kind.textContent = kind;
    const { north_south: ns, east_west: ew } = this.words;
    this.value.textContent = `${degrees(lat, ns)}, ${degrees(lng, ew)}`;
  }

  onRemove() {
    this.map.off("mousemove", this.enter);
    this.map.off("mouseout", this.leave);
    this.map.off("move", this.moved);
    this.map.getCanvas().removeEventListener("keydown", this.leave);
    this.box.remove();
  }
}
