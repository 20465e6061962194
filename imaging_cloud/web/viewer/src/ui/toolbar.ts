/** Every gesture as a button, and every button as a key. */

import { button, element, wordButton } from "./dom.ts";
import type { Tool } from "./gestures.ts";
import type { Pane } from "./pane.ts";
import type { Text, texts } from "./texts.ts";

const ZOOM_STEP = 1.3;
const CINE_MS = 100;
const LEAST_CINE_MS = 20;
const MOST_CINE_MS = 1000;

export interface ToolbarChoices {
  words: ReturnType<typeof texts>;
  /** The pane that the buttons act on. */
  pane: () => Pane;
  /** Measuring belongs to the desk; a patient's phone has no use for it. */
  measuring: boolean;
}

export class Toolbar {
  readonly root: HTMLElement;
  private readonly windows: HTMLSelectElement;
  private readonly play: HTMLButtonElement;
  private readonly scrubber: HTMLInputElement;
  private readonly tools = new Map<Tool, HTMLButtonElement>();
  private timer = 0;
  private pause = CINE_MS;
  private presetsOf = "";

  constructor(
    where: HTMLElement,
    scrubber: HTMLInputElement,
    private readonly choices: ToolbarChoices,
  ) {
    const { words } = choices;
    const pane = choices.pane;
    this.scrubber = scrubber;
    scrubber.setAttribute("aria-label", words("slice", "", "").trim() || "slice");
    scrubber.addEventListener("input", () => pane().goTo(Number(scrubber.value), true));
    this.play = button(words("play"), "▶", () => this.togglePlaying());
    this.windows = element("select", { "aria-label": words("windows") });
    this.windows.addEventListener("change", () => this.choosePreset(this.windows.value));
    this.root = element(
      "div",
      { class: "tools", role: "toolbar", "aria-label": words("windows") },
      button(words("previous"), "‹", () => pane().scrollBy(-1, true)),
      this.play,
      button(words("next"), "›", () => pane().scrollBy(1, true)),
      this.windows,
      ...this.toolButtons(),
      button(words("reduce"), "−", () => pane().zoomBy(1 / ZOOM_STEP)),
      button(words("fit"), "⤢", () => pane().fit()),
      button(words("enlarge"), "+", () => pane().zoomBy(ZOOM_STEP)),
      button(words("invert"), "◐", () => pane().invert()),
      this.helpButton(),
    );
    where.append(this.root);
    document.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.stop();
    });
  }

  /** Follow the pane: called at every change. */
  follow(): void {
    const pane = this.choices.pane();
    const total = pane.series?.pictures.length ?? 1;
    this.scrubber.max = String(Math.max(total - 1, 0));
    this.scrubber.value = String(pane.index);
    this.scrubber.setAttribute("aria-valuetext", this.choices.words("slice", pane.index + 1, total));
    this.scrubber.hidden = total < 2;
    this.play.hidden = total < 2;
    const presets = pane.presets();
    const key = presets.map((each) => `${each.name}${each.center}${each.width}`).join() + pane.root.id;
    if (key !== this.presetsOf) {
      this.presetsOf = key;
      this.windows.replaceChildren(
        ...presets.map((each, at) =>
          element("option", { value: String(at) }, each.text ? this.choices.words(each.text as Text) : each.name),
        ),
        element("option", { value: "whole" }, this.choices.words("wholeRange")),
      );
      this.windows.value = presets.length > 0 ? "0" : "whole";
    }
    this.windows.hidden = pane.picture?.kind !== "grey" || pane.picture.hasLut;
    for (const [tool, each] of this.tools) each.setAttribute("aria-pressed", String(pane.tool === tool));
  }

  stop(): void {
    window.clearInterval(this.timer);
    this.timer = 0;
    const label = this.choices.words("play");
    this.play.title = label;
    this.play.setAttribute("aria-label", label);
    this.play.firstElementChild?.replaceChildren("▶");
  }

  private toolButtons(): HTMLElement[] {
    const { words, measuring } = this.choices;
    const list: [Tool, Text, string][] = [
      ["scroll", "toolScroll", "⇅"],
      ["move", "toolMove", "✥"],
      ["window", "toolWindow", "☀"],
    ];
    if (measuring) {
      list.push(["length", "toolLength", "↔"], ["angle", "toolAngle", "∠"], ["ellipse", "toolEllipse", "◯"]);
    }
    const made: HTMLElement[] = list.map(([tool, text, symbol]) => {
      const each = button(words(text), symbol, () => {
        this.choices.pane().tool = tool;
        this.follow();
      });
      this.tools.set(tool, each);
      return each;
    });
    if (measuring) made.push(button(words("clear"), "⌫", () => this.choices.pane().clearMeasurements()));
    return made;
  }

  private helpButton(): HTMLElement {
    const { words } = this.choices;
    const dialog = element("dialog", { class: "help", "aria-label": words("help") });
    dialog.append(
      element("h2", {}, words("help")),
      element("p", {}, words("helpText")),
      wordButton(words("close"), () => dialog.close()),
    );
    document.body.append(dialog);
    return button(words("help"), "?", () => dialog.showModal());
  }

  private choosePreset(value: string): void {
    const pane = this.choices.pane();
    const preset = pane.presets()[Number(value)];
    if (value === "whole" || preset === undefined) pane.wholeRange();
    else pane.setWindow({ center: preset.center, width: preset.width });
  }

  private togglePlaying(): void {
    if (this.timer !== 0) {
      this.stop();
      return;
    }
    const own = this.choices.pane().picture?.frameTime ?? 0;
    this.pause = own > 0 ? Math.min(Math.max(own, LEAST_CINE_MS), MOST_CINE_MS) : CINE_MS;
    this.start();
    const label = this.choices.words("pause");
    this.play.title = label;
    this.play.setAttribute("aria-label", label);
    this.play.firstElementChild?.replaceChildren("❚❚");
  }

  private start(): void {
    window.clearInterval(this.timer);
    this.timer = window.setInterval(() => {
      const pane = this.choices.pane();
      const total = pane.series?.pictures.length ?? 1;
      pane.goTo((pane.index + 1) % total, true);
    }, this.pause);
  }

  private setPause(factor: number): void {
    this.pause = Math.min(Math.max(this.pause * factor, LEAST_CINE_MS), MOST_CINE_MS);
    if (this.timer !== 0) this.start();
  }

  private key(event: KeyboardEvent): void {
    const target = event.target;
    if (target instanceof HTMLElement && target.closest("input:not([type=range]), select, textarea, dialog")) return;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const pane = this.choices.pane();
    const last = (pane.series?.pictures.length ?? 1) - 1;
    const inScrubber = target === this.scrubber;
    const actions: Record<string, () => void> = {
      ArrowDown: () => pane.scrollBy(1, true),
      ArrowUp: () => pane.scrollBy(-1, true),
      PageDown: () => pane.scrollBy(10, true),
      PageUp: () => pane.scrollBy(-10, true),
      Home: () => pane.goTo(0, true),
      End: () => pane.goTo(last, true),
      "+": () => pane.zoomBy(ZOOM_STEP),
      "=": () => pane.zoomBy(ZOOM_STEP),
      "-": () => pane.zoomBy(1 / ZOOM_STEP),
      "0": () => pane.fit(),
      i: () => pane.invert(),
      w: () => this.nextPreset(),
      "[": () => this.setPause(1.25),
      "]": () => this.setPause(0.8),
      "?": () => document.querySelector<HTMLDialogElement>("dialog.help")?.showModal(),
    };
    const onButton = target instanceof HTMLElement && target.closest("button, a, summary") !== null;
    if (event.key === " " && !onButton) this.togglePlaying();
    else if (inScrubber && event.key.startsWith("Arrow")) return;
    else {
      const act = actions[event.key];
      if (act === undefined) return;
      act();
    }
    event.preventDefault();
  }

  private nextPreset(): void {
    const options = [...this.windows.options];
    const at = options.findIndex((each) => each.value === this.windows.value);
    const next = options[(at + 1) % options.length];
    if (next === undefined) return;
    this.windows.value = next.value;
    this.choosePreset(next.value);
  }
}
