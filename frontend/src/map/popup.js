// What the pointer is over: the territory's outline and a card with its name and figure.

/** @import { Map as MapLibreMap, MapMouseEvent, Point } from "maplibre-gl" */
/** @import { Level, MapConfig } from "./config.js" */
/** @import { Properties } from "./shading.js" */
/** @import { MapState } from "./state.js" */

import { Popup } from "maplibre-gl";
import { pageOf } from "./links.js";
import { patchAt, patchInWords } from "./patches.js";
import { figureOf } from "./shading.js";
import { pointedLayers, TERRITORIES } from "./territory_layers.js";

const hovers = matchMedia("(hover: hover)");

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} [text]
 */
function element(tag, text = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

/**
 * @param {MapConfig} config
 * @param {MapState} state
 * @param {Level} level
 * @param {Properties} properties
 */
function card(config, state, level, properties) {
  const box = document.createElement("div");
  box.className = "map-popup";
  box.append(element("strong", String(properties.name)));
  const { figure, unit, remark, missing, vintage } = figureOf(config, state, properties);
  if (missing) box.append(element("span", missing));
  else box.append(element("b", figure), ` ${unit}`);
  if (remark) box.append(element("small", remark));
  box.append(element("small", `${level.name} ${properties.code} · ${vintage}`));
  return box;
}

/**
 * @param {MapConfig} config
 * @param {MapState} state
 * @param {Properties} properties - of a patch
 */
function patchCard(config, state, properties) {
  const said = patchInWords(config, state, properties);
  const box = document.createElement("div");
  box.className = "map-popup map-popup--patch";
  box.append(element("strong", said.title), element("b", said.area));
  box.append(element("span", said.classes), element("small", said.width));
  if (said.confidence) box.append(element("small", said.confidence));
  box.append(element("small", said.vintage));
  return box;
}

/**
 * Shows a card under a mouse. With touch, a tap shows the card, and its link leads to the page.
 * A click on a patch of change shows a card that stays, with a link to the page of its territory.
 *
 * @param {MapLibreMap} map
 * @param {MapConfig} config
 * @param {MapState} state
 */
export function followPointer(map, config, state) {
  const popup = new Popup({
    closeButton: false,
    closeOnClick: false,
    maxWidth: "17rem",
    offset: 12,
  });
  const pinned = new Popup({ closeOnClick: false, maxWidth: "17rem", offset: 6 });
  /** @typedef {{ source: string, sourceLayer: string, id: string | number | undefined }} Hovered */
  /** @type {Hovered | null} */
  let hovered = null;

  /** @param {Hovered | null} next */
  function mark(next) {
    if (hovered?.id === next?.id && hovered?.source === next?.source) return;
    if (hovered && map.getSource(hovered.source)) map.setFeatureState(hovered, { hover: false });
    hovered = next;
    if (hovered) map.setFeatureState(hovered, { hover: true });
  }

  /** @param {Point} point */
  function found(point) {
    const layers = config.levels.flatMap(pointedLayers).filter((id) => map.getLayer(id));
    const [feature] = map.queryRenderedFeatures(point, { layers });
    const level = config.levels.find(({ slug }) => slug === feature?.source);
    if (!feature || !level) return null;
    const place = { level: level.slug, code: String(feature.properties.code) };
    return { feature, level, page: pageOf(config, place) };
  }

  /**
   * @param {MapMouseEvent} event
   * @param {{ linked: boolean }} how - whether the card holds a link to the territory's page
   */
  function show(event, { linked }) {
    const hit = found(event.point);
    map.getCanvas().style.cursor = hit && !linked ? "pointer" : "";
    if (!hit || pinned.isOpen()) {
      hide();
      return;
    }
    const { feature, level } = hit;
    mark({ source: feature.source, sourceLayer: TERRITORIES, id: feature.id });
    const content = card(config, state, level, feature.properties);
    if (linked) {
      const link = element("a", config.words.open);
      link.href = hit.page;
      content.append(link);
    }
    popup.setLngLat(event.lngLat).setDOMContent(content).addTo(map);
  }

  function hide() {
    mark(null);
    popup.remove();
  }

  map.on("mousemove", (event) => {
    if (hovers.matches) show(event, { linked: false });
  });
  map.on("mouseout", hide);
  // What it is about may not be shown any more.
  map.on("styledata", () => {
    if (pinned.isOpen() && state.layer !== "gain") pinned.remove();
  });
  /**
   * @param {MapMouseEvent} event
   * @returns {boolean} whether a patch is there
   */
  function pin(event) {
    const patch = patchAt(map, event.point);
    if (!patch) return false;
    hide();
    const content = patchCard(config, state, patch);
    const hit = found(event.point);
    if (hit) {
      const link = element("a", String(hit.feature.properties.name));
      link.href = hit.page;
      content.append(link);
    }
    pinned.setLngLat(event.lngLat).setDOMContent(content).addTo(map);
    return true;
  }

  map.on("click", (event) => {
    if (pin(event)) return;
    if (pinned.isOpen()) {
      pinned.remove();
      return;
    }
    if (!hovers.matches) {
      show(event, { linked: true });
      return;
    }
    const hit = found(event.point);
    if (hit) location.assign(hit.page);
  });
}
