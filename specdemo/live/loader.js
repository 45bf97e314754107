/**
 * Mounts each twin once, when it comes near the window. `specdemo.load(url)` promises a sound that
 * lies in a data: URL of a 16-bit WAV, or in a script that calls `specdemo.sound`: a script, because
 * a page that was opened from a disk cannot fetch.
 */

import { loadSound } from "./js/parts/clips.js";
import { bytesOf } from "./js/parts/scripts.js";

const sources = SOURCES;
const page = (window.specdemo ??= { sounds: {}, loading: {} });

function decode(sr, base64, header = 0) {
  const bytes = bytesOf(base64);
  const samples = new Int16Array(bytes.buffer, header, (bytes.length - header) >> 1);
  return { sr, x: Float32Array.from(samples, (v) => v / 32768) };
}

function decodeWav(url) {
  const base64 = url.slice(url.indexOf(",") + 1), head = atob(base64.slice(0, 60));
  const sr = [3, 2, 1, 0].reduce((sum, i) => 256 * sum + head.charCodeAt(24 + i), 0);
  return decode(sr, base64, 44);
}

page.sound ??= (name, sr, base64) => {
  page.sounds[/** @type {HTMLScriptElement} */ (document.currentScript).src] = decode(sr, base64);
};
page.load ??= async (url) => {
  if (url.startsWith("data:")) return decodeWav(url);
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
