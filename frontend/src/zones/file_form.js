// The form of a file: dropped or chosen, refused before it travels where it is too large, sent with
// its progress.

import { number } from "../map/numbers.js";

const MEGABYTE = 1e6;

export function startFileForm(form) {
  const find = (name) => form.querySelector(`[data-${name}]`);
  const input = form.querySelector('input[type="file"]');
  const drop = find("drop");
  const trouble = find("upload-trouble");
  const progress = find("upload-progress");
  const bar = progress.querySelector("progress");
  const said = find("upload-said");
  const send = find("upload-send");
  let request = null;

  // The browser's own words of a missing file point at a field that is not seen.
  form.noValidate = true;
  drop.classList.add("drop--script");
  find("drop-say").hidden = false;

  const complain = (text) => {
    trouble.textContent = text;
    trouble.hidden = !text;
    input.setAttribute("aria-invalid", String(Boolean(text)));
  };
  const written = (bytes) => `${number(bytes / MEGABYTE, bytes < MEGABYTE ? 2 : 1)} MB`;
  const check = () => {
    const [file] = input.files;
    const field = find("drop-file");
    field.hidden = !file;
    field.textContent = file ? `${file.name} · ${written(file.size)}` : "";
    complain(file && file.size > Number(form.dataset.most) ? form.dataset.tooLarge : "");
    return file;
  };
  input.addEventListener("change", check);

  drop.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    drop.classList.add("drop--over");
  });
  drop.addEventListener("dragleave", (event) => {
    if (!drop.contains(event.relatedTarget)) drop.classList.remove("drop--over");
  });
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("drop--over");
    if (!event.dataTransfer.files.length) return;
    const one = new DataTransfer();
    one.items.add(event.dataTransfer.files[0]);
    input.files = one.files;
    check();
  });

  const rest = (text = "") => {
    request = null;
    progress.hidden = true;
    send.disabled = false;
    complain(text);
  };
  find("upload-stop").addEventListener("click", () => request?.abort());

  // The answer is a page: that of the set, which is gone to, or this one with what is wrong.
  const ended = ({ status, responseURL, responseText }) => {
    if (status === 200 && new URL(responseURL).pathname !== location.pathname) {
      location.assign(responseURL);
      return;
    }
    const page = new DOMParser().parseFromString(responseText, "text/html");
    const words = page.querySelector("[data-upload-error]")?.textContent.trim();
    rest(words || form.dataset.failed);
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (request) return;
    const file = check();
    if (!file) complain(form.dataset.empty);
    if (!file || !trouble.hidden) {
      input.focus();
      return;
    }
    request = new XMLHttpRequest();
    request.upload.addEventListener("progress", ({ loaded, total, lengthComputable }) => {
      if (!lengthComputable) return;
      bar.value = (100 * loaded) / total;
      said.textContent =
        loaded < total ? `${written(loaded)} / ${written(total)}` : form.dataset.waiting;
    });
    request.addEventListener("load", () => ended(request));
    request.addEventListener("error", () => rest(form.dataset.broken));
    request.addEventListener("abort", () => rest(form.dataset.stopped));
    request.open("POST", form.action);
    bar.value = 0;
    said.textContent = "";
    progress.hidden = false;
    send.disabled = true;
    complain("");
    request.send(new FormData(form));
  });
}
