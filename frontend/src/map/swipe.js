// Two editions under a divider: a second map lies over the first, moves with it, and is clipped at
// the divider, which pointers drag and keys move. The first map keeps all gestures and controls.

import { Map } from "maplibre-gl";
import { keepNames } from "./names.js";
import { percent } from "./numbers.js";

const STEP = 2;
const LEAP = 10;

function part(name, parent) {
  const made = document.createElement("div");
  made.className = name;
  parent.append(made);
  return made;
}

export class Swipe {
  // `prepare(map)` gives the second map the images of its style; `moved(percent)` is called when the
  // divider has come to rest.
  constructor(map, words, prepare, moved) {
    this.map = map;
    this.words = words;
    this.prepare = prepare;
    this.moved = moved;
    this.follow = () => this.over?.jumpTo(this.view());
  }

  view() {
    return { center: this.map.getCenter(), zoom: this.map.getZoom() };
  }

  // Shows `style` right of the divider; `left` and `right` name the editions.
  show({ style, levels, percent, left, right }) {
    this.names = { left, right };
    if (this.over) {
      this.over.setStyle(style, { diff: true });
      this.forget();
    } else this.open(style, levels);
    this.labels.left.textContent = left;
    this.labels.right.textContent = right;
    this.place(percent);
  }

  open(style, levels) {
    const host = this.map.getContainer();
    this.cover = part("map-swipe", host);
    this.cover.inert = true;
    this.over = new Map({
      container: this.cover,
      style,
      ...this.view(),
      minZoom: this.map.getMinZoom(),
      maxZoom: this.map.getMaxZoom(),
      interactive: false,
      attributionControl: false,
      fadeDuration: 0,
    });
    this.prepare(this.over);
    // The reader hears of one map, not of two.
    this.over.getCanvas().setAttribute("aria-hidden", "true");
    this.over.on("idle", () => {
      host.dataset.swipe = "ready";
    });
    this.over.on("error", ({ error }) => console.warn(error?.message ?? error));
    this.forget = keepNames(this.over, levels);
    this.divider = part("map-divider", host);
    this.labels = {
      left: part("map-divider__name map-divider__name--left", this.divider),
      right: part("map-divider__name map-divider__name--right", this.divider),
    };
    part("map-divider__grip", this.divider).setAttribute("aria-hidden", "true");
    this.makeSlider();
    this.map.on("move", this.follow);
    this.map.on("resize", this.follow);
  }

  makeSlider() {
    const { divider } = this;
    divider.tabIndex = 0;
    for (const [name, value] of Object.entries({
      role: "slider",
      "aria-label": this.words.divider,
      "aria-orientation": "horizontal",
      "aria-valuemin": "0",
      "aria-valuemax": "100",
    })) {
      divider.setAttribute(name, value);
    }
    divider.addEventListener("keydown", (event) => this.key(event));
    divider.addEventListener("pointerdown", (event) => {
      divider.setPointerCapture(event.pointerId);
      divider.focus({ preventScroll: true });
      event.preventDefault();
    });
    divider.addEventListener("pointermove", (event) => {
      if (!divider.hasPointerCapture(event.pointerId)) return;
      const { left, width } = this.map.getContainer().getBoundingClientRect();
      this.place(((event.clientX - left) / width) * 100);
    });
    divider.addEventListener("lostpointercapture", () => this.moved(this.percent));
  }

  key(event) {
    const to = {
      ArrowLeft: this.percent - STEP,
      ArrowDown: this.percent - STEP,
      ArrowRight: this.percent + STEP,
      ArrowUp: this.percent + STEP,
      PageDown: this.percent - LEAP,
      PageUp: this.percent + LEAP,
      Home: 0,
      End: 100,
    }[event.key];
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.place(to);
    this.moved(this.percent);
  }

  place(wanted) {
    this.percent = Math.round(Math.min(Math.max(wanted, 0), 100));
    const { divider, cover, names, words } = this;
    cover.style.clipPath = `inset(0 0 0 ${this.percent}%)`;
    divider.style.left = `${this.percent}%`;
    // At the rim a name would be cut off: only that of the side in view stays.
    this.labels.left.hidden = this.percent < 12;
    this.labels.right.hidden = this.percent > 88;
    divider.setAttribute("aria-valuenow", String(this.percent));
    divider.setAttribute(
      "aria-valuetext",
      `${percent(this.percent, 0)}; ${words.left} ${names.left}, ${words.right} ${names.right}`,
    );
  }

  close() {
    if (!this.over) return;
    this.map.off("move", this.follow);
    this.map.off("resize", this.follow);
    this.over.remove();
    this.cover.remove();
    this.divider.remove();
    this.over = null;
    delete this.map.getContainer().dataset.swipe;
  }
}
