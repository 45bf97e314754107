/** Scripts that bring data: a page that was opened from a disk may fetch no file, but load these. */

/**
 * Load a script.
 * @param {string} src
 * @returns {Promise<string>} its whole address
 */
export function loadScript(src) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.onload = () => resolve(script.src);
    script.onerror = reject;
    script.src = src;
    document.head.append(script);
  });
}

/**
 * The bytes that base64 stands for.
 * @param {string} base64
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}
