// Links to a page's other languages. The map writes its state into the address after the page was
// sent: the links take it along when they are followed.

/** @type {NodeListOf<HTMLAnchorElement>} */
const links = document.querySelectorAll("a[data-language]");
for (const link of links) {
  const follow = () => {
    link.search = location.search;
    link.hash = location.hash;
  };
  for (const event of ["pointerdown", "click"]) link.addEventListener(event, follow);
}

/** @param {string | undefined} tag - as in `fr-CA` */
const primary = (tag = "") => tag.toLowerCase().split("-")[0];

// The page offers a reader the language of ours that the browser prefers. This is decided here, so
// that the page is the same for everybody.
/** @type {NodeListOf<HTMLElement>} */
const offers = document.querySelectorAll("[data-language-offer]");
const current = primary(document.documentElement.lang);
const known = new Set([current, ...[...offers].map((offer) => offer.dataset.languageOffer)]);
const preferred = navigator.languages.map(primary).find((tag) => known.has(tag));
for (const offer of offers) offer.hidden = offer.dataset.languageOffer !== preferred;
