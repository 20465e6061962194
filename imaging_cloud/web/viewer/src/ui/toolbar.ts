/** Every gesture as a button; ui/keys.ts has every button as a key. */

import type { Preset } from "../image/grey.ts";
import { button, element, relabel } from "./dom.ts";
import type { Tool } from "./gestures.ts";
import { helpDialog } from "./help.ts";
import type { Pane } from "./pane.ts";
import type { Text, texts } from "./texts.ts";

export const ZOOM_STEP = 1.3;
const CINE_MS = 100;
const LEAST_CINE_MS = 20;
const MOST_CINE_MS = 1000;
const FASTER = 0.8;

export interface ToolbarChoices {
  words: ReturnType<typeof texts>;
  /** The pane that the buttons act on. */
  pane: () => Pane;
  /** Measuring belongs to the desk; a patient's phone has no use for it. */
  measuring: boolean;
}

export class Toolbar {
  readonly root: HTMLElement;
  private helpDialog: HTMLDialogElement | null = null;
  private readonly windows: HTMLSelectElement;
  private readonly play: HTMLButtonElement;
  private readonly speeds: HTMLButtonElement[];
  private readonly steps: HTMLButtonElement[];
  private readonly tools = new Map<Tool, HTMLButtonElement>();
  private presets: Preset[] = [];
  private timer = 0;
  private pause = CINE_MS;
  private presetsOf = "";

  constructor(
    where: HTMLElement,
    readonly scrubber: HTMLInputElement,
    private readonly choices: ToolbarChoices,
  ) {
    const { words, pane } = choices;
    scrubber.setAttribute("aria-label", words("scrubber"));
    scrubber.addEventListener("input", () => pane().goTo(Number(scrubber.value), true));
    this.play = button(words("play"), "▶", () => this.togglePlaying());
    this.speeds = [
      button(words("slower"), "«", () => this.setSpeed(1 / FASTER)),
      button(words("faster"), "»", () => this.setSpeed(FASTER)),
    ];
    this.steps = [
      button(words("previous"), "‹", () => pane().scrollBy(-1, true), words("previousShort")),
      button(words("next"), "›", () => pane().scrollBy(1, true), words("nextShort")),
    ];
    this.windows = element("select", { "aria-label": words("windows") });
    this.windows.addEventListener("change", () => this.choosePreset(this.windows.value));
    const [slower, faster] = this.speeds as [HTMLButtonElement, HTMLButtonElement];
    const [previous, next] = this.steps as [HTMLButtonElement, HTMLButtonElement];
    this.root = element(
      "div",
      { class: "tools", role: "toolbar", "aria-label": words("tools") },
      element("div", {}, previous, this.play, next, slower, faster, this.windows, ...this.zoomButtons()),
      element("div", {}, ...this.toolButtons(), this.helpButton()),
    );
    where.append(this.root);
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.stop();
    });
    this.showSpeeds();
  }

  get pane(): Pane {
    return this.choices.pane();
  }

  /** Follow the pane: called at every change. */
  follow(): void {
    const { pane } = this;
    const total = pane.series?.pictures.length ?? 1;
    this.scrubber.max = String(Math.max(total - 1, 0));
    this.scrubber.value = String(pane.index);
    this.scrubber.setAttribute("aria-valuetext", this.choices.words("slice", pane.index + 1, total));
    for (const each of [this.scrubber, this.play, ...this.steps]) each.hidden = total < 2;
    if (total < 2) this.stop();
    this.listPresets();
    this.windows.hidden = !pane.windowing.useful;
    for (const [tool, each] of this.tools) each.setAttribute("aria-pressed", String(pane.tool === tool));
    const forWindow = this.tools.get("window");
    if (forWindow) forWindow.hidden = !pane.windowing.useful;
  }

  stop(): void {
    window.clearInterval(this.timer);
    this.timer = 0;
    relabel(this.play, this.choices.words("play"), "▶");
    this.showSpeeds();
  }

  togglePlaying(): void {
    if (this.timer !== 0) {
      this.stop();
      return;
    }
    if ((this.pane.series?.pictures.length ?? 1) < 2) return;
    const own = this.pane.picture?.frameTime ?? 0;
    this.pause = own > 0 ? Math.min(Math.max(own, LEAST_CINE_MS), MOST_CINE_MS) : CINE_MS;
    this.start();
    relabel(this.play, this.choices.words("pause"), "❚❚");
    this.showSpeeds();
  }

  /** `factor` below one plays faster. */
  setSpeed(factor: number): void {
    this.pause = Math.min(Math.max(this.pause * factor, LEAST_CINE_MS), MOST_CINE_MS);
    if (this.timer !== 0) this.start();
  }

  chooseTool(tool: Tool): void {
    if (!this.tools.has(tool)) return;
    this.pane.chooseTool(tool);
    this.follow();
  }

  nextPreset(): void {
    const options = [...this.windows.options];
    const at = options.findIndex((each) => each.value === this.windows.value);
    const next = options[(at + 1) % options.length];
    if (next === undefined || !this.pane.windowing.useful) return;
    this.windows.value = next.value;
    this.choosePreset(next.value);
  }

  private start(): void {
    window.clearInterval(this.timer);
    this.timer = window.setInterval(() => {
      const total = this.pane.series?.pictures.length ?? 1;
      this.pane.goTo((this.pane.index + 1) % total, true);
    }, this.pause);
  }

  private showSpeeds(): void {
    for (const each of this.speeds) each.hidden = this.timer === 0;
  }

  private listPresets(): void {
    const { words } = this.choices;
    const presets = this.pane.windowing.presets();
    const key = presets.map((each) => `${each.text}${each.name}${each.center}${each.width}`).join();
    if (key === this.presetsOf) return;
    this.presetsOf = key;
    this.presets = presets;
    const labels = presets.map((each) => (each.text ? words(each.text as Text) : each.name));
    this.windows.replaceChildren(
      ...labels.map((label, at) => element("option", { value: String(at) }, label)),
      element("option", { value: "whole" }, words("wholeRange")),
    );
    this.windows.value = presets.length > 0 ? "0" : "whole";
  }

  private choosePreset(value: string): void {
    const preset = this.presets[Number(value)];
    if (value === "whole" || preset === undefined) this.pane.windowing.wholeRange();
    else this.pane.windowing.set({ center: preset.center, width: preset.width });
  }

  private zoomButtons(): HTMLElement[] {
    const { words } = this.choices;
    return [
      button(words("reduce"), "−", () => this.pane.placing.zoomBy(1 / ZOOM_STEP)),
      button(words("fit"), "⤢", () => this.pane.placing.fit(), words("fitShort")),
      button(words("enlarge"), "+", () => this.pane.placing.zoomBy(ZOOM_STEP)),
    ];
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
      const each = button(words(text), symbol, () => this.chooseTool(tool));
      this.tools.set(tool, each);
      return each;
    });
    const clear = () => this.pane.clearMeasurements();
    if (measuring) made.push(button(words("clear"), "⌫", clear, words("clearShort")));
    return [...made, button(words("invert"), "◐", () => this.pane.invert())];
  }

  /** Most people never ask: its many rows are made when somebody does. */
  showHelp(): void {
    this.helpDialog ??= helpDialog(this.choices.words, this.choices.measuring);
    this.helpDialog.showModal();
  }

  private helpButton(): HTMLElement {
    const { words } = this.choices;
    return button(words("help"), "?", () => this.showHelp(), words("helpShort"));
  }
}
