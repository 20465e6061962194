/** Which values become which grey: the picture's own window until a person chooses another. */

import { dragged, presetsOf, type Preset, windowOfValues } from "../image/grey.ts";
import type { Frame, Picture } from "../model.ts";
import { windowList } from "./presets.ts";

type Value = { center: number; width: number };

export class Windowing {
  private chosen: Value | null = null;
  private automatic: Value | null = null;

  constructor(
    private readonly shown: { picture(): Picture | null; frame(): Frame | null; modality(): string },
    private readonly changed: () => void,
  ) {}

  get now(): Value {
    return this.chosen ?? this.usual;
  }

  /** The window before anybody chose one. */
  private get usual(): Value {
    return this.shown.picture()?.windows[0] ?? this.automatic ?? { center: 128, width: 256 };
  }

  /** Whether a window changes what is seen. */
  get useful(): boolean {
    const picture = this.shown.picture();
    return picture?.kind === "grey" && !picture.hasLut;
  }

  presets(): Preset[] {
    const picture = this.shown.picture();
    if (picture === null) return [];
    const modality = this.shown.modality();
    return windowList(presetsOf(picture, modality), modality, this.usual);
  }

  /** Another series: nobody has chosen anything for it. */
  reset(): void {
    this.chosen = null;
    this.automatic = null;
  }

  /** The first values of a series that names no window give it one. */
  follow(picture: Picture, frame: Frame): void {
    if (frame.kind === "grey" && picture.windows.length === 0 && this.automatic === null) {
      this.automatic = windowOfValues(frame.values, picture);
    }
  }

  set(window: Value | null): void {
    this.chosen = window;
    this.changed();
  }

  /** From the darkest to the brightest value of the shown picture. */
  wholeRange(): void {
    const [picture, frame] = [this.shown.picture(), this.shown.frame()];
    if (frame?.kind === "grey" && picture !== null) this.set(windowOfValues(frame.values, picture));
  }

  drag(dx: number, dy: number): void {
    if (this.useful) this.set(dragged(this.now, dx, dy));
  }
}
