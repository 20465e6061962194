/** What can draw a frame onto a canvas. */

import type { Curve, Frame, Picture } from "../model.ts";
import { Canvas2DPainter } from "./canvas2d.ts";
import type { Point, Size } from "./geometry.ts";
import { WebGLPainter } from "./webgl.ts";

/** `rectangle` is in device pixels of the canvas. */
export interface Drawing {
  rectangle: Point & Size;
  picture: Picture;
  slope: number;
  intercept: number;
  window: { center: number; width: number; curve: Curve };
  turned: boolean;
  smooth: boolean;
}

export interface Painter {
  readonly name: string;
  /** The longest side of a frame that it can draw. */
  readonly largestSide: number;
  readonly usable: boolean;
  /** Grey pictures may come, or such a picture comes soon: get ready beside what else is to do. */
  expect(picture: Picture | null): void;
  draw(frame: Frame | null, how: Drawing): void;
}

/** WebGL2 where there is one; `?renderer=2d` asks for the other. */
export function painterOn(canvas: HTMLCanvasElement, wanted: string): Painter {
  const best = wanted === "2d" ? null : WebGLPainter.on(canvas);
  return best ?? new Canvas2DPainter(canvas);
}
