/** One stage: a series, the shown picture, how it lies and how it is windowed. */

import {
  clamp,
  extent,
  FITTED,
  fitScale,
  keepInSight,
  orientationMarks,
  projectionMarks,
  type Placement,
  type Point,
  rectangle,
  scaleBar,
  type Size,
  toPixel,
  toStage,
  zoomAbout,
} from "../image/geometry.ts";
import { dragged, presetsOf, type Preset, windowOfValues } from "../image/grey.ts";
import { type Painter, painterOn } from "../image/painter.ts";
import type { Decoder } from "../load/decoder.ts";
import { Loader, type Limits } from "../load/loader.ts";
import type { Source } from "../load/source.ts";
import type { Frame, Picture, Series } from "../model.ts";
import { Crosshair } from "./crosshair.ts";
import { element, wordButton } from "./dom.ts";
import { listenForGestures, type Tool } from "./gestures.ts";
import { Measurements } from "./measurements.ts";
import { windowList } from "./presets.ts";
import type { texts } from "./texts.ts";

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

type Value = { center: number; width: number };

export class Pane {
  readonly stage: HTMLElement;
  readonly crosshair: Crosshair;
  tool: Tool = "scroll";
  inverted = false;
  private readonly canvas = element("canvas");
  private readonly badge = element("span", { class: "badge", role: "status" });
  private readonly count = element("span", { class: "count" });
  private readonly windowLine = element("span", { class: "window-line" });
  private readonly marks = new Map<string, HTMLElement>();
  private readonly bar = element("span", { class: "scale" });
  private readonly measurements: Measurements;
  private painter: Painter;
  private loader: Loader | null = null;
  private at = 0;
  private restOfScroll = 0;
  private placed: Placement = FITTED;
  private chosen: Value | null = null;
  private automatic: Value | null = null;
  private moving = false;
  private queued = false;
  private drawn: Frame | null = null;
  private first: HTMLImageElement | null;

  constructor(
    readonly root: HTMLElement,
    private readonly parts: PaneParts,
    private readonly events: PaneEvents,
  ) {
    this.stage = root.querySelector<HTMLElement>(".stage") ?? root;
    this.first = this.stage.querySelector("img.first");
    this.canvas.setAttribute("aria-hidden", "true");
    this.stage.prepend(this.canvas);
    const overlay = element("div", { class: "overlay" }, this.badge, this.count, this.windowLine);
    for (const side of ["left", "right", "top", "bottom"]) {
      const mark = element("span", { class: `mark ${side}`, "aria-hidden": "true" });
      this.marks.set(side, mark);
      overlay.append(mark);
    }
    overlay.append(this.bar);
    this.stage.append(overlay);
    this.measurements = new Measurements(this.stage, parts.words, {
      picture: () => this.picture,
      frame: () => this.drawn,
      toPixel: (at) => this.pixelAt(at),
      toStage: (pixel) => this.stageAt(pixel),
    });
    this.crosshair = new Crosshair(this.stage, {
      size: () => this.size,
      tool: () => this.tool,
      draw: (from, to, ended) => this.measurements.draw(this.tool, from, to, ended, this.at),
    });
    this.painter = painterOn(this.canvas, parts.renderer);
    new ResizeObserver(() => this.redraw()).observe(this.stage);
    listenForGestures(
      this.stage,
      {
        scroll: (slices) => this.scrollBy(slices, true),
        pan: (dx, dy) => this.panBy(dx, dy),
        zoom: (factor, at) => this.place(zoomAbout(this.placed, factor, at, this.size)),
        window: (dx, dy) => this.dragWindow(dx, dy),
        fit: () => this.fit(),
        tap: () => undefined,
        draw: (from, to, ended) => this.measurements.draw(this.tool, from, to, ended, this.at),
        moving: (active) => {
          this.moving = active;
          this.redraw();
        },
      },
      {
        tool: () => this.tool,
        enlarged: () => this.placed.zoom > 1.05,
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

  get window(): Value {
    return this.chosen ?? this.usual;
  }

  /** The window before anybody chose one. */
  private get usual(): Value {
    return this.picture?.windows[0] ?? this.automatic ?? { center: 128, width: 256 };
  }

  /** Whether a window changes what is seen. */
  get windowable(): boolean {
    return this.picture?.kind === "grey" && !this.picture.hasLut;
  }

  /** Whether the chosen tool draws measurements. */
  get drawing(): boolean {
    return this.tool === "length" || this.tool === "angle" || this.tool === "ellipse";
  }

  get quality(): "full" | "preview" | "none" {
    if (this.drawn === null) return this.first === null ? "none" : "preview";
    return this.drawn.full ? "full" : "preview";
  }

  get progress() {
    return this.loader?.progress() ?? { full: 0, preview: 0, sharper: 0, total: 0 };
  }

  get rendererName(): string {
    return this.painter.name;
  }

  presets(): Preset[] {
    const picture = this.picture;
    if (picture === null) return [];
    const modality = this.series?.modality ?? "";
    return windowList(presetsOf(picture, modality), modality, this.usual);
  }

  /** Values of the picture that is drawn, for tests and measurements; null while there are none. */
  drawnFrame(): Frame | null {
    return this.drawn;
  }

  open(series: Series, source: Source, index: number): void {
    const another = this.loader !== null;
    this.loader?.stop();
    this.at = clamp(index, 0, Math.max(series.pictures.length - 1, 0));
    this.chosen = null;
    this.automatic = null;
    this.placed = FITTED;
    this.drawn = null;
    if (another) this.dropFirst();
    this.measurements.clear();
    const { decoder, limits } = this.parts;
    const loader = new Loader(series, source, decoder, limits, (arrived) => {
      if (this.loader !== loader) return;
      if (arrived === this.at) this.redraw();
      else this.events.changed(this);
    });
    this.loader = loader;
    if (series.pictures.length > 1) void loader.loadPreviews();
    loader.show(this.at);
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

  setWindow(window: Value | null): void {
    this.chosen = window;
    this.redraw();
  }

  /** From the darkest to the brightest value of the shown picture. */
  wholeRange(): void {
    const picture = this.picture;
    if (this.drawn?.kind === "grey" && picture !== null) {
      this.setWindow(windowOfValues(this.drawn.values, picture));
    }
  }

  dragWindow(dx: number, dy: number): void {
    if (this.windowable) this.setWindow(dragged(this.window, dx, dy));
  }

  chooseTool(tool: Tool): void {
    this.leaveCrosshair();
    this.tool = tool;
  }

  leaveCrosshair(): void {
    this.crosshair.hide();
    this.measurements.dropOpen();
  }

  panBy(dx: number, dy: number): void {
    this.place({ ...this.placed, x: this.placed.x + dx, y: this.placed.y + dy });
  }

  invert(): void {
    this.inverted = !this.inverted;
    this.redraw();
  }

  fit(): void {
    this.place(FITTED);
  }

  zoomBy(factor: number): void {
    const { width, height } = this.size;
    this.place(zoomAbout(this.placed, factor, { x: width / 2, y: height / 2 }, this.size));
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

  private place(placed: Placement): void {
    const picture = this.picture;
    this.placed = picture === null ? placed : keepInSight(placed, extentOf(picture), this.size);
    this.redraw();
  }

  private get size(): Size {
    return { width: this.stage.clientWidth || 1, height: this.stage.clientHeight || 1 };
  }

  private pixelAt(at: Point): Point {
    const picture = this.picture;
    if (picture === null) return { x: 0, y: 0 };
    const { rows, columns, pixelSpacing } = picture;
    return toPixel(at, this.size, this.placed, rows, columns, pixelSpacing);
  }

  private stageAt(pixel: Point): Point {
    const picture = this.picture;
    if (picture === null) return { x: 0, y: 0 };
    const { rows, columns, pixelSpacing } = picture;
    return toStage(pixel, this.size, this.placed, rows, columns, pixelSpacing);
  }

  redraw(): void {
    if (this.queued) return;
    this.queued = true;
    requestAnimationFrame(() => {
      this.queued = false;
      this.drawNow();
    });
  }

  private drawNow(): void {
    const picture = this.picture;
    const frame = this.loader?.frameAt(this.at) ?? null;
    // A picture that has not come keeps the one before on the stage: no black flash.
    const shown = frame ?? (this.moving ? this.drawn : frame);
    this.fitCanvas();
    if (picture !== null && shown !== null) {
      if (shown.kind === "grey" && picture.windows.length === 0 && this.automatic === null) {
        this.automatic = windowOfValues(shown.values, picture);
      }
      if (!this.painter.usable) this.replacePainter();
      const ratio = this.canvas.width / this.size.width;
      const there = rectangle(extentOf(picture), this.size, this.placed);
      this.painter.draw(shown, {
        rectangle: {
          x: there.x * ratio,
          y: there.y * ratio,
          width: there.width * ratio,
          height: there.height * ratio,
        },
        picture,
        slope: picture.slope,
        intercept: picture.intercept,
        window: { ...this.window, curve: picture.windows[0]?.curve ?? "linear" },
        turned: (shown.kind === "grey" && picture.inverted) !== this.inverted,
        smooth: there.width / picture.columns < 6,
      });
      this.drawn = frame;
      this.dropFirst();
    } else if (this.first === null) {
      this.painter.draw(null, blank(picture));
      this.drawn = null;
    }
    this.tell(picture, frame);
    this.measurements.place(this.at);
    this.events.changed(this);
  }

  private fitCanvas(): void {
    const { width, height } = this.size;
    // While something moves one device pixel a CSS pixel keeps up; at rest every pixel counts.
    const ratio = this.moving ? 1 : Math.min(window.devicePixelRatio || 1, 3);
    const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== wide || this.canvas.height !== high) {
      this.canvas.width = wide;
      this.canvas.height = high;
    }
  }

  /** A lost WebGL context (a phone that wants its memory back) must not end the session. */
  private replacePainter(): void {
    const fresh = element("canvas", { "aria-hidden": "true" });
    this.canvas.replaceWith(fresh);
    Object.assign(this, { canvas: fresh });
    this.fitCanvas();
    this.painter = painterOn(fresh, "2d");
  }

  private dropFirst(): void {
    this.first?.remove();
    this.first = null;
  }

  private tell(picture: Picture | null, frame: Frame | null): void {
    const { words } = this.parts;
    const quality = this.quality;
    this.stage.dataset["quality"] = frame === null && this.first === null ? "none" : quality;
    this.stage.dataset["index"] = String(this.at);
    const state = this.stage.dataset["quality"];
    setText(this.badge, words(state === "full" ? "full" : state === "preview" ? "preview" : "loading"));
    const total = this.series?.pictures.length ?? 0;
    setText(this.count, total > 0 ? words("slice", this.at + 1, total) : "");
    const { center, width } = this.window;
    setText(this.windowLine, this.windowable ? `C ${Math.round(center)} W ${Math.round(width)}` : "");
    const letters = orientationMarks(picture?.orientation ?? null) ?? projectionMarks(picture?.directions ?? null);
    for (const [side, mark] of this.marks) {
      setText(mark, letters?.[side as keyof typeof letters] ?? "");
    }
    if (picture?.spacingIsReal) {
      const scale = fitScale(extentOf(picture), this.size) * this.placed.zoom;
      const { mm, length } = scaleBar(scale, this.size.width);
      this.bar.style.width = `${length}px`;
      setText(this.bar, mm >= 10 ? `${mm / 10} cm` : `${mm} mm`);
      this.bar.title = picture.spacingAt === "detector" ? words("atDetector") : "";
    }
    this.bar.hidden = !picture?.spacingIsReal;
  }
}

function extentOf(picture: Picture): Size {
  return extent(picture.rows, picture.columns, picture.pixelSpacing);
}

function setText(where: HTMLElement, text: string): void {
  if (where.textContent !== text) where.textContent = text;
}

function blank(picture: Picture | null) {
  return {
    rectangle: { x: 0, y: 0, width: 0, height: 0 },
    picture: picture as Picture,
    slope: 1,
    intercept: 0,
    window: { center: 0, width: 1, curve: "linear" as const },
    turned: false,
    smooth: false,
  };
}
