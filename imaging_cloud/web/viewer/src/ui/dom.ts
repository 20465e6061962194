/** Making elements: text is always text, never markup. */

export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** A button of a symbol with its word below; `short` is the word where the label is a sentence. */
export function button(label: string, symbol: string, pressed: () => void, short = label): HTMLButtonElement {
  const made = element("button", { type: "button" });
  made.append(
    element("span", { class: "symbol", "aria-hidden": "true" }),
    element("span", { class: "word", "aria-hidden": "true" }),
  );
  made.addEventListener("click", pressed);
  relabel(made, label, symbol, short);
  return made;
}

export function relabel(made: HTMLButtonElement, label: string, symbol: string, short = label): void {
  made.title = label;
  made.setAttribute("aria-label", label);
  made.querySelector(".symbol")?.replaceChildren(symbol);
  made.querySelector(".word")?.replaceChildren(short);
}

export function wordButton(label: string, pressed: () => void): HTMLButtonElement {
  const made = element("button", { type: "button" }, label);
  made.addEventListener("click", pressed);
  return made;
}

export function svg(tag: string, attributes: Record<string, string | number>): SVGElement {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}
