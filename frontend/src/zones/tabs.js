// Links to sections become tabs. The chosen one stands in the address, so that a link leads to it.

export function startWays(shown) {
  const nav = document.querySelector("[data-ways]");
  const list = nav.querySelector("ul");
  const links = [...nav.querySelectorAll("a")];
  const panels = links.map((link) => document.querySelector(link.getAttribute("href")));

  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", nav.getAttribute("aria-label"));
  nav.removeAttribute("aria-label");
  nav.setAttribute("role", "presentation");
  nav.classList.add("ways--tabs");
  links.forEach((link, index) => {
    link.parentElement.setAttribute("role", "presentation");
    link.setAttribute("role", "tab");
    link.id = `${panels[index].id}-tab`;
    link.setAttribute("aria-controls", panels[index].id);
    panels[index].setAttribute("role", "tabpanel");
    panels[index].setAttribute("aria-labelledby", link.id);
    panels[index].classList.add("way--tab");
  });

  const choose = (index, focus = false) => {
    links.forEach((link, at) => {
      link.setAttribute("aria-selected", String(at === index));
      link.tabIndex = at === index ? 0 : -1;
      panels[at].hidden = at !== index;
    });
    if (focus) links[index].focus();
    shown(panels[index].dataset.way);
  };
  const follow = (index, focus) => {
    history.replaceState(null, "", links[index].hash);
    choose(index, focus);
  };
  links.forEach((link, index) => {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      follow(index);
    });
    link.addEventListener("keydown", ({ key }) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
      if (step) follow((index + step + links.length) % links.length, true);
    });
  });
  for (const link of document.querySelectorAll("[data-way-link]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      follow(
        panels.findIndex(({ dataset }) => dataset.way === link.dataset.wayLink),
        true,
      );
    });
  }
  const named = links.findIndex(({ hash }) => hash === location.hash);
  const sent = panels.findIndex(({ dataset }) => dataset.way === nav.dataset.chosen);
  choose(named >= 0 ? named : Math.max(sent, 0));
}
