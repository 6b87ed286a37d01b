// The header of every page: its search field and its menu, and other fields with suggestions.

import { closeByItself } from "./header/menu.js";
import { Suggestions } from "./header/suggestions.js";

/** @type {NodeListOf<HTMLElement>} */
const searches = document.querySelectorAll("[data-suggest]");
for (const root of searches) new Suggestions(root);

/** @type {HTMLDetailsElement | null} */
const menu = document.querySelector(".site-menu");
if (menu) closeByItself(menu);
