// The form of a file: dropped or chosen, refused before it travels where it is too large, sent with
// its progress.

import { part } from "../page/elements.js";
import { fileSize } from "../page/numbers.js";

class FileForm {
  #form;
  #input;
  #drop;
  #file;
  #trouble;
  #progress;
  #bar;
  #said;
  #send;
  /** @type {XMLHttpRequest | null} */
  #request = null;

  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.#form = form;
    this.#input = part(form, 'input[type="file"]', HTMLInputElement);
    this.#drop = part(form, "[data-drop]");
    this.#file = part(form, "[data-drop-file]");
    this.#trouble = part(form, "[data-upload-trouble]");
    this.#progress = part(form, "[data-upload-progress]");
    this.#bar = part(this.#progress, "progress", HTMLProgressElement);
    this.#said = part(form, "[data-upload-said]");
    this.#send = part(form, "[data-upload-send]", HTMLButtonElement);

    // The browser's own message about a missing file points at a field that is not seen.
    form.noValidate = true;
    part(form, "[data-drop-say]").hidden = false;
    this.#input.addEventListener("change", () => this.#check());
    this.#takeDrops();
    part(form, "[data-upload-stop]").addEventListener("click", () => this.#request?.abort());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  /** @param {string} [text] */
  #complain(text = "") {
    this.#trouble.textContent = text;
    this.#trouble.hidden = !text;
    this.#input.setAttribute("aria-invalid", String(Boolean(text)));
  }

  /** Shows the chosen file, and complains where it is too large. */
  #check() {
    const file = this.#input.files?.[0];
    this.#file.hidden = !file;
    this.#file.textContent = file ? `${file.name} · ${fileSize(file.size)}` : "";
    const { most, tooLarge } = this.#form.dataset;
    this.#complain(file && file.size > Number(most) ? tooLarge : "");
    return file;
  }

  #takeDrops() {
    const drop = this.#drop;
    drop.classList.add("drop--script");
    drop.addEventListener("dragover", (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      drop.classList.add("drop--over");
    });
    drop.addEventListener("dragleave", ({ relatedTarget }) => {
      const inside = relatedTarget instanceof Node && drop.contains(relatedTarget);
      if (!inside) drop.classList.remove("drop--over");
    });
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      drop.classList.remove("drop--over");
      const file = event.dataTransfer?.files[0];
      if (!file) return;
      const one = new DataTransfer();
      one.items.add(file);
      this.#input.files = one.files;
      this.#check();
    });
  }

  #submit() {
    if (this.#request) return;
    const file = this.#check();
    if (!file) this.#complain(this.#form.dataset.empty);
    if (!file || !this.#trouble.hidden) {
      this.#input.focus();
      return;
    }
    this.#request = this.#open();
    this.#bar.value = 0;
    this.#said.textContent = "";
    this.#progress.hidden = false;
    this.#send.disabled = true;
    this.#complain();
    this.#request.send(new FormData(this.#form));
  }

  #open() {
    const { waiting = "", broken, stopped } = this.#form.dataset;
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", ({ loaded, total, lengthComputable }) => {
      if (!lengthComputable) return;
      this.#bar.value = (100 * loaded) / total;
      this.#said.textContent =
        loaded < total ? `${fileSize(loaded)} / ${fileSize(total)}` : waiting;
    });
    request.addEventListener("load", () => this.#ended(request));
    request.addEventListener("error", () => this.#rest(broken));
    request.addEventListener("abort", () => this.#rest(stopped));
    request.open("POST", this.#form.action);
    return request;
  }

  /**
   * The answer is a page: that of the set, which is opened, or this one with what is wrong.
   *
   * @param {XMLHttpRequest} request
   */
  #ended({ status, responseURL, responseText }) {
    if (status === 200 && new URL(responseURL).pathname !== location.pathname) {
      location.assign(responseURL);
      return;
    }
    const page = new DOMParser().parseFromString(responseText, "text/html");
    const words = page.querySelector("[data-upload-error]")?.textContent?.trim();
    this.#rest(words || this.#form.dataset.failed);
  }

  /** @param {string} [text] - what went wrong */
  #rest(text) {
    this.#request = null;
    this.#progress.hidden = true;
    this.#send.disabled = false;
    this.#complain(text);
  }
}

/** @param {HTMLFormElement} form */
export function startFileForm(form) {
  new FileForm(form);
}
