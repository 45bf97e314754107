/** Mounts each twin once, when it comes near the window. `specdemo.load(url)` promises a sound. */

import { loadSound, sharedSounds } from "./js/parts/clips.js";

const sources = SOURCES;
const page = sharedSounds();

page.load ??= async (url) => {
  page.loading[url] ??= loadSound(url).catch((error) => {
    // Whoever asks again gets another chance.
    delete page.loading[url];
    throw error;
  });
  return page.loading[url];
};

async function mount(figure) {
  // On its way while the view is made, which will ask for it and say when it does not come.
  const { settings, sounds } = figure.dataset, url = JSON.parse(sounds)[JSON.parse(settings).clip];
  if (url && !url.startsWith("data:")) page.load(url).catch(() => {});
  const source = new Blob([sources.view], { type: "text/javascript" });
  page.view ??= import(URL.createObjectURL(source));
  (await page.view).mount(figure, sources.dsp, page.load);
  figure.dataset.mounted = "yes";
  if (linked() === figure) figure.scrollIntoView();
}

// A browser that cannot show it keeps the picture and gets the player.
function keepStill(figure, error) {
  figure.dataset.mounted = "failed";
  figure.querySelectorAll("audio[data-src]").forEach((audio) => {
    audio.src = audio.dataset.src;
    audio.controls = true;
  });
  console.warn(`The live figure stays still: ${error.message}`);
}

page.near ??= new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    page.near.unobserve(target);
    mount(target).catch((error) => keepStill(target, error));
  }
}, { rootMargin: "800px" });

function adopt(figure) {
  for (let n = 2; document.getElementById(figure.id) !== figure; n++) {
    figure.id = figure.id.replace(/(-\d+)?$/, `-${n}`);
  }
  figure.dataset.mounted = "no";
  page.near.observe(figure);
}

// The figure to whose settings the address leads; it may not be mounted yet.
function linked() {
  const id = /^#([\w-]+)\?/.exec(location.hash)?.[1];
  return id && document.getElementById(id);
}

function visit() {
  linked()?.scrollIntoView();
}

function start() {
  document.querySelectorAll(".sd-explorer:not([data-mounted])").forEach(adopt);
  visit();
}

if (!page.style) {
  page.style = document.createElement("style");
  page.style.textContent = sources.css;
  document.head.append(page.style);
  window.addEventListener("hashchange", visit);
  window.addEventListener("DOMContentLoaded", start);
}
// What the page needs first is not kept waiting by a figure.
if (document.readyState !== "loading") start();
