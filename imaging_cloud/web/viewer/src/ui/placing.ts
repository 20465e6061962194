/** Where the picture lies on its stage: moved and enlarged by fingers, buttons and keys. */

import {
  extentOf,
  FITTED,
  keepInSight,
  type Placement,
  type Point,
  type Size,
  toPixel,
  toStage,
  zoomAbout,
} from "../image/geometry.ts";
import type { Picture } from "../model.ts";

/** Beyond this a finger moves the picture instead of going through the slices. */
const ENLARGED = 1.05;

export class Placing {
  private placed: Placement = FITTED;

  constructor(
    private readonly stage: { picture(): Picture | null; size(): Size },
    private readonly changed: () => void,
  ) {}

  get now(): Placement {
    return this.placed;
  }

  get enlarged(): boolean {
    return this.placed.zoom > ENLARGED;
  }

  /** As at first, and nobody is told: what is shown changes anyway. */
  reset(): void {
    this.placed = FITTED;
  }

  fit(): void {
    this.put(FITTED);
  }

  panBy(dx: number, dy: number): void {
    this.put({ ...this.placed, x: this.placed.x + dx, y: this.placed.y + dy });
  }

  zoomAt(factor: number, at: Point): void {
    this.put(zoomAbout(this.placed, factor, at, this.stage.size()));
  }

  zoomBy(factor: number): void {
    const { width, height } = this.stage.size();
    this.zoomAt(factor, { x: width / 2, y: height / 2 });
  }

  pixelAt(at: Point): Point {
    const picture = this.stage.picture();
    if (picture === null) return { x: 0, y: 0 };
    const { rows, columns, pixelSpacing } = picture;
    return toPixel(at, this.stage.size(), this.placed, rows, columns, pixelSpacing);
  }

  stageAt(pixel: Point): Point {
    const picture = this.stage.picture();
    if (picture === null) return { x: 0, y: 0 };
    const { rows, columns, pixelSpacing } = picture;
    return toStage(pixel, this.stage.size(), this.placed, rows, columns, pixelSpacing);
  }

  private put(placed: Placement): void {
    const picture = this.stage.picture();
    this.placed = picture === null ? placed : keepInSight(placed, extentOf(picture), this.stage.size());
    this.changed();
  }
}
