// The way to a page's other languages. The map writes what it shows into the address after the page
// was sent: the links take along what stands there when they are followed.

for (const link of document.querySelectorAll("a[data-language]")) {
  const follow = () => {
    link.search = location.search;
    link.hash = location.hash;
  };
  for (const event of ["pointerdown", "click"]) link.addEventListener(event, follow);
}

// A reader whose browser prefers another of our languages is offered it. Decided here, so that the
// page is the same for everybody.
const primary = (tag) => tag.toLowerCase().split("-")[0];
const current = primary(document.documentElement.lang);
const offers = [...document.querySelectorAll("[data-language-offer]")];
const known = new Set([current, ...offers.map((offer) => offer.dataset.languageOffer)]);
const preferred = navigator.languages.map(primary).find((tag) => known.has(tag));
for (const offer of offers) offer.hidden = offer.dataset.languageOffer !== preferred;
