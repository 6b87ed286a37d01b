// The places that the address names (`place=commune:07001`, several parted by commas): the map goes
// there, outlines them and says their names, with the way to their pages.

import { pageOf, wordedPlace } from "./pages.js";

const MOST = 6;

export function placesFrom(config, text) {
  const levels = new Set(config.levels.map(({ slug }) => slug));
  return (text ?? "")
    .split(",")
    .map((part) => part.trim().split(":"))
    .filter(([level, code, more]) => levels.has(level) && code && more === undefined)
    .slice(0, MOST)
    .map(([level, code]) => ({ level, code }));
}

async function read(config, { level, code }, signal) {
  const response = await fetch(wordedPlace(config.about, level, code), { signal });
  if (!response.ok) return null;
  return response.json();
}

function around(bounds) {
  const column = (number) => bounds.map((one) => one[number]);
  return [
    [Math.min(...column(0)), Math.min(...column(1))],
    [Math.max(...column(2)), Math.max(...column(3))],
  ];
}

export class ChosenPlace {
  // `left()` is called when the reader clears the selection.
  constructor({ map, view, config, card, left }) {
    this.view = view;
    this.config = config;
    this.box = card.querySelector("[data-map-place]");
    this.names = this.box.querySelector("[data-map-place-names]");
    this.shown = "";
    this.box.querySelector("button").addEventListener("click", () => {
      left();
      map.getCanvas().focus({ preventScroll: true });
    });
  }

  // Shows the places of the state; `go` is how the map gets there: "fly", "jump" or not at all.
  async show(text, { go, focus = false }) {
    if (text === this.shown) return;
    this.shown = text ?? "";
    this.request?.abort();
    this.request = new AbortController();
    const { signal } = this.request;
    const places = placesFrom(this.config, text);
    this.box.hidden = true;
    if (!places.length) return;
    try {
      const found = (
        await Promise.all(places.map((place) => read(this.config, place, signal)))
      ).filter(Boolean);
      if (signal.aborted || !found.length) return;
      this.write(found);
      if (go) {
        this.view.fit(around(found.map(({ bounds }) => bounds)), {
          padding: 48,
          maxZoom: 14,
          // MapLibre flies at once for who asks for less motion.
          ...(go === "jump" ? { animate: false } : { linear: false }),
        });
      }
      if (focus) this.names.querySelector("a").focus({ preventScroll: true });
    } catch (error) {
      if (error.name !== "AbortError") console.warn(error);
    }
  }

  write(found) {
    this.names.replaceChildren(
      ...found.map(({ level, level_name: kind, code, name }) => {
        const link = document.createElement("a");
        link.href = pageOf(this.config, level, code);
        link.textContent = name;
        const small = document.createElement("small");
        const own = this.config.levels.find(({ slug }) => slug === level);
        small.textContent = `${own?.name ?? kind} ${code}`;
        const item = document.createElement("li");
        item.append(link, " ", small);
        return item;
      }),
    );
    this.box.hidden = false;
  }
}
