// One point after the other without a reload: the forms of the next points are fetched before they
// are wanted, with their imagery, and labels are sent while the interpreter goes on.

import { findPart, part, parts, setting } from "../page/elements.js";
import { LabelForm } from "./label_form.js";
import { Outbox } from "./outbox.js";

/** @import { Answer, Label, Progress } from "./outbox.js" */

/** Points that are fetched before they are wanted. */
const AHEAD = 2;
const AGAIN_MS = 2_000;
const PATIENCE_MS = 20_000;
const CONFLICT = 409;

/** @param {HTMLFormElement} form */
const numberOf = (form) => part(form, 'input[name="point"]', HTMLInputElement).value;

/** @param {number} milliseconds */
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

export class LabelSession {
  #address;
  #view;
  /** Forms in the order in which they were shown, and the place of the one that is shown. */
  #shown;
  #place = 0;
  /** @type {Promise<HTMLFormElement | null>[]} */
  #ahead = [];
  /** The numbers of the points whose forms are here, and images that are kept for them. */
  #known = new Set();
  /** @type {HTMLImageElement[]} */
  #images = [];
  #outbox;
  #notice;
  #key;
  #moving = false;
  /** @type {(() => void) | null} */
  #hurry = null;

  /** @param {HTMLFormElement} form - of the first point */
  constructor(form) {
    this.#address = form.action;
    this.#key = `labels-${setting(form, "sample")}-${setting(form, "interpreter")}`;
    this.#notice = part(document, "[data-unsent]");
    this.#shown = [form];
    this.#known.add(numberOf(form));
    this.#outbox = new Outbox({
      send: (label) => this.#post(label),
      kept: () => this.#kept(),
      keep: (labels) => this.#keep(labels),
      stored: (progress) => this.#showProgress(progress),
      refused: (label, reason) => this.#takeBack(label, reason),
      changed: (waiting, trouble) => this.#showUnsent(waiting, trouble),
      pause: (milliseconds) =>
        Promise.race([
          pause(milliseconds),
          new Promise((done) => {
            this.#hurry = () => done(undefined);
          }),
        ]),
    });
    part(this.#notice, "button", HTMLButtonElement).addEventListener("click", () =>
      this.#hurry?.(),
    );
    addEventListener("online", () => this.#hurry?.());
    addEventListener("beforeunload", (event) => {
      if (this.#outbox.waiting) event.preventDefault();
    });
    this.#view = this.#viewOf(form);
    this.#fetchAhead();
  }

  get #current() {
    const form = this.#shown[this.#place];
    if (!form) throw new Error("no form is shown");
    return form;
  }

  /** @param {HTMLFormElement} form */
  #viewOf(form) {
    const previous = part(form, "[data-previous]", HTMLAnchorElement);
    if (this.#place > 0) previous.hidden = false;
    return new LabelForm(form, { save: () => this.#save(), before: () => this.#back() });
  }

  async #save() {
    if (this.#moving) return;
    const form = this.#current;
    const fields = /** @type {[string, string][]} */ ([...new FormData(form)]);
    this.#outbox.add({ point: numberOf(form), fields });
    findPart(form, ".label__trouble")?.remove();
    await this.#forward();
  }

  /** Shows the newest point: of those whose forms are here, or the next. */
  async #forward() {
    const newest = this.#shown.length - 1;
    if (this.#place < newest) {
      this.#show(newest);
      return;
    }
    const form = this.#current;
    this.#moving = true;
    form.inert = true;
    const last = numberOf(form);
    const next = await (this.#ahead.shift() ?? this.#fetchAfter(last));
    if (!next) {
      // Nothing is left that is not here: the server says how it goes on, when it has all labels.
      await this.#outbox.idle();
      location.assign(`${this.#address}?after=${last}`);
      return;
    }
    form.inert = false;
    this.#moving = false;
    this.#shown.push(next);
    // A label that was refused meanwhile comes first.
    if (this.#current === form) this.#show(this.#shown.length - 1);
    this.#fetchAhead();
  }

  async #back() {
    if (this.#moving) return;
    if (this.#place > 0) {
      this.#show(this.#place - 1);
      return;
    }
    const address = this.#current.dataset.before;
    if (!address) return;
    this.#moving = true;
    await this.#outbox.idle();
    location.assign(address);
  }

  /** @param {number} place - of a form among those that were shown */
  #show(place) {
    const old = this.#current;
    const zoom = this.#view.zoom;
    this.#view.end();
    this.#place = place;
    const form = this.#current;
    const progress = [...part(old, "[data-progress]").childNodes];
    part(form, "[data-progress]").replaceChildren(...progress.map((node) => node.cloneNode(true)));
    old.replaceWith(form);
    this.#view = this.#viewOf(form);
    this.#view.zoom = zoom;
    document.title = setting(form, "title");
    history.replaceState(null, "", `${this.#address}?point=${numberOf(form)}`);
    scrollTo({ top: 0 });
  }

  #fetchAhead() {
    while (this.#ahead.length < AHEAD) {
      const last = this.#ahead.at(-1) ?? Promise.resolve(this.#shown.at(-1) ?? null);
      this.#ahead.push(last.then((form) => form && this.#fetchAfter(numberOf(form))));
    }
  }

  /**
   * The form of the point after one, with its imagery; null where nothing is left, or only points
   * whose forms are here. Tries until the server answers.
   *
   * @param {string} number
   */
  async #fetchAfter(number) {
    for (;;) {
      const found = await this.#fetchForm(`${this.#address}?after=${number}`);
      if (found === undefined) {
        await pause(AGAIN_MS);
        continue;
      }
      if (!found || this.#known.has(numberOf(found))) return null;
      this.#known.add(numberOf(found));
      for (const { href } of parts(found, "svg image", SVGImageElement)) {
        const image = new Image();
        image.src = href.baseVal;
        this.#images.push(image);
      }
      this.#images.splice(0, this.#images.length - 100);
      return found;
    }
  }

  /**
   * The form at an address; null where there is none, undefined where nothing answered.
   *
   * @param {string} address
   */
  async #fetchForm(address) {
    try {
      const response = await fetch(address, { headers: { Accept: "text/html" } });
      if (!response.ok) return undefined;
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const form = findPart(page, "[data-label]", HTMLFormElement);
      return form && document.adoptNode(form);
    } catch {
      return undefined;
    }
  }

  /**
   * @param {Label} label
   * @returns {Promise<Answer>}
   */
  async #post(label) {
    try {
      const response = await fetch(this.#address, {
        method: "POST",
        headers: { Accept: "application/json" },
        body: new URLSearchParams(label.fields),
        keepalive: true,
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
      const said = isJson ? await response.json() : {};
      if (response.ok && isJson) return { state: "stored", progress: said };
      const reason = String(said.trouble ?? "");
      if (isJson && response.status < 500 && response.status !== CONFLICT) {
        return { state: "refused", reason };
      }
      if (response.status === 403) await this.#renewToken(label);
      return { state: "unanswered", reason };
    } catch {
      return { state: "unanswered", reason: "" };
    }
  }

  /**
   * Gives a label the token of the account's present session: signing in anew makes a new one.
   *
   * @param {Label} label
   */
  async #renewToken(label) {
    const name = "csrfmiddlewaretoken";
    const form = await this.#fetchForm(`${this.#address}?point=${label.point}`);
    const token = form && findPart(form, `input[name="${name}"]`, HTMLInputElement)?.value;
    if (!token) return;
    for (const field of label.fields) if (field[0] === name) field[1] = token;
  }

  /**
   * Shows a label that the server refused, as it was sent, with the reason.
   *
   * @param {Label} label
   * @param {string} reason
   */
  async #takeBack(label, reason) {
    let place = this.#shown.findIndex((form) => numberOf(form) === label.point);
    if (place < 0) {
      const found = await this.#fetchForm(`${this.#address}?point=${label.point}`);
      if (!found) return false;
      fill(found, label.fields);
      this.#known.add(label.point);
      this.#shown.unshift(found);
      this.#place += 1;
      place = 0;
    }
    const form = this.#shown[place];
    if (!form) return false;
    findPart(form, ".label__trouble")?.remove();
    const said = document.createElement("p");
    said.className = "field__error label__trouble";
    said.role = "alert";
    said.textContent = reason;
    part(form, ".label__head").after(said);
    if (place !== this.#place) this.#show(place);
    return true;
  }

  /** @param {Progress} progress */
  #showProgress({ percent, text }) {
    const shown = part(document, "[data-progress]");
    part(shown, "[data-progress-text]").textContent = text;
    const bar = part(shown, "svg", SVGSVGElement);
    bar.setAttribute("aria-valuenow", String(percent));
    part(bar, ".progress__done", SVGElement).setAttribute("width", `${percent}%`);
  }

  /**
   * @param {number} waiting
   * @param {string | null} trouble - null where the last label was stored
   */
  #showUnsent(waiting, trouble) {
    this.#notice.hidden = !waiting || (trouble === null && this.#notice.hidden);
    const text = setting(this.#notice, "text").replace("{n}", String(waiting));
    part(this.#notice, "[data-unsent-text]").textContent = text;
    if (trouble !== null) part(this.#notice, "[data-unsent-reason]").textContent = trouble;
  }

  /** @returns {Label[]} */
  #kept() {
    try {
      const kept = JSON.parse(localStorage.getItem(this.#key) ?? "[]");
      return Array.isArray(kept) ? kept : [];
    } catch {
      return [];
    }
  }

  /** @param {Label[]} labels */
  #keep(labels) {
    try {
      if (labels.length) localStorage.setItem(this.#key, JSON.stringify(labels));
      else localStorage.removeItem(this.#key);
    } catch {
      // A browser may keep nothing: then the page alone holds them, and asks before it is left.
    }
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {[string, string][]} fields
 */
function fill(form, fields) {
  for (const [name, value] of fields) {
    for (const input of parts(form, `input[name="${CSS.escape(name)}"]`, HTMLInputElement)) {
      if (input.type === "radio") input.checked = input.value === value;
      else if (input.type === "text") input.value = value;
    }
  }
}
