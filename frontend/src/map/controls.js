// The form over the map: layer, areas, editions, opacity.

/** @import { MapConfig } from "./config.js" */
/** @import { MapState } from "./state.js" */

import { findPart, parts } from "../page/elements.js";
import { filteredOf, keepPair, layersOf, pairOf, RAW } from "./state.js";

/**
 * Shows the fields that a state needs, and their values.
 *
 * @param {HTMLFormElement} form
 * @param {MapConfig} config
 * @param {MapState} state
 */
function showState(form, config, state) {
  const layers = layersOf(config);
  for (const field of parts(form, "[data-for]")) {
    field.hidden = !field.dataset.for?.split(" ").includes(state.layer);
  }
  for (const radio of parts(form, "input[name=layer]", HTMLInputElement)) {
    radio.checked = radio.value === state.layer;
    const label = radio.closest("label");
    if (label) label.hidden = !layers.includes(radio.value);
  }
  for (const select of parts(form, "select[name=from], select[name=to]", HTMLSelectElement)) {
    const first = select.name === "from";
    for (const option of select.options) {
      option.disabled = !config.pairs.some(({ from, to }) =>
        first ? from === option.value : to === option.value && from === state.from,
      );
      option.hidden = option.disabled;
    }
    select.value = (first ? state.from : state.to) ?? "";
  }
  const filter = findPart(form, "select[name=filter]", HTMLSelectElement);
  if (filter) {
    const filters = pairOf(config, state)?.filters ?? {};
    for (const option of filter.options) {
      option.disabled = option.value !== RAW && !(option.value in filters);
      option.hidden = option.disabled;
    }
    filter.value = filteredOf(config, state) ? state.filter : RAW;
  }
  const edition = findPart(form, "select[name=edition]", HTMLSelectElement);
  if (edition) edition.value = state.edition ?? "";
  const opacity = findPart(form, "input[name=opacity]", HTMLInputElement);
  if (opacity) opacity.value = String(state.opacity);
}

/**
 * Takes a field's value into the state.
 *
 * @param {MapConfig} config
 * @param {MapState} state
 * @param {{ name: string, value: string }} field
 */
function take(config, state, { name, value }) {
  if (name === "opacity") state.opacity = Number(value);
  else if (name === "layer" || name === "edition" || name === "to" || name === "filter") {
    state[name] = value;
  } else if (name === "from") {
    state.from = value;
    keepPair(config, state);
  }
}

/**
 * Opens the page with the map of other areas: the layer stays; the view and the place do not.
 *
 * @param {string} areas - the slug of a set of zones, or nothing for territories
 */
function openAreas(areas) {
  const query = new URLSearchParams(location.search);
  query.delete("place");
  if (areas) query.set("areas", areas);
  else query.delete("areas");
  location.assign(`${location.pathname}${query.size ? `?${query}` : ""}`);
}

/**
 * @param {HTMLElement} card
 * @param {MapConfig} config
 * @param {MapState} state
 * @param {(how: { step: boolean }) => void} changed - `step`: whether Back shall undo the change
 * @returns {() => void} shows the state in the form
 */
export function connectControls(card, config, state, changed) {
  const form = findPart(card, "[data-map-tools]", HTMLFormElement);
  if (!form) return () => {};
  const show = () => showState(form, config, state);
  form.hidden = false;
  show();
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", ({ target: field }) => {
    if (!(field instanceof HTMLInputElement || field instanceof HTMLSelectElement)) return;
    if (field instanceof HTMLInputElement && field.type === "radio" && !field.checked) return;
    if (field.name === "areas") {
      openAreas(field.value);
      return;
    }
    take(config, state, field);
    show();
    changed({ step: field.name !== "opacity" });
  });
  return show;
}
