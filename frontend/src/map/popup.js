// What the pointer is over: the territory's outline and a card with its name and figure.

import { Popup } from "maplibre-gl";
import { pageOf } from "./pages.js";
import { valueOf } from "./shading.js";
import { fillOf } from "./style.js";

const hovers = matchMedia("(hover: hover)");

function element(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

function card(config, level, properties, state, withLink) {
  const box = document.createElement("div");
  box.className = "map-popup";
  box.append(element("strong", properties.name));
  const { figure, unit, remark, missing, vintage } = valueOf(config, state, properties);
  if (missing) box.append(element("span", missing));
  else box.append(element("b", figure), ` ${unit}`);
  if (remark) box.append(element("small", remark));
  box.append(element("small", `${level.name} ${properties.code} · ${vintage}`));
  if (withLink) {
    const link = element("a", config.words.open);
    link.href = pageOf(config, level.slug, properties.code);
    box.append(link);
  }
  return box;
}

export function followPointer(map, config, state) {
  const popup = new Popup({
    closeButton: false,
    closeOnClick: false,
    maxWidth: "17rem",
    offset: 12,
  });
  let hovered = null;

  function mark(next) {
    if (hovered?.id === next?.id && hovered?.source === next?.source) return;
    if (hovered && map.getSource(hovered.source)) map.setFeatureState(hovered, { hover: false });
    hovered = next;
    if (hovered) map.setFeatureState(hovered, { hover: true });
  }

  function found(point) {
    const layers = config.levels
      .flatMap((level) => [fillOf(level), `${fillOf(level)}-none`, `${fillOf(level)}-pending`])
      .filter((id) => map.getLayer(id));
    const feature = map.queryRenderedFeatures(point, { layers })[0];
    if (!feature) return null;
    return { feature, level: config.levels.find(({ slug }) => slug === feature.source) };
  }

  function show(event, withLink) {
    const hit = found(event.point);
    map.getCanvas().style.cursor = hit && !withLink ? "pointer" : "";
    if (!hit) {
      mark(null);
      popup.remove();
      return;
    }
    const { feature, level } = hit;
    mark({ source: feature.source, sourceLayer: "territories", id: feature.id });
    popup
      .setLngLat(event.lngLat)
      .setDOMContent(card(config, level, feature.properties, state, withLink))
      .addTo(map);
  }

  map.on("mousemove", (event) => {
    if (hovers.matches) show(event, false);
  });
  map.on("mouseout", () => {
    mark(null);
    popup.remove();
  });
  map.on("click", (event) => {
    if (!hovers.matches) {
      show(event, true);
      return;
    }
    const hit = found(event.point);
    if (hit) location.assign(pageOf(config, hit.level.slug, hit.feature.properties.code));
  });
}
