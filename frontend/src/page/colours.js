// The page's colours, read from its custom properties, so that the map follows the colour scheme.

const NAMES = {
  ink: "--ink",
  soft: "--soft",
  paper: "--paper",
  ground: "--sunken",
  line: "--line-strong",
  none: "--ramp-none",
  accent: "--accent",
};

export function colours() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  const found = Object.fromEntries(Object.entries(NAMES).map(([key, name]) => [key, read(name)]));
  found.ramp = [1, 2, 3, 4, 5, 6].map((step) => read(`--ramp-${step}`));
  found.change = [1, 2, 3, 4, 5, 6].map((step) => read(`--change-${step}`));
  found.noise = read("--change-noise");
  return found;
}

// Calls back whenever the scheme changes between light and dark.
export function onSchemeChange(callback) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", callback);
}

// A square of diagonal lines that tiles without a seam. Rising on a ground it stands for "not
// observed"; falling and without a ground, over a colour, for "not distinguishable from noise".
export function hatch(ground, line, falling = false) {
  const size = 16;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  const context = canvas.getContext("2d");
  if (ground) {
    context.fillStyle = ground;
    context.fillRect(0, 0, size, size);
  }
  if (falling) context.transform(-1, 0, 0, 1, size, 0);
  context.strokeStyle = line;
  context.lineWidth = falling ? 3 : 2;
  for (const offset of [-size, 0, size]) {
    context.beginPath();
    context.moveTo(offset - 2, size + 2);
    context.lineTo(offset + size + 2, -2);
    context.stroke();
  }
  return context.getImageData(0, 0, size, size);
}
