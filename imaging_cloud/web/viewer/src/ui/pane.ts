/** One stage: a series, the shown picture, how it lies and how it is windowed. */

import { clamp, type Size } from "../image/geometry.ts";
import type { Decoder } from "../load/decoder.ts";
import { Loader, type Limits } from "../load/loader.ts";
import type { Source } from "../load/source.ts";
import { type Frame, isHeld, type Picture, type Series } from "../model.ts";
import { Crosshair } from "./crosshair.ts";
import { element, wordButton } from "./dom.ts";
import { listenForGestures, type Tool } from "./gestures.ts";
import { Measurements } from "./measurements.ts";
import { Overlay, type Quality } from "./overlay.ts";
import { Placing } from "./placing.ts";
import { Surface } from "./surface.ts";
import type { texts } from "./texts.ts";
import { Windowing } from "./windowing.ts";

export interface PaneParts {
  decoder: Decoder;
  limits: Limits;
  renderer: string;
  words: ReturnType<typeof texts>;
}

export interface PaneEvents {
  /** The shown picture, its window or what is loaded has changed. */
  changed(pane: Pane): void;
  /** The person moved through the slices here (and not a linked pane). */
  scrolled(pane: Pane): void;
}

export class Pane {
  readonly stage: HTMLElement;
  readonly crosshair: Crosshair;
  tool: Tool = "scroll";
  inverted = false;
  readonly placing: Placing;
  readonly windowing: Windowing;
  private readonly surface: Surface;
  private readonly overlay: Overlay;
  private readonly measurements: Measurements;
  private loader: Loader | null = null;
  private at = 0;
  private restOfScroll = 0;
  private moving = false;
  private queued = false;
  private telling = false;
  /** What is drawn of the shown picture, and what is on the stage until there is something. */
  private drawn: Frame | null = null;
  private painted: Frame | null = null;
  private first: HTMLImageElement | null;

  constructor(
    readonly root: HTMLElement,
    private readonly parts: PaneParts,
    private readonly events: PaneEvents,
  ) {
    this.stage = root.querySelector<HTMLElement>(".stage") ?? root;
    this.first = this.stage.querySelector("img.first");
    this.surface = new Surface(this.stage, parts.renderer);
    this.overlay = new Overlay(this.stage, parts.words);
    this.placing = new Placing({ picture: () => this.picture, size: () => this.size }, () => this.redraw());
    this.windowing = new Windowing(
      { picture: () => this.picture, frame: () => this.drawn, modality: () => this.series?.modality ?? "" },
      () => this.redraw(),
    );
    this.measurements = new Measurements(this.stage, parts.words, {
      picture: () => this.picture,
      frame: () => this.drawn,
      toPixel: (at) => this.placing.pixelAt(at),
      toStage: (pixel) => this.placing.stageAt(pixel),
    });
    this.crosshair = new Crosshair(this.stage, {
      size: () => this.size,
      tool: () => this.tool,
      draw: (from, to, ended) => this.measurements.draw(this.tool, from, to, ended, this.at),
    });
    new ResizeObserver(() => this.redraw()).observe(this.stage);
    this.listen();
    // After what has to be asked for at once.
    setTimeout(() => this.surface.expect(null));
  }

  private listen(): void {
    listenForGestures(
      this.stage,
      {
        scroll: (slices) => this.scrollBy(slices, true),
        pan: (dx, dy) => this.placing.panBy(dx, dy),
        zoom: (factor, at) => this.placing.zoomAt(factor, at),
        window: (dx, dy) => this.windowing.drag(dx, dy),
        fit: () => this.placing.fit(),
        tap: () => undefined,
        draw: (from, to, ended) => this.measurements.draw(this.tool, from, to, ended, this.at),
        moving: (active) => {
          this.moving = active;
          this.redraw();
        },
      },
      {
        tool: () => this.tool,
        enlarged: () => this.placing.enlarged,
        slices: () => this.series?.pictures.length ?? 1,
      },
    );
  }

  get series(): Series | null {
    return this.loader?.series ?? null;
  }

  get index(): number {
    return this.at;
  }

  get picture(): Picture | null {
    return this.series?.pictures[this.at] ?? null;
  }

  /** Whether the chosen tool draws measurements. */
  get drawing(): boolean {
    return this.tool === "length" || this.tool === "angle" || this.tool === "ellipse";
  }

  get quality(): Quality {
    if (this.drawn === null) return this.first === null ? "none" : "preview";
    return this.drawn.full ? "full" : "preview";
  }

  get progress() {
    return this.loader?.progress() ?? { full: 0, preview: 0, sharper: 0, total: 0 };
  }

  get rendererName(): string {
    return this.surface.rendererName;
  }

  /** Values of the picture that is drawn, for tests and measurements; null while there are none. */
  drawnFrame(): Frame | null {
    return this.drawn;
  }

  open(series: Series, source: Source, index: number): void {
    const another = this.loader !== null;
    this.loader?.stop();
    this.at = clamp(index, 0, Math.max(series.pictures.length - 1, 0));
    this.windowing.reset();
    this.placing.reset();
    this.drawn = null;
    this.painted = null;
    if (another) this.dropFirst();
    this.measurements.clear();
    const { decoder, limits } = this.parts;
    const loader = new Loader(series, source, decoder, limits, (arrived) => {
      if (this.loader !== loader) return;
      if (arrived === this.at) this.redraw();
      else this.tellSoon();
    });
    this.loader = loader;
    if (series.pictures.length > 1) void loader.loadPreviews();
    loader.show(this.at);
    this.surface.expect(this.picture);
    this.redraw();
  }

  close(): void {
    this.loader?.stop();
    this.loader = null;
  }

  /** Whole slices; parts of one are gathered. */
  scrollBy(slices: number, byHand: boolean): void {
    this.restOfScroll += slices;
    const whole = Math.trunc(this.restOfScroll);
    this.restOfScroll -= whole;
    if (whole !== 0) this.goTo(this.at + whole, byHand);
  }

  goTo(index: number, byHand = false): void {
    const last = (this.series?.pictures.length ?? 1) - 1;
    const next = clamp(Math.round(index), 0, Math.max(last, 0));
    if (next === this.at) return;
    this.at = next;
    this.loader?.show(next);
    this.redraw();
    if (byHand) this.events.scrolled(this);
  }

  chooseTool(tool: Tool): void {
    this.leaveCrosshair();
    this.tool = tool;
  }

  leaveCrosshair(): void {
    this.crosshair.hide();
    this.measurements.dropOpen();
  }

  invert(): void {
    this.inverted = !this.inverted;
    this.redraw();
  }

  clearMeasurements(): void {
    this.measurements.clear();
  }

  /** Nothing could be opened: say so, with a way to try again; null takes it away. */
  failed(again: (() => void) | null): void {
    this.stage.querySelector(".failed")?.remove();
    delete this.stage.dataset["failed"];
    if (again === null) return;
    const { words } = this.parts;
    this.stage.dataset["failed"] = "yes";
    this.stage.append(
      element("div", { class: "failed", role: "alert" }, element("p", {}, words("failed")), wordButton(words("retry"), again)),
    );
  }

  /** The network is back. */
  retry(): void {
    this.stage.querySelector<HTMLButtonElement>(".failed button")?.click();
    this.loader?.retry();
  }

  private get size(): Size {
    return this.surface.size;
  }

  redraw(): void {
    if (this.queued) return;
    this.queued = true;
    requestAnimationFrame(() => {
      this.queued = false;
      this.drawNow();
    });
  }

  /** Pictures come by the hundred: whoever counts them does so once a frame of the screen. */
  private tellSoon(): void {
    if (this.telling || this.queued) return;
    this.telling = true;
    requestAnimationFrame(() => {
      this.telling = false;
      this.events.changed(this);
    });
  }

  private drawNow(): void {
    const picture = this.picture;
    const frame = this.loader?.frameAt(this.at) ?? null;
    // A picture that has not come keeps the one before on the stage: no black flash.
    const before = this.moving && this.painted !== null && isHeld(this.painted) ? this.painted : null;
    const shown = frame ?? before;
    if (picture !== null && shown !== null) {
      this.windowing.follow(picture, shown);
      const { windowing, inverted, placing, moving } = this;
      this.surface.draw({ picture, frame: shown, window: windowing.now, inverted, placed: placing.now }, moving);
      this.drawn = frame;
      this.painted = shown;
      this.dropFirst();
    } else if (this.first === null) {
      this.surface.clear(picture, this.moving);
      this.drawn = null;
    }
    this.tell(picture, frame);
    this.measurements.place(this.at);
    this.events.changed(this);
  }

  private dropFirst(): void {
    this.first?.remove();
    this.first = null;
  }

  private tell(picture: Picture | null, frame: Frame | null): void {
    this.overlay.tell({
      picture,
      quality: frame === null && this.first === null ? "none" : this.quality,
      index: this.at,
      total: this.series?.pictures.length ?? 0,
      window: this.windowing.useful ? this.windowing.now : null,
      placed: this.placing.now,
      size: this.size,
    });
  }
}
