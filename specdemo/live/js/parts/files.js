/** Files that are dropped on a figure, and files that a reader keeps. */

import { make } from "./dom.js";

/**
 * Take the files that are dropped on an element, or on one around it.
 * @param {HTMLElement} element which shows that it takes them
 * @param {(files: File[]) => void} open @param {HTMLElement} [around]
 */
export function listenToDrops(element, open, around = element) {
  const over = (event, on) => {
    event.preventDefault();
    element.classList.toggle("sd-over", on);
  };
  around.addEventListener("dragover", (event) => over(event, true));
  around.addEventListener("dragleave", (event) => over(event, false));
  around.addEventListener("drop", (event) => {
    over(event, false);
    open([...event.dataTransfer.files]);
  });
}

/** Let the reader keep a file. @param {Blob} blob */
export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
