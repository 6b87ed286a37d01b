// Addresses that the server has written with LEVEL and CODE in the place of a territory's own.

export const wordedPlace = (address, level, code) =>
  address.replace("LEVEL", encodeURIComponent(level)).replace("CODE", encodeURIComponent(code));

export const pageOf = (config, level, code) => wordedPlace(config.page, level, code);
