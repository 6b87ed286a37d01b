// Suggestions under the search field: the combobox pattern of WAI-ARIA, results by level.

const WAIT_MS = 120;
const LIMIT = 12;

class Suggestions {
  constructor(root) {
    this.root = root;
    this.input = root.querySelector("input[type=search]");
    this.list = root.querySelector("[role=listbox]");
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
    this.input.addEventListener("focus", () => this.input.value.trim() && this.ask());
    this.input.addEventListener("blur", () => setTimeout(() => this.close(), 120));
  }

  ask() {
    clearTimeout(this.timer);
    const text = this.input.value.trim();
    if (!text) {
      this.request?.abort();
      this.close();
      return;
    }
    this.timer = setTimeout(() => this.fetch(text), WAIT_MS);
  }

  async fetch(text) {
    this.request?.abort();
    this.request = new AbortController();
    const url = new URL(this.root.dataset.suggest, location.href);
    url.searchParams.set("search", text);
    url.searchParams.set("page_size", String(LIMIT));
    try {
      const response = await fetch(url, {
        signal: this.request.signal,
        headers: { Accept: "application/json" },
      });
      if (!response.ok) throw new Error(String(response.status));
      const answer = await response.json();
      if (this.input.value.trim() === text) this.show(answer.results.slice(0, LIMIT));
    } catch (error) {
      // The form still leads to the page of results.
      if (error.name !== "AbortError") this.close();
    }
  }

  show(results) {
    this.list.replaceChildren();
    this.options = [];
    this.active = -1;
    this.input.removeAttribute("aria-activedescendant");
    const groups = new Map();
    for (const result of results) {
      const title = result.level_name ?? result.level;
      if (!groups.has(title)) groups.set(title, []);
      groups.get(title).push(result);
    }
    let number = 0;
    for (const [title, members] of groups) this.list.append(this.group(title, members, number++));
    if (!results.length) {
      const none = document.createElement("div");
      none.className = "suggestions__none";
      none.textContent = this.root.dataset.none;
      this.list.append(none);
    }
    this.status.textContent = results.length
      ? this.root.dataset.found.replace("%s", String(results.length))
      : this.root.dataset.none;
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", String(results.length > 0));
  }

  group(title, members, number) {
    const group = document.createElement("div");
    const label = document.createElement("div");
    group.setAttribute("role", "group");
    label.id = `${this.list.id}-level-${number}`;
    label.className = "suggestions__level";
    label.setAttribute("role", "presentation");
    label.textContent = title;
    group.setAttribute("aria-labelledby", label.id);
    group.append(label, ...members.map((member) => this.option(member)));
    return group;
  }

  option(result) {
    const option = document.createElement("div");
    option.id = `${this.list.id}-${this.options.length}`;
    option.className = "suggestions__option";
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    const name = document.createElement("span");
    const detail = document.createElement("small");
    name.textContent = result.name;
    detail.textContent = [result.code, result.parent_name].filter(Boolean).join(" · ");
    option.append(name, detail);
    option.dataset.page = this.root.dataset.page
      .replace("LEVEL", encodeURIComponent(result.level))
      .replace("CODE", encodeURIComponent(result.code));
    option.addEventListener("mousedown", (event) => event.preventDefault());
    option.addEventListener("click", () => this.open(option));
    this.options.push(option);
    return option;
  }

  move(step) {
    if (!this.options.length) return;
    this.options[this.active]?.setAttribute("aria-selected", "false");
    // One place before the first option is the field itself.
    const places = this.options.length + 1;
    this.active = ((this.active + 1 + step + places) % places) - 1;
    const option = this.options[this.active];
    if (!option) {
      this.input.removeAttribute("aria-activedescendant");
      return;
    }
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", option.id);
  }

  key(event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (this.list.hidden) this.ask();
      else this.move(event.key === "ArrowDown" ? 1 : -1);
      event.preventDefault();
    } else if (event.key === "Escape" && !this.list.hidden) {
      this.close();
      event.preventDefault();
    } else if (event.key === "Enter" && this.options[this.active]) {
      this.open(this.options[this.active]);
      event.preventDefault();
    }
  }

  open(option) {
    this.close();
    location.assign(option.dataset.page);
  }

  close() {
    this.list.hidden = true;
    this.active = -1;
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
