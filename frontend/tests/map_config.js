// A configuration as the server writes it, and the colours of a page.

/** A fresh configuration: two editions of one product, and a modelled one. */
export function mapConfig(changes = {}) {
  const edition = (year, origin = "clcplus") => ({
    slug: `${origin}-${year}`,
    name: `CLC+ Backbone ${year}`,
    year: String(year),
    key: `share_${year}`,
    per_inhabitant: `people_${year}`,
    pending: `pending_${year}`,
    partly: `partly_${year}`,
    tiles: `/tiles/${year}/{z}/{x}/{y}.png`,
    tiles_twice: `/tiles/${year}/{z}/{x}/{y}@2x.png`,
    tile_maxzoom: 14,
    bounds: [4, 44, 5, 46],
  });
  const pair = (from, to, clear) => ({
    from,
    to,
    clear,
    key: `change_${from}_${to}`,
    asked: clear ? "" : "&across=1",
    tiles: `/change/${from}/${to}/{z}/{x}/{y}.png`,
    tiles_twice: `/change/${from}/${to}/{z}/{x}/{y}@2x.png`,
  });
  const accepted = (name) => ({
    tiles: `/change/${name}/{z}/{x}/{y}.png`,
    tiles_twice: `/change/${name}/{z}/{x}/{y}@2x.png`,
    patches: `/patches/${name}/{z}/{x}/{y}.mvt`,
  });
  const filters = { "0.25ha": accepted("0.25ha"), "0.5ha": accepted("0.5ha") };
  const level = (slug, zooms) => ({
    slug,
    name: slug,
    tiles: `/tiles/${slug}/{z}/{x}/{y}.mvt`,
    apart: false,
    tile_maxzoom: 12,
    ...zooms,
  });
  return {
    worker: "/static/worker.js",
    bounds: [4, 44, 5, 46],
    layer: "share",
    edition: "clcplus-2021",
    breaks: [0.02, 0.05, 0.1, 0.2, 0.4],
    change_breaks: [-0.5, -0.1, 0.1, 0.5, 1],
    per_inhabitant_breaks: [150, 300, 500, 800, 1500],
    pairs: [
      { ...pair("clcplus-2018", "clcplus-2021", "clear_2018_2021"), filters },
      pair("clcplus-2018", "modelled-2023", null),
      pair("clcplus-2021", "modelled-2023", null),
    ],
    pair: { from: "clcplus-2018", to: "clcplus-2021" },
    filter: "0.25ha",
    patches_from: 12,
    classes: { 1: "Sealed", 6: "Grassland" },
    levels: [
      level("department", { minzoom: 0, maxzoom: 8, names: 6, finest: false }),
      level("commune", { minzoom: 8, maxzoom: 24, names: 11, finest: true }),
    ],
    people: true,
    classes_from: 12.5,
    editions: [edition(2018), edition(2021), edition(2023, "modelled")],
    place: null,
    page: "/territories/LEVEL/CODE/",
    about: "/api/territories/LEVEL/CODE",
    basemap: null,
    attribution: "Synthetic data",
    words: {
      sealed: "sealed",
      not_observed: "not observed",
      not_in_both: "not observed in both",
      pending: "to be counted",
      partly: "{share} not observed in {year}",
      unknown: "not known",
      no_figure: "no figure",
      points: "pp",
      net: "net change",
      noise: "noise",
      across: "not comparable",
      per_inhabitant: "m² per inhabitant",
      gain: "newly sealed",
      loss: "no longer sealed",
      became: "{former} → {later}",
      wide: "up to {width} wide",
      confident: "mean confidence {confidence} of 100",
    },
    locale: {},
    ...changes,
  };
}

export const PAINT = {
  ink: "#111111",
  soft: "#555555",
  paper: "#ffffff",
  ground: "#eeeeee",
  none: "#dddddd",
  noise: "#444444",
  accent: "#0055aa",
  warning: "#aa5500",
  error: "#aa0000",
  ramp: ["#000001", "#000002", "#000003", "#000004", "#000005", "#000006"],
  change: ["#000011", "#000012", "#000013", "#000014", "#000015", "#000016"],
  dark: false,
};
