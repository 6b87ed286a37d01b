// The form of a point: keys choose classes and move between the dates; imagery is zoomed.

import { findPart, part, parts, setting } from "../page/elements.js";
import { meaning } from "./keys.js";
import { noted, pace } from "./pace.js";

const ZOOMS = [2, 1, 0.5, 0.25];
const USUAL_ZOOM = 1;

/**
 * What a form leaves to the page: to store its label and go on, and to go back.
 * @typedef {{ save: () => void, before: () => void }} Steps
 */

export class LabelForm {
  #form;
  #steps;
  #ended = new AbortController();
  #dates;
  #active = 0;
  #zoom = USUAL_ZOOM;
  #help;
  #helpButton;
  #note;

  /**
   * @param {HTMLFormElement} form - in the page
   * @param {Steps} steps
   */
  constructor(form, steps) {
    this.#form = form;
    this.#steps = steps;
    this.#dates = parts(form, "[data-date]");
    this.#help = part(form, "[data-help]");
    this.#helpButton = part(form, "[data-help-button]", HTMLButtonElement);
    this.#note = part(form, "#note", HTMLInputElement);
    this.#helpButton.hidden = false;
    this.#showHelp(false);
    const { signal } = this.#ended;
    this.#helpButton.addEventListener("click", () => this.#showHelp(Boolean(this.#help.hidden)), {
      signal,
    });
    for (const [place, date] of this.#dates.entries()) {
      date.addEventListener("focusin", () => this.#activate(place), { signal });
    }
    document.addEventListener("keydown", (event) => this.#press(event), { signal });
    form.addEventListener(
      "submit",
      (event) => {
        event.preventDefault();
        this.#remember();
        steps.save();
      },
      { signal },
    );
    findPart(form, "[data-previous]", HTMLAnchorElement)?.addEventListener(
      "click",
      (event) => {
        event.preventDefault();
        steps.before();
      },
      { signal },
    );
    this.#activate(this.#firstOpen());
    this.#focus();
    this.#showPace();
  }

  /** Listens no more: another form takes its place. */
  end() {
    this.#ended.abort();
  }

  /** How near the imagery is, as a place in the list of zooms. */
  get zoom() {
    return this.#zoom;
  }

  set zoom(zoom) {
    this.#zoomBy(zoom - this.#zoom);
  }

  /** The first date without a class; the first of all where each has one. */
  #firstOpen() {
    return Math.max(
      this.#dates.findIndex((date) => !findPart(date, "input:checked")),
      0,
    );
  }

  /** @param {number} place */
  #activate(place) {
    this.#active = place;
    for (const [n, date] of this.#dates.entries()) {
      date.classList.toggle("label__date--active", n === place && this.#dates.length > 1);
    }
  }

  /** The date that keys act on. */
  #current() {
    const date = this.#dates[this.#active];
    if (!date) throw new Error("the page has no dates");
    return date;
  }

  #focus() {
    const date = this.#current();
    const chosen = findPart(date, "input:checked") ?? part(date, "input");
    chosen.focus({ preventScroll: true });
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (this.#form.inert) return; // the next point is on its way
    if (event.target === this.#note) {
      if (event.key === "Escape") this.#focus();
      return; // Enter in a field sends the form, as everywhere
    }
    const found = meaning(event);
    if (!found) return;
    // A button or a link does what it says.
    const onControl = event.target instanceof Element && event.target.closest("button, a, summary");
    if (found.what === "save" && onControl) return;
    event.preventDefault();
    if (event.repeat && (found.what === "save" || found.what === "before")) return;
    switch (found.what) {
      case "class":
        this.#choose(found.key);
        break;
      case "confidence":
        part(this.#form, `[data-confidence][value="${found.value}"]`, HTMLInputElement).checked =
          true;
        break;
      case "date":
        this.#activate((this.#active + found.step + this.#dates.length) % this.#dates.length);
        this.#focus();
        break;
      case "zoom":
        this.#zoomBy(found.step);
        break;
      case "same":
        this.#copy();
        break;
      case "save":
        this.#form.requestSubmit();
        break;
      case "before":
        this.#steps.before();
        break;
      case "note":
        this.#note.focus();
        break;
      case "help":
        this.#showHelp(Boolean(this.#help.hidden));
        break;
    }
  }

  /**
   * Chooses the class of a key at the active date, and goes on to a date that has none.
   *
   * @param {string} key
   */
  #choose(key) {
    const date = this.#current();
    const input = findPart(date, `input[data-key="${key}"]`, HTMLInputElement);
    if (!input) return;
    input.checked = true;
    const open = this.#dates.findIndex((other) => !findPart(other, "input:checked"));
    if (open >= 0) this.#activate(open);
    this.#focus();
  }

  /** Gives every date the class of the active one, or of the other where that has none. */
  #copy() {
    const chosen = [this.#current(), ...this.#dates]
      .map((date) => findPart(date, "input:checked", HTMLInputElement))
      .find(Boolean);
    if (!chosen) return;
    for (const date of this.#dates) {
      part(date, `input[value="${chosen.value}"]`, HTMLInputElement).checked = true;
    }
  }

  /** @param {number} step */
  #zoomBy(step) {
    this.#zoom = Math.min(Math.max(this.#zoom + step, 0), ZOOMS.length - 1);
    for (const drawing of parts(this.#form, "svg[data-half]", SVGSVGElement)) {
      const half = Number(drawing.dataset.half) * (ZOOMS[this.#zoom] ?? 1);
      drawing.setAttribute("viewBox", `${-half} ${-half} ${2 * half} ${2 * half}`);
    }
  }

  /** @param {boolean} shown */
  #showHelp(shown) {
    this.#help.hidden = !shown;
    this.#helpButton.setAttribute("aria-expanded", String(shown));
  }

  #key() {
    return `labels-${setting(this.#form, "sample")}`;
  }

  /** @returns {number[]} */
  #times() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(this.#key()) ?? "[]");
      return Array.isArray(kept) ? kept.filter((time) => typeof time === "number") : [];
    } catch {
      return [];
    }
  }

  #remember() {
    try {
      sessionStorage.setItem(this.#key(), JSON.stringify(noted(this.#times(), Date.now())));
    } catch {
      // A browser may keep nothing; then no pace is shown.
    }
  }

  #showPace() {
    const shown = part(this.#form, "[data-pace]");
    const found = pace(this.#times(), Date.now());
    if (found === null) return;
    const number = new Intl.NumberFormat(document.documentElement.lang, {
      maximumFractionDigits: found < 10 ? 1 : 0,
    });
    shown.textContent = setting(shown, "text").replace("{n}", number.format(found));
  }
}
