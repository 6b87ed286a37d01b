// The form over the map (layer, editions, opacity) and the legend under it.

import { layersOf } from "./address.js";

// The legend that suits what is drawn: from afar, land cover is drawn as the share of sealed ground,
// and gain and loss as the share of cells that changed.
export function showLegend(card, state, zoom, config) {
  const near = zoom >= config.classes_from;
  const wanted =
    {
      cover: near ? "cover" : "far",
      swipe: near ? "cover" : "far",
      gain: near ? "gain" : "gain-far",
    }[state.layer] ?? state.layer;
  for (const legend of card.querySelectorAll("[data-legend]")) {
    legend.hidden = legend.dataset.legend !== wanted;
  }
  const year = (slug) => config.editions.find((edition) => edition.slug === slug)?.year;
  for (const pair of card.querySelectorAll("[data-change-pair]")) {
    pair.textContent = state.from ? `${year(state.from)} → ${year(state.to)}` : "";
  }
}

// The later edition must be one that the earlier one can be compared with, else the last of these.
function keepPair(config, state) {
  const later = config.pairs.filter(({ from }) => from === state.from).map(({ to }) => to);
  if (!later.includes(state.to)) state.to = later.at(-1);
}

// What the form shows, from the state: which fields there are, and their values.
export function showState(form, config, state) {
  const layers = layersOf(config);
  for (const part of form.querySelectorAll("[data-for]")) {
    part.hidden = !part.dataset.for.split(" ").includes(state.layer);
  }
  for (const field of form.elements) {
    if (field.name === "layer") {
      field.checked = field.value === state.layer;
      field.closest("label").hidden = !layers.includes(field.value);
    } else if (field.name === "from" || field.name === "to") {
      for (const option of field.options) {
        option.disabled = !config.pairs.some(
          (pair) =>
            pair[field.name] === option.value &&
            (field.name === "from" || pair.from === state.from),
        );
        option.hidden = option.disabled;
      }
      field.value = state[field.name];
    } else if (field.name in state) field.value = state[field.name];
  }
}

// The page with the map of other areas: what it is shaded by stays, the view and the place do not.
function goTo(areas) {
  const query = new URLSearchParams(location.search);
  query.delete("place");
  if (areas) query.set("areas", areas);
  else query.delete("areas");
  location.assign(`${location.pathname}${query.size ? `?${query}` : ""}`);
}

// `changed(step)`: whether the reader would want Back to undo it.
export function connectControls(card, config, state, changed) {
  const form = card.querySelector("[data-map-tools]");
  if (!form) return () => {};
  const show = () => showState(form, config, state);
  form.hidden = false;
  show();
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => {
    const { name, value } = event.target;
    if (name === "layer" && !event.target.checked) return;
    if (name === "areas") {
      goTo(value);
      return;
    }
    if (!(name in state)) return;
    state[name] = name === "opacity" ? Number(value) : value;
    if (name === "from") keepPair(config, state);
    show();
    changed(name !== "opacity");
  });
  return show;
}
