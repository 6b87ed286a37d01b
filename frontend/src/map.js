// The map of the home page and of a territory's page. What it shows is in its data-config.

import {
  AttributionControl,
  FullscreenControl,
  Map,
  NavigationControl,
  ScaleControl,
  setWorkerUrl,
} from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import "./map/map.css";
import { readState, writeState } from "./map/address.js";
import { colours, hatch, onSchemeChange } from "./map/colours.js";
import { connectControls, showLegend } from "./map/controls.js";
import { Coordinates } from "./map/coordinates.js";
import { keepNames } from "./map/names.js";
import { ChosenPlace, placesFrom } from "./map/place.js";
import { followPointer } from "./map/popup.js";
import { editionOf } from "./map/shading.js";
import { styleOf } from "./map/style.js";
import { Swipe } from "./map/swipe.js";
import { watchTiles } from "./map/trouble.js";
import { View, viewOf } from "./map/view.js";

function absolute(config) {
  const url = (path) => new URL(path, location.href).href.replace(/%7B/g, "{").replace(/%7D/g, "}");
  for (const level of config.levels) level.tiles = url(level.tiles);
  for (const raster of [...config.editions, ...config.pairs]) {
    raster.tiles = url(devicePixelRatio > 1.4 ? raster.tiles_twice : raster.tiles);
  }
  if (config.basemap) config.basemap.tiles = url(config.basemap.tiles);
  return config;
}

function start(element) {
  const config = absolute(JSON.parse(element.dataset.config));
  const state = readState(config);
  const card = element.closest("[data-map-card]");
  const placed = viewOf(location.hash);
  const fitting = { padding: config.place ? 40 : 24, maxZoom: 14.5 };
  setWorkerUrl(new URL(config.worker, location.href).href);

  const map = new Map({
    container: element.querySelector("[data-map-canvas]"),
    style: styleOf(config, state),
    ...(placed ?? { bounds: config.bounds, fitBoundsOptions: fitting }),
    minZoom: 3,
    maxZoom: 17,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    attributionControl: false,
    // Wheel and one finger scroll the page, as people expect where a map is part of one.
    cooperativeGestures: true,
    fadeDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 200,
    locale: config.locale,
  });
  const view = new View(map, config.bounds, fitting);
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.getCanvas().setAttribute("aria-label", config.words.map);
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new FullscreenControl({ container: card }), "top-right");
  // The last one added stands first.
  map.addControl(new Coordinates(config.words), "bottom-left");
  map.addControl(new ScaleControl({ maxWidth: 110 }), "bottom-left");
  map.addControl(
    new AttributionControl({ compact: false, customAttribution: config.attribution }),
    "bottom-right",
  );

  const addHatch = (one) => {
    const { none, soft, noise } = colours();
    if (one.hasImage("hatch")) one.removeImage("hatch");
    if (one.hasImage("noise")) one.removeImage("noise");
    one.addImage("hatch", hatch(none, soft), { pixelRatio: 2 });
    one.addImage("noise", hatch(null, noise, true), { pixelRatio: 2 });
  };
  const prepare = (one) => {
    one.setMissingStyleImageResolver((id) => {
      if (id === "hatch" || id === "noise") addHatch(one);
    });
  };
  prepare(map);

  const forgetNames = keepNames(map, config.levels);
  const swipe = new Swipe(map, config.words, prepare, (percent) => {
    state.swipe = percent;
    writeState(config, state);
  });
  const drawSwipe = () => {
    if (state.layer !== "swipe") {
      swipe.close();
      return;
    }
    swipe.show({
      style: styleOf(config, state, state.to),
      levels: config.levels,
      percent: state.swipe,
      left: editionOf(config, state.from).year,
      right: editionOf(config, state.to).year,
    });
  };
  const redraw = () => {
    element.dataset.state = "loading";
    map.setStyle(styleOf(config, state), { diff: true });
    forgetNames();
    drawSwipe();
  };
  map.on("idle", () => {
    element.dataset.state = "ready";
  });
  watchTiles(map, card, () => {
    element.dataset.state = "loading";
    // Made anew: MapLibre does not ask again for a tile that has failed.
    map.setStyle(styleOf(config, state), { diff: false });
    forgetNames();
    swipe.close();
    drawSwipe();
  });

  followPointer(map, config, state);
  const legend = () => showLegend(card, state, map.getZoom(), config);
  legend();
  drawSwipe();
  map.on("zoom", legend);
  const showForm = connectControls(card, config, state, (step) => {
    writeState(config, state, step);
    view.name();
    legend();
    redraw();
  });
  const chosen = new ChosenPlace({ map, view, config, card, left: () => choosePlace(null) });
  const choosePlace = (place, how = {}) => {
    state.place = place;
    writeState(config, state, true);
    redraw();
    chosen.show(place, how);
  };
  // A link that says where to look is followed there; without one, the place is gone to.
  chosen.show(state.place, { go: placed ? null : "jump" });
  if (!config.place) {
    document.addEventListener("place-chosen", (event) => {
      // What this map does not draw, such as a zone of a set, has a page of its own.
      if (!placesFrom(config, event.detail).length) return;
      event.preventDefault();
      card.scrollIntoView({ block: "nearest" });
      choosePlace(event.detail, { go: "fly", focus: true });
    });
  }
  // Back and forward: the view follows the hash by itself; the rest is here.
  addEventListener("popstate", () => {
    const before = JSON.stringify(state);
    Object.assign(state, readState(config));
    if (JSON.stringify(state) === before) return;
    chosen.show(state.place, { go: null });
    showForm();
    legend();
    redraw();
  });
  onSchemeChange(() => {
    addHatch(map);
    redraw();
  });
}

for (const element of document.querySelectorAll("[data-config]")) {
  try {
    start(element);
  } catch (error) {
    // Without WebGL the outline that the server drew stays.
    element.dataset.state = "unavailable";
    if (!element.querySelector(".locator")) {
      element.querySelector("[data-map-unavailable]").hidden = false;
    }
    console.warn(error);
  }
}
