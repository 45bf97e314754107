/** Mounts the figures of a page when they come near the window; each kind is a script of its own. */

import { mount } from "../js/parts/hosts.js";

const page = (window.sdFigures ??= { kinds: {} });

async function begin(root) {
  const { figure } = root.dataset;
  await mount(page.kinds[figure]($shared)[figure], root).catch((error) => {
    root.dataset.mounted = "failed";
    console.warn(`The figure stays still: ${error.message}`);
  });
}

page.near ??= new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    page.near.unobserve(target);
    begin(/** @type {HTMLElement} */ (target));
  }
}, { rootMargin: "600px" });

// The same kind may stand on a page twice.
function adopt(root) {
  for (let n = 2; document.getElementById(root.id) !== root; n++)
    root.id = root.id.replace(/(-\d+)?$/, `-${n}`);
  root.dataset.mounted = "no";
  page.near.observe(root);
  if (location.hash.startsWith(`#${root.id}?`)) root.scrollIntoView();
}

/** Look for figures whose kind has come. */
page.start = () => {
  document.querySelectorAll(".sd-figure[data-samples]:not([data-mounted])").forEach((root) => {
    if (page.kinds[/** @type {HTMLElement} */ (root).dataset.figure]) adopt(root);
  });
};
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", page.start);
page.start();
