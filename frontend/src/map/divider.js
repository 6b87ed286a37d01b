// The divider between two editions: a slider (ARIA) that pointers drag and keys move.

import { perCent } from "../page/numbers.js";

const STEP = 2;
const LEAP = 10;
const RIM = 12; // per cent of the width in which a name would be cut off

/**
 * Where a key moves the divider; null where it does not.
 *
 * @param {string} key
 * @param {number} percent - its position
 */
export function positionAfter(key, percent) {
  switch (key) {
    case "ArrowLeft":
    case "ArrowDown":
      return percent - STEP;
    case "ArrowRight":
    case "ArrowUp":
      return percent + STEP;
    case "PageDown":
      return percent - LEAP;
    case "PageUp":
      return percent + LEAP;
    case "Home":
      return 0;
    case "End":
      return 100;
    default:
      return null;
  }
}

/**
 * @param {string} name
 * @param {HTMLElement} parent
 */
function append(name, parent) {
  const made = document.createElement("div");
  made.className = name;
  parent.append(made);
  return made;
}

export class Divider {
  #host;
  #words;
  #placed;
  #moved;
  #element;
  #labels;
  #percent = 0;

  /**
   * @param {HTMLElement} host - what the divider parts
   * @param {Record<string, string>} words
   * @param {object} callbacks
   * @param {(percent: number) => void} callbacks.placed - called with each new position
   * @param {(percent: number) => void} callbacks.moved - called when the divider has come to rest
   */
  constructor(host, words, { placed, moved }) {
    this.#host = host;
    this.#words = words;
    this.#placed = placed;
    this.#moved = moved;
    this.#element = append("map-divider", host);
    this.#labels = {
      left: append("map-divider__name map-divider__name--left", this.#element),
      right: append("map-divider__name map-divider__name--right", this.#element),
    };
    append("map-divider__grip", this.#element).setAttribute("aria-hidden", "true");
    this.#connect();
  }

  #connect() {
    const divider = this.#element;
    divider.tabIndex = 0;
    for (const [name, value] of Object.entries({
      role: "slider",
      "aria-label": this.#words.divider ?? "",
      "aria-orientation": "horizontal",
      "aria-valuemin": "0",
      "aria-valuemax": "100",
    })) {
      divider.setAttribute(name, value);
    }
    divider.addEventListener("keydown", (event) => this.#key(event));
    divider.addEventListener("pointerdown", (event) => {
      divider.setPointerCapture(event.pointerId);
      divider.focus({ preventScroll: true });
      event.preventDefault();
    });
    divider.addEventListener("pointermove", (event) => {
      if (!divider.hasPointerCapture(event.pointerId)) return;
      const { left, width } = this.#host.getBoundingClientRect();
      this.place(((event.clientX - left) / width) * 100);
    });
    divider.addEventListener("lostpointercapture", () => this.#moved(this.#percent));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const position = positionAfter(event.key, this.#percent);
    if (position === null || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.place(position);
    this.#moved(this.#percent);
  }

  /**
   * Names both sides; to be followed by `place`.
   *
   * @param {{ left: string, right: string }} names
   */
  name({ left, right }) {
    this.#labels.left.textContent = left;
    this.#labels.right.textContent = right;
  }

  /** @param {number} wanted - the position in per cent */
  place(wanted) {
    this.#percent = Math.round(Math.min(Math.max(wanted, 0), 100));
    this.#placed(this.#percent);
    const divider = this.#element;
    const { left, right } = this.#labels;
    divider.style.left = `${this.#percent}%`;
    // Only the name of the wider side stays there.
    left.hidden = this.#percent < RIM;
    right.hidden = this.#percent > 100 - RIM;
    divider.setAttribute("aria-valuenow", String(this.#percent));
    divider.setAttribute(
      "aria-valuetext",
      `${perCent(this.#percent, 0)}; ${this.#words.left} ${left.textContent}, ` +
        `${this.#words.right} ${right.textContent}`,
    );
  }

  remove() {
    this.#element.remove();
  }
}
