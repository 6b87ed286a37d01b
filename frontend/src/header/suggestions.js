// Suggestions under a search field: an editable combobox with a list (ARIA 1.2). The server writes
// the options in the language of the page, each with the address of its page.

const WAIT_MS = 120;
const BLUR_MS = 150;

/**
 * @param {ParentNode} root
 * @param {string} selector
 */
const part = (root, selector) => /** @type {HTMLElement} */ (root.querySelector(selector));

export class Suggestions {
  /** @type {HTMLElement[]} */
  #options = [];
  #active = -1; // the place of an option in the list; -1 is the field itself
  #timer = 0;
  /** @type {AbortController | null} */
  #request = null;

  #root;
  #input;
  #list;
  #message;
  #status;

  /** @param {HTMLElement} root - with the address of suggestions in `data-suggest` */
  constructor(root) {
    this.#root = root;
    this.#input = /** @type {HTMLInputElement} */ (part(root, "input[type=search]"));
    this.#list = part(root, "[role=listbox]");
    this.#message = part(root, "[data-message]");
    this.#status = part(root, "[role=status]");
    this.#input.setAttribute("role", "combobox");
    this.#input.setAttribute("aria-autocomplete", "list");
    this.#input.setAttribute("aria-controls", this.#list.id);
    this.#input.setAttribute("aria-expanded", "false");
    this.#input.addEventListener("input", () => this.#ask());
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    this.#input.addEventListener("blur", () => setTimeout(() => this.#close(), BLUR_MS));
    // The field keeps the focus: a press on an option only chooses it.
    this.#list.addEventListener("mousedown", (event) => event.preventDefault());
    this.#list.addEventListener("click", ({ target }) => {
      const option = target instanceof Element && target.closest("[role=option]");
      if (option instanceof HTMLElement) this.#choose(option);
    });
  }

  #ask(wait = WAIT_MS) {
    clearTimeout(this.#timer);
    this.#request?.abort();
    const text = this.#input.value.trim();
    if (!text) {
      this.#close();
      this.#say("");
      return;
    }
    this.#timer = setTimeout(() => this.#fetch(text), wait);
  }

  /** @param {string} text */
  async #fetch(text) {
    this.#request = new AbortController();
    const { signal } = this.#request;
    const { suggest = "", failed = "", offline = "" } = this.#root.dataset;
    const url = new URL(suggest, location.href);
    url.searchParams.set("q", text);
    try {
      const response = await fetch(url, { signal });
      if (!response.ok) throw new Error(String(response.status));
      const answer = await response.text();
      // Meanwhile the reader has typed something else, or left the field.
      if (this.#input.value.trim() !== text || document.activeElement !== this.#input) return;
      this.#show(answer);
    } catch {
      if (signal.aborted) return;
      // The form still leads to the page of results.
      this.#close();
      this.#report(navigator.onLine ? failed : offline);
    }
  }

  /** @param {string} answer - options as HTML */
  #show(answer) {
    const template = document.createElement("template");
    template.innerHTML = answer;
    const content = template.content;
    const said = part(content, "[data-said]");
    const none = content.querySelector("[data-none]");
    said.remove();
    none?.remove();
    if (this.#root.dataset.choose) {
      content.querySelector("[data-all]")?.remove();
      // A set of zones leads to a page, and is no place to choose.
      content.querySelector("[data-sets]")?.remove();
    }
    this.#close();
    /** @type {NodeListOf<HTMLElement>} */
    const options = content.querySelectorAll("[role=option]");
    this.#options = [...options];
    for (const [index, option] of this.#options.entries()) {
      option.id = `${this.#list.id}-${index}`;
    }
    for (const [index, group] of content.querySelectorAll("[role=group]").entries()) {
      const label = /** @type {Element} */ (group.firstElementChild);
      label.id = `${this.#list.id}-level-${index}`;
      group.setAttribute("aria-labelledby", label.id);
    }
    if (none) {
      this.#report(none.textContent ?? "");
      return;
    }
    this.#list.replaceChildren(content);
    this.#list.scrollTop = 0;
    this.#list.hidden = false;
    this.#input.setAttribute("aria-expanded", "true");
    this.#say(said.textContent ?? "");
  }

  /**
   * Shows a message in place of the list, also to a screen reader.
   *
   * @param {string} text
   */
  #report(text) {
    this.#message.textContent = text;
    this.#message.hidden = false;
    this.#say(text);
  }

  /** @param {string} text - for a screen reader */
  #say(text) {
    this.#status.textContent = text;
  }

  /** @param {number} place */
  #activate(place) {
    this.#options[this.#active]?.setAttribute("aria-selected", "false");
    this.#active = place;
    const option = this.#options[place];
    if (!option) {
      this.#input.removeAttribute("aria-activedescendant");
      return;
    }
    option.setAttribute("aria-selected", "true");
    this.#input.setAttribute("aria-activedescendant", option.id);
    // With the first option, the name of its level shows as well.
    if (place === 0) this.#list.scrollTop = 0;
    else option.scrollIntoView({ block: "nearest" });
  }

  /** @param {1 | -1} step */
  #move(step) {
    const places = this.#options.length + 1;
    this.#activate(((this.#active + 1 + step + places) % places) - 1);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.isComposing) return;
    const open = !this.#list.hidden;
    const option = this.#options[this.#active];
    switch (event.key) {
      case "ArrowDown":
      case "ArrowUp":
        if (!open) this.#ask(0);
        else if (!event.altKey) this.#move(event.key === "ArrowDown" ? 1 : -1);
        else if (event.key === "ArrowUp") this.#close();
        break;
      case "Home":
      case "End":
        // They move within the text, until an option is active.
        if (!open || !option) return;
        this.#activate(event.key === "Home" ? 0 : this.#options.length - 1);
        break;
      case "Escape":
        if (!open && this.#message.hidden) return;
        this.#close();
        break;
      case "Enter":
        if (!open || !option) return;
        this.#choose(option);
        break;
      case "Tab":
        this.#close();
        return;
      default:
        return;
    }
    event.preventDefault();
  }

  /** @param {HTMLElement} option */
  #choose(option) {
    this.#close();
    const name = this.#root.dataset.choose;
    const { page = "", place = "" } = option.dataset;
    if (!name) {
      // A map on the page may take the place, and go there.
      const chosen = new CustomEvent("place-chosen", { cancelable: true, detail: place });
      if (!place || document.dispatchEvent(chosen)) location.assign(page);
      return;
    }
    // The form sends the place itself instead of what was typed.
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = name;
    field.value = place;
    this.#input.removeAttribute("name");
    this.#input.form?.append(field);
    this.#input.form?.submit();
  }

  #close() {
    clearTimeout(this.#timer);
    this.#list.hidden = true;
    this.#message.hidden = true;
    this.#active = -1;
    for (const option of this.#options) option.setAttribute("aria-selected", "false");
    this.#input.setAttribute("aria-expanded", "false");
    this.#input.removeAttribute("aria-activedescendant");
  }
}
