/** What is written over the picture: its state, its number, its window, its edges, its scale. */

import {
  fitScale,
  extentOf,
  orientationMarks,
  type Placement,
  projectionMarks,
  scaleBar,
  type Size,
} from "../image/geometry.ts";
import type { Picture } from "../model.ts";
import { element } from "./dom.ts";
import type { texts } from "./texts.ts";

export type Quality = "full" | "preview" | "none";

export interface Told {
  picture: Picture | null;
  quality: Quality;
  index: number;
  total: number;
  /** Null where no window changes what is seen. */
  window: { center: number; width: number } | null;
  placed: Placement;
  size: Size;
}

export class Overlay {
  private readonly badge = element("span", { class: "badge", role: "status" });
  private readonly count = element("span", { class: "count" });
  private readonly windowLine = element("span", { class: "window-line" });
  private readonly marks = new Map<string, HTMLElement>();
  private readonly bar = element("span", { class: "scale" });

  constructor(
    private readonly stage: HTMLElement,
    private readonly words: ReturnType<typeof texts>,
  ) {
    const overlay = element("div", { class: "overlay" }, this.badge, this.count, this.windowLine);
    for (const side of ["left", "right", "top", "bottom"]) {
      const mark = element("span", { class: `mark ${side}`, "aria-hidden": "true" });
      this.marks.set(side, mark);
      overlay.append(mark);
    }
    overlay.append(this.bar);
    stage.append(overlay);
  }

  tell({ picture, quality, index, total, window, placed, size }: Told): void {
    const { words } = this;
    this.stage.dataset["quality"] = quality;
    this.stage.dataset["index"] = String(index);
    setText(this.badge, words(quality === "full" ? "full" : quality === "preview" ? "preview" : "loading"));
    setText(this.count, total > 0 ? words("slice", index + 1, total) : "");
    setText(this.windowLine, window ? `C ${Math.round(window.center)} W ${Math.round(window.width)}` : "");
    const letters = orientationMarks(picture?.orientation ?? null) ?? projectionMarks(picture?.directions ?? null);
    for (const [side, mark] of this.marks) setText(mark, letters?.[side as keyof typeof letters] ?? "");
    this.measure(picture, placed, size);
  }

  private measure(picture: Picture | null, placed: Placement, size: Size): void {
    this.bar.hidden = !picture?.spacingIsReal;
    if (!picture?.spacingIsReal) return;
    const { mm, length } = scaleBar(fitScale(extentOf(picture), size) * placed.zoom, size.width);
    this.bar.style.width = `${length}px`;
    setText(this.bar, mm >= 10 ? `${mm / 10} cm` : `${mm} mm`);
    this.bar.title = picture.spacingAt === "detector" ? this.words("atDetector") : "";
  }
}

function setText(where: HTMLElement, text: string): void {
  if (where.textContent !== text) where.textContent = text;
}
