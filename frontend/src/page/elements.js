// Parts of a page. A script relies on those that its template always holds: one that is missing, or
// of another kind, is an error.

/**
 * The first part that matches, or null.
 *
 * @template {Element} [Kind=HTMLElement]
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => Kind} [kind]
 * @returns {Kind | null}
 */
export function findPart(root, selector, kind) {
  const found = root.querySelector(selector);
  return found instanceof (kind ?? HTMLElement) ? /** @type {Kind} */ (found) : null;
}

/**
 * The first part that matches.
 *
 * @template {Element} [Kind=HTMLElement]
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => Kind} [kind]
 * @returns {Kind}
 */
export function part(root, selector, kind) {
  const found = findPart(root, selector, kind);
  if (!found) throw new Error(`the page has no ${selector}`);
  return found;
}

/**
 * All parts that match.
 *
 * @template {Element} [Kind=HTMLElement]
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => Kind} [kind]
 * @returns {Kind[]}
 */
export function parts(root, selector, kind) {
  const all = [...root.querySelectorAll(selector)];
  return /** @type {Kind[]} */ (all.filter((one) => one instanceof (kind ?? HTMLElement)));
}

/**
 * A value that the template has written into a data attribute.
 *
 * @param {HTMLElement} element
 * @param {string} name - as in `dataset`
 */
export function setting(element, name) {
  const value = element.dataset[name];
  if (value === undefined) throw new Error(`the page has no setting ${name}`);
  return value;
}
