/** Drawing without WebGL: a look-up table, an ImageData, and the browser's own scaling. */

import type { Frame, GreyFrame } from "../model.ts";
import { greyTable } from "./grey.ts";
import type { Drawing, Painter } from "./painter.ts";

export class Canvas2DPainter implements Painter {
  readonly name = "2d";
  readonly largestSide = 8192;
  readonly usable = true;
  private readonly context: CanvasRenderingContext2D | null;
  private readonly inner = document.createElement("canvas");
  private shown: { frame: GreyFrame; key: string } | null = null;

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.context = canvas.getContext("2d", { alpha: false });
  }

  expect(): void {}

  draw(frame: Frame | null, how: Drawing): void {
    const context = this.context;
    if (context === null) return;
    context.fillStyle = "#000";
    context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    if (frame === null) return;
    const { x, y, width, height } = how.rectangle;
    context.imageSmoothingEnabled = how.smooth;
    context.imageSmoothingQuality = "high";
    const source = frame.kind === "flat" ? frame.bitmap : this.grey(frame, how);
    context.filter = frame.kind === "flat" && how.turned ? "invert(1)" : "none";
    context.drawImage(source, x, y, width, height);
  }

  private grey(frame: GreyFrame, how: Drawing): HTMLCanvasElement {
    const key = `${how.window.center} ${how.window.width} ${how.window.curve} ${how.turned}`;
    if (this.shown?.frame === frame && this.shown.key === key) return this.inner;
    const { columns, rows, values } = frame;
    this.inner.width = columns;
    this.inner.height = rows;
    const inner = this.inner.getContext("2d", { alpha: false });
    if (inner === null) return this.inner;
    // `turned` holds MONOCHROME1 already; the table would add it once more.
    const picture = { ...how.picture, inverted: false };
    const { table, lowest } = greyTable(picture, how.window, how.turned);
    const image = inner.createImageData(columns, rows);
    const pixels = new Uint32Array(image.data.buffer);
    for (let at = 0; at < values.length; at++) {
      const grey = table[(values[at] ?? 0) - lowest] ?? 0;
      pixels[at] = 0xff000000 | (grey << 16) | (grey << 8) | grey;
    }
    inner.putImageData(image, 0, 0);
    this.shown = { frame, key };
    return this.inner;
  }
}
