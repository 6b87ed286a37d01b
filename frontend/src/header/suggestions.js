// Suggestions under a search field: an editable combobox with a list (ARIA 1.2). The server writes
// the options, in the language of the page, and where each of them leads.

const WAIT_MS = 120;
const BLUR_MS = 150;

class Suggestions {
  constructor(root) {
    this.root = root;
    this.input = root.querySelector("input[type=search]");
    this.list = root.querySelector("[role=listbox]");
    this.message = root.querySelector("[data-message]");
    this.status = root.querySelector("[role=status]");
    this.options = [];
    this.active = -1;
    this.timer = 0;
    this.request = null;
    this.input.setAttribute("role", "combobox");
    this.input.setAttribute("aria-autocomplete", "list");
    this.input.setAttribute("aria-controls", this.list.id);
    this.input.setAttribute("aria-expanded", "false");
    this.input.addEventListener("input", () => this.ask());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => setTimeout(() => this.close(), BLUR_MS));
    // The field keeps the focus: a press on an option only chooses it.
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.choose(option);
    });
  }

  ask(wait = WAIT_MS) {
    clearTimeout(this.timer);
    this.request?.abort();
    const text = this.input.value.trim();
    if (!text) {
      this.close();
      this.say("");
      return;
    }
    this.timer = setTimeout(() => this.fetch(text), wait);
  }

  async fetch(text) {
    this.request = new AbortController();
    const url = new URL(this.root.dataset.suggest, location.href);
    url.searchParams.set("q", text);
    try {
      const response = await fetch(url, { signal: this.request.signal });
      if (!response.ok) throw new Error(String(response.status));
      const answer = await response.text();
      // Meanwhile something else was typed, or the field was left.
      if (this.input.value.trim() !== text || document.activeElement !== this.input) return;
      this.show(answer);
    } catch (error) {
      if (error.name === "AbortError") return;
      // The form still leads to the page of results.
      this.close();
      this.tell(navigator.onLine ? this.root.dataset.failed : this.root.dataset.offline);
    }
  }

  show(answer) {
    const template = document.createElement("template");
    template.innerHTML = answer;
    const content = template.content;
    const said = content.querySelector("[data-said]");
    const none = content.querySelector("[data-none]");
    said.remove();
    none?.remove();
    if (this.root.dataset.choose) {
      content.querySelector("[data-all]")?.remove();
      // A set of zones leads to a page, and is no place to choose.
      content.querySelector("[data-sets]")?.remove();
    }
    this.close();
    this.options = [...content.querySelectorAll("[role=option]")];
    this.options.forEach((option, at) => (option.id = `${this.list.id}-${at}`));
    content.querySelectorAll("[role=group]").forEach((group, at) => {
      const label = group.firstElementChild;
      label.id = `${this.list.id}-level-${at}`;
      group.setAttribute("aria-labelledby", label.id);
    });
    if (none) {
      this.tell(none.textContent);
      return;
    }
    this.list.replaceChildren(content);
    this.list.scrollTop = 0;
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.say(said.textContent);
  }

  // A message in place of the list: seen, and heard.
  tell(text) {
    this.message.textContent = text;
    this.message.hidden = false;
    this.say(text);
  }

  say(text) {
    this.status.textContent = text;
  }

  // Place -1 is the field itself.
  activate(place) {
    this.options[this.active]?.setAttribute("aria-selected", "false");
    this.active = place;
    const option = this.options[place];
    if (!option) {
      this.input.removeAttribute("aria-activedescendant");
      return;
    }
    option.setAttribute("aria-selected", "true");
    this.input.setAttribute("aria-activedescendant", option.id);
    // With the first option the name of its level is to be seen as well.
    if (place === 0) this.list.scrollTop = 0;
    else option.scrollIntoView({ block: "nearest" });
  }

  move(step) {
    const places = this.options.length + 1;
    this.activate(((this.active + 1 + step + places) % places) - 1);
  }

  key(event) {
    if (event.isComposing) return;
    const open = !this.list.hidden;
    switch (event.key) {
      case "ArrowDown":
      case "ArrowUp":
        if (!open) this.ask(0);
        else if (!event.altKey) this.move(event.key === "ArrowDown" ? 1 : -1);
        else if (event.key === "ArrowUp") this.close();
        break;
      case "Home":
      case "End":
        // Within the text as usual, until an option is active.
        if (!open || this.active < 0) return;
        this.activate(event.key === "Home" ? 0 : this.options.length - 1);
        break;
      case "Escape":
        if (!open && this.message.hidden) return;
        this.close();
        break;
      case "Enter":
        if (!open || this.active < 0) return;
        this.choose(this.options[this.active]);
        break;
      case "Tab":
        this.close();
        return;
      default:
        return;
    }
    event.preventDefault();
  }

  choose(option) {
    this.close();
    if (!this.root.dataset.choose) {
      // A map on the page may take it, and go there.
      const { page, place } = option.dataset;
      const chosen = new CustomEvent("place-chosen", { cancelable: true, detail: place });
      if (!place || document.dispatchEvent(chosen)) location.assign(page);
      return;
    }
    // The place itself goes with the form, in place of what was typed.
    const place = document.createElement("input");
    place.type = "hidden";
    place.name = this.root.dataset.choose;
    place.value = option.dataset.place;
    this.input.removeAttribute("name");
    this.input.form.append(place);
    this.input.form.submit();
  }

  close() {
    clearTimeout(this.timer);
    this.list.hidden = true;
    this.message.hidden = true;
    this.active = -1;
    for (const option of this.options) option.setAttribute("aria-selected", "false");
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}

for (const root of document.querySelectorAll("[data-suggest]")) new Suggestions(root);

// A press outside the phone's menu, or Escape, closes it.
const menu = document.querySelector(".site-menu");
if (menu) {
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}
