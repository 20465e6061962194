/** An input with a list of completions: the ARIA combobox pattern, list autocomplete. */

import { element } from "../ui/dom.ts";

const SETTLE_MS = 120;

export interface Item {
  name: string;
  english: string | null;
  code: string | null;
  /** Of the hospital's own catalogue. */
  own: boolean;
}

export interface Choices {
  address(text: string): string;
  /** The mark on the hospital's own items. */
  own: string;
  /** The text has changed; `items` is what it may become. */
  typed(items: Item[]): void;
  chosen(item: Item): void;
}

export class Combobox {
  private readonly list: HTMLUListElement;
  private items: Item[] = [];
  private at = -1;
  private timer = 0;
  private running = new AbortController();

  constructor(private readonly input: HTMLInputElement, private readonly choices: Choices) {
    const label = input.labels?.[0]?.textContent ?? "";
    this.list = element("ul", { id: `${input.id}-options`, class: "options", role: "listbox", "aria-label": label });
    this.list.hidden = true;
    input.after(this.list);
    const about = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id };
    for (const [name, value] of Object.entries(about)) input.setAttribute(name, value);
    input.addEventListener("input", (event) => {
      if (!(event as InputEvent).isComposing) this.typed();
    });
    input.addEventListener("compositionend", () => this.typed());
    input.addEventListener("keydown", (event) => this.pressed(event));
    input.addEventListener("blur", () => this.close());
    // Before the blur that a click outside the input would bring.
    this.list.addEventListener("pointerdown", (event) => {
      const option = event.target instanceof Element ? event.target.closest("li") : null;
      event.preventDefault();
      if (option) this.choose(Number(option.dataset["at"]));
    });
  }

  close(): void {
    clearTimeout(this.timer);
    this.list.hidden = true;
    this.mark(-1);
    this.input.setAttribute("aria-expanded", "false");
  }

  private typed(): void {
    clearTimeout(this.timer);
    this.running.abort();
    this.timer = window.setTimeout(() => void this.ask(), SETTLE_MS);
  }

  private async ask(): Promise<void> {
    const running = (this.running = new AbortController());
    const text = this.input.value.trim();
    let items: Item[] = [];
    try {
      if (text) {
        const answer = await fetch(this.choices.address(text), { signal: running.signal });
        if (answer.ok) items = ((await answer.json()) as { items: Item[] }).items;
      }
    } catch {
      // Without completions the form serves as it is.
    }
    if (running.signal.aborted) return;
    this.show(items.length === 1 && items[0]?.name === text ? [] : items);
    this.choices.typed(items);
  }

  private show(items: Item[]): void {
    this.items = items;
    this.list.replaceChildren(...items.map((item, at) => this.option(item, at)));
    this.list.hidden = items.length === 0 || document.activeElement !== this.input;
    this.list.scrollTop = 0;
    this.input.setAttribute("aria-expanded", String(!this.list.hidden));
    this.mark(-1);
  }

  private option(item: Item, at: number): HTMLLIElement {
    const made = element("li", { id: `${this.list.id}-${at}`, role: "option", "aria-selected": "false", "data-at": `${at}` });
    made.append(element("span", {}, item.name));
    const beside = item.own ? [this.choices.own, item.code].filter(Boolean).join(" ") : (item.english ?? "");
    if (beside) made.append(element("span", { class: "quiet" }, beside));
    return made;
  }

  private pressed(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step !== undefined && this.items.length > 0) {
      event.preventDefault();
      if (this.list.hidden) this.show(this.items);
      // One place more than items: the text itself, as it was typed.
      const places = this.items.length + 1;
      this.mark(((this.at + 1 + step + places) % places) - 1);
    } else if (event.key === "Enter" && !this.list.hidden && this.at >= 0) {
      event.preventDefault();
      this.choose(this.at);
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      this.close();
    }
  }

  private mark(at: number): void {
    this.at = at;
    [...this.list.children].forEach((option, each) => {
      option.setAttribute("aria-selected", String(each === at));
      if (each === at) option.scrollIntoView({ block: "nearest" });
    });
    if (at >= 0) this.input.setAttribute("aria-activedescendant", `${this.list.id}-${at}`);
    else this.input.removeAttribute("aria-activedescendant");
  }

  private choose(at: number): void {
    const item = this.items[at];
    if (!item) return;
    this.running.abort();
    this.input.value = item.name;
    this.close();
    this.choices.chosen(item);
  }
}
