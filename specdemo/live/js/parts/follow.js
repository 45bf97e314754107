/** What moves with a sound. */

// The pace for readers who ask for less motion, in ms.
const CALM_MS = 250;

/**
 * Call `show` for every frame of the screen while `isPlaying()`, at a calmer pace for those who ask
 * for it. Returns how to stop.
 * @param {() => boolean} isPlaying @param {() => void} show
 */
export function follow(isPlaying, show) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let last = -Infinity, frame = 0;
  const step = (now) => {
    if (!isPlaying()) return;
    if (!calm || now - last > CALM_MS) {
      show();
      last = now;
    }
    frame = requestAnimationFrame(step);
  };
  frame = requestAnimationFrame(step);
  return () => cancelAnimationFrame(frame);
}
