/** The format that the address of the page names. */

const FRAGMENT = /^#format=([\w.-]+)$/;

/** The name of a system in small letters, or undefined. */
export function systemOfAddress() {
  return FRAGMENT.exec(decodeURIComponent(location.hash))?.[1].toLowerCase();
}

/** Name a format in the address, or, without a name, none. @param {string} [name] */
export function setAddress(name) {
  history.replaceState(null, "", name ? `#format=${name}` : location.pathname + location.search);
}
