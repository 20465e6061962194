/** The canvas of a stage and what paints it: its size in device pixels, a lost context replaced. */

import { extentOf, type Placement, rectangle, type Size } from "../image/geometry.ts";
import { type Drawing, type Painter, painterOn } from "../image/painter.ts";
import type { Frame, Picture } from "../model.ts";
import { element } from "./dom.ts";

/** Beyond three device pixels to a CSS pixel nobody sees a difference. */
const MOST_RATIO = 3;
/** Where a pixel of the picture is larger than this, it is shown as the square it is. */
const SQUARE_PX = 6;

export interface Shown {
  picture: Picture;
  frame: Frame;
  window: { center: number; width: number };
  inverted: boolean;
  placed: Placement;
}

export class Surface {
  /** Hidden until there is something on it: an empty one costs the first frames as much as a full one. */
  private canvas = element("canvas", { "aria-hidden": "true", hidden: "" });
  private made: Painter | null = null;

  constructor(
    private readonly stage: HTMLElement,
    private readonly renderer: string,
  ) {
    stage.prepend(this.canvas);
  }

  get rendererName(): string {
    return this.painter.name;
  }

  /** Made when first needed, on a canvas that has its size: to change that afterwards is to wait. */
  private get painter(): Painter {
    if (this.made === null) {
      this.fit(false);
      this.made = painterOn(this.canvas, this.renderer);
    }
    return this.made;
  }

  get size(): Size {
    return { width: this.stage.clientWidth || 1, height: this.stage.clientHeight || 1 };
  }

  /** See Painter.expect. */
  expect(picture: Picture | null): void {
    this.painter.expect(picture);
  }

  draw(shown: Shown, moving: boolean): void {
    this.fit(moving);
    const tooLarge = Math.max(shown.frame.columns, shown.frame.rows) > this.painter.largestSide;
    if (!this.painter.usable || (tooLarge && this.painter.name !== "2d")) this.replacePainter(moving);
    this.paint(shown);
    if (this.painter.usable) return;
    this.replacePainter(moving);
    this.paint(shown);
  }

  private paint({ picture, frame, window, inverted, placed }: Shown): void {
    const ratio = this.canvas.width / this.size.width;
    const there = rectangle(extentOf(picture), this.size, placed);
    this.canvas.hidden = false;
    this.painter.draw(frame, {
      rectangle: {
        x: there.x * ratio,
        y: there.y * ratio,
        width: there.width * ratio,
        height: there.height * ratio,
      },
      picture,
      slope: picture.slope,
      intercept: picture.intercept,
      window: { ...window, curve: picture.windows[0]?.curve ?? "linear" },
      turned: (frame.kind === "grey" && picture.inverted) !== inverted,
      smooth: there.width / picture.columns < SQUARE_PX,
    });
  }

  clear(picture: Picture | null, moving: boolean): void {
    this.fit(moving);
    this.canvas.hidden = false;
    this.painter.draw(null, blank(picture));
  }

  private fit(moving: boolean): void {
    const { width, height } = this.size;
    // While something moves one device pixel a CSS pixel keeps up; at rest every pixel counts.
    const ratio = moving ? 1 : Math.min(window.devicePixelRatio || 1, MOST_RATIO);
    const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== wide || this.canvas.height !== high) {
      this.canvas.width = wide;
      this.canvas.height = high;
    }
  }

  /**
   * A lost WebGL context (a phone that wants its memory back) must not end the session, nor a
   * picture that is larger than the card's textures.
   */
  private replacePainter(moving: boolean): void {
    const fresh = element("canvas", { "aria-hidden": "true" });
    this.canvas.replaceWith(fresh);
    this.canvas = fresh;
    this.fit(moving);
    this.made = painterOn(fresh, "2d");
  }
}

function blank(picture: Picture | null): Drawing {
  return {
    rectangle: { x: 0, y: 0, width: 0, height: 0 },
    picture: picture as Picture,
    slope: 1,
    intercept: 0,
    window: { center: 0, width: 1, curve: "linear" },
    turned: false,
    smooth: false,
  };
}
