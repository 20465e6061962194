/** Lengths, angles and mean values, drawn in the picture's own pixels over the stage. */

import type { Point } from "../image/geometry.ts";
import { angleOf, ellipseStatistics, lengthOf } from "../image/measure.ts";
import type { Frame, Picture } from "../model.ts";
import { svg } from "./dom.ts";
import type { Tool } from "./gestures.ts";
import type { texts } from "./texts.ts";

interface Drawn {
  tool: "length" | "angle" | "ellipse";
  index: number;
  points: Point[];
  open: boolean;
}

interface Ways {
  picture(): Picture | null;
  frame(): Frame | null;
  toPixel(at: Point): Point;
  toStage(pixel: Point): Point;
}

export class Measurements {
  private readonly layer: SVGElement;
  private drawn: Drawn[] = [];
  private shownAt = 0;

  constructor(
    stage: HTMLElement,
    private readonly words: ReturnType<typeof texts>,
    private readonly ways: Ways,
  ) {
    this.layer = svg("svg", { class: "measurements", "aria-hidden": "true" });
    stage.append(this.layer);
  }

  clear(): void {
    this.drawn = [];
    this.place(this.shownAt);
  }

  /** What was begun and is not to be ended. */
  dropOpen(): void {
    if (!this.drawn.at(-1)?.open) return;
    this.drawn.pop();
    this.waiting = false;
    this.place(this.shownAt);
  }

  /** An angle takes two drags: the first leg, then the second from its end. */
  draw(tool: Tool, from: Point, to: Point, ended: boolean, index: number): void {
    if (tool !== "length" && tool !== "angle" && tool !== "ellipse") return;
    const [a, b] = [this.ways.toPixel(from), this.ways.toPixel(to)];
    const last = this.drawn.at(-1);
    if (last?.open && last.tool === tool && last.index === index) {
      if (tool === "angle" && last.points.length >= 3) last.points[2] = b;
      else if (tool === "angle" && last.points.length === 2 && this.waiting) last.points.push(b);
      else last.points[1] = b;
    } else {
      this.waiting = false;
      this.drawn.push({ tool, index, points: [a, b], open: true });
    }
    const now = this.drawn.at(-1);
    if (ended && now !== undefined) {
      if (tool === "angle" && now.points.length === 2) this.waiting = true;
      else {
        now.open = false;
        this.waiting = false;
        if (lengthInPixels(now.points) < 2) this.drawn.pop(); // a tap is no measurement
      }
    }
    this.place(index);
  }

  private waiting = false;

  /** Draw those of the shown picture where they belong now. */
  place(index: number): void {
    this.shownAt = index;
    this.layer.replaceChildren();
    for (const each of this.drawn) {
      if (each.index !== index) continue;
      const points = each.points.map((point) => this.ways.toStage(point));
      this.layer.append(shapeOf(each, points));
      const at = points.at(-1) ?? { x: 0, y: 0 };
      const label = svg("text", { x: at.x + 8, y: at.y - 8 });
      label.textContent = this.say(each);
      this.layer.append(label);
    }
  }

  private say(each: Drawn): string {
    const picture = this.ways.picture();
    if (picture === null) return "";
    if (each.tool === "angle") {
      return each.points.length < 3 ? "" : `${angleOf(each.points, picture.pixelSpacing).toFixed(1)}°`;
    }
    if (each.tool === "length") {
      const length = lengthOf(each.points, picture.pixelSpacing);
      if (!picture.spacingIsReal) return `${lengthInPixels(each.points).toFixed(0)} px`;
      // A projection enlarges: what lies nearer to the tube measures longer than it is.
      const where = picture.spacingAt === "detector" ? ` (${this.words("atDetector")})` : "";
      return `${length.toFixed(1)} mm${where}`;
    }
    const frame = this.ways.frame();
    if (frame?.kind !== "grey" || !frame.full) return "";
    const { mean, deviation, count } = ellipseStatistics(frame, each.points, picture);
    if (count === 0) return "";
    const units = picture.units && picture.units !== "US" ? ` ${picture.units}` : "";
    const [high, wide] = picture.pixelSpacing;
    const area = picture.spacingIsReal ? ` · ${((count * high * wide) / 100).toFixed(2)} cm²` : "";
    return `${this.words("mean")} ${mean.toFixed(1)} ± ${deviation.toFixed(1)}${units}${area}`;
  }
}

function shapeOf(each: Drawn, points: Point[]): SVGElement {
  const [a = { x: 0, y: 0 }, b = a] = points;
  if (each.tool === "ellipse") {
    return svg("ellipse", {
      cx: (a.x + b.x) / 2,
      cy: (a.y + b.y) / 2,
      rx: Math.abs(a.x - b.x) / 2,
      ry: Math.abs(a.y - b.y) / 2,
    });
  }
  return svg("polyline", { points: points.map(({ x, y }) => `${x},${y}`).join(" ") });
}

function lengthInPixels(points: Point[]): number {
  const [a, b] = points;
  return a === undefined || b === undefined ? 0 : Math.hypot(a.x - b.x, a.y - b.y);
}
