// Links to sections become tabs. The address holds the chosen one, so that a link can lead to it.

import { part, parts } from "../page/elements.js";

/** @type {Record<string, number>} */
const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

/** @param {(way: string | undefined) => void} shown - called with the way of the chosen section */
export function startTabs(shown) {
  const nav = part(document, "[data-ways]");
  const list = part(nav, "ul");
  const tabs = parts(nav, "a", HTMLAnchorElement).map((link) => ({
    link,
    panel: part(document, link.hash),
  }));

  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", nav.getAttribute("aria-label") ?? "");
  nav.removeAttribute("aria-label");
  nav.setAttribute("role", "presentation");
  nav.classList.add("ways--tabs");
  for (const { link, panel } of tabs) {
    link.parentElement?.setAttribute("role", "presentation");
    link.setAttribute("role", "tab");
    link.id = `${panel.id}-tab`;
    link.setAttribute("aria-controls", panel.id);
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", link.id);
    panel.classList.add("way--tab");
  }

  /** @param {number} chosen */
  const choose = (chosen) => {
    for (const [index, { link, panel }] of tabs.entries()) {
      link.setAttribute("aria-selected", String(index === chosen));
      link.tabIndex = index === chosen ? 0 : -1;
      panel.hidden = index !== chosen;
    }
    shown(tabs[chosen]?.panel.dataset.way);
  };
  /**
   * @param {number} index
   * @param {{ focus: boolean }} how
   */
  const follow = (index, { focus }) => {
    const tab = tabs[index];
    if (!tab) return;
    history.replaceState(null, "", tab.link.hash);
    choose(index);
    if (focus) tab.link.focus();
  };
  for (const [index, { link }] of tabs.entries()) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      follow(index, { focus: false });
    });
    link.addEventListener("keydown", ({ key }) => {
      const step = STEPS[key];
      if (step) follow((index + step + tabs.length) % tabs.length, { focus: true });
    });
  }
  for (const link of parts(document, "[data-way-link]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const index = tabs.findIndex(({ panel }) => panel.dataset.way === link.dataset.wayLink);
      follow(index, { focus: true });
    });
  }
  const named = tabs.findIndex(({ link }) => link.hash === location.hash);
  const sent = tabs.findIndex(({ panel }) => panel.dataset.way === nav.dataset.chosen);
  choose(named >= 0 ? named : Math.max(sent, 0));
}
