/** Measuring without a pointer: a cross that arrow keys move, and Enter that sets a point. */

import type { Point, Size } from "../image/geometry.ts";
import { clamp } from "../image/geometry.ts";
import { svg } from "./dom.ts";
import type { Tool } from "./gestures.ts";

const STEP_PX = 2;
const LARGE_STEP_PX = 20;
const ARM_PX = 12;

export interface CrosshairWays {
  size(): Size;
  tool(): Tool;
  draw(from: Point, to: Point, ended: boolean): void;
}

export class Crosshair {
  private at: Point | null = null;
  private from: Point | null = null;
  /** Legs of an angle that are set. */
  private legs = 0;
  private readonly layer: SVGElement;

  constructor(stage: HTMLElement, private readonly ways: CrosshairWays) {
    this.layer = svg("svg", { class: "crosshair", "aria-hidden": "true" });
    stage.append(this.layer);
  }

  get shown(): boolean {
    return this.at !== null;
  }

  /** Enter: first the cross comes, then each press sets a point. */
  press(): void {
    const { width, height } = this.ways.size();
    if (this.at === null) this.at = { x: width / 2, y: height / 2 };
    else if (this.from === null) this.from = { ...this.at };
    else {
      this.ways.draw(this.from, this.at, true);
      this.legs++;
      const goesOn = this.ways.tool() === "angle" && this.legs < 2;
      this.from = goesOn ? { ...this.at } : null;
      if (!goesOn) this.legs = 0;
    }
    this.show();
  }

  /** `dx`, `dy`: -1, 0 or 1. */
  move(dx: number, dy: number, large: boolean): void {
    if (this.at === null) return;
    const { width, height } = this.ways.size();
    const step = large ? LARGE_STEP_PX : STEP_PX;
    this.at = { x: clamp(this.at.x + dx * step, 0, width), y: clamp(this.at.y + dy * step, 0, height) };
    if (this.from !== null) this.ways.draw(this.from, this.at, false);
    this.show();
  }

  /** Escape, or another tool. What is begun is dropped by the measurements themselves. */
  hide(): void {
    this.at = null;
    this.from = null;
    this.legs = 0;
    this.show();
  }

  private show(): void {
    this.layer.replaceChildren();
    if (this.at === null) return;
    const { x, y } = this.at;
    const d = `M${x - ARM_PX} ${y}H${x + ARM_PX}M${x} ${y - ARM_PX}V${y + ARM_PX}`;
    this.layer.append(svg("path", { d }));
  }
}
