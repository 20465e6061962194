/** From stored values to grey (PS3.3 C.11.2.1.2, C.7.6.3.1.2): pure arithmetic. */

import type { Picture, Window } from "../model.ts";

export interface Preset extends Window {
  /** A key of the dictionary, or "" where `name` is shown as it is. */
  text: string;
}

/** Windows of daily work, in Hounsfield units. */
const CT: Preset[] = [
  { text: "lung", name: "lung", center: -600, width: 1500 },
  { text: "mediastinum", name: "mediastinum", center: 40, width: 400 },
  { text: "abdomen", name: "abdomen", center: 60, width: 350 },
  { text: "bone", name: "bone", center: 500, width: 2000 },
  { text: "brain", name: "brain", center: 40, width: 80 },
];

/** The object's own windows first, then those of its modality. */
export function presetsOf(picture: Picture, modality: string): Preset[] {
  const own = picture.windows.map((each, at) => ({
    ...each,
    text: each.name === "" ? (at === 0 ? "standard" : "") : "",
    name: each.name || String(at + 1),
  }));
  return modality === "CT" && picture.slope !== 0 ? [...own, ...CT] : own;
}

/**
 * Grey of an output value under a window, 0 to 255, by the LINEAR function of C.11.2.1.2.1:
 * width 1 is a threshold.
 */
export function windowed(output: number, window: { center: number; width: number }): number {
  const width = Math.max(window.width, 1);
  const center = window.center - 0.5;
  if (width === 1) return output <= center ? 0 : 255;
  const share = (output - center) / (width - 1) + 0.5;
  return Math.min(Math.max(share, 0), 1) * 255;
}

/** One table for all stored values, so that 2-D drawing is one look-up a pixel. */
export function greyTable(
  picture: Picture,
  window: { center: number; width: number },
  inverted: boolean,
): { table: Uint8ClampedArray; lowest: number } {
  const [lowest, highest] = storedRange(picture);
  const table = new Uint8ClampedArray(highest - lowest + 1);
  const turned = inverted !== picture.inverted;
  for (let stored = lowest; stored <= highest; stored++) {
    const grey = windowed(stored * picture.slope + picture.intercept, window);
    table[stored - lowest] = turned ? 255 - grey : grey;
  }
  return { table, lowest };
}

/** What the array that holds the values can hold. */
export function storedRange(picture: Picture): [number, number] {
  const bits = picture.bitsAllocated <= 8 ? 8 : 16;
  return picture.signed ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
}

/** A window for a picture that brings none: from its darkest to its brightest value. */
export function windowOfValues(
  values: ArrayLike<number>,
  picture: { slope: number; intercept: number },
): { center: number; width: number } {
  let least = Infinity;
  let most = -Infinity;
  // Every seventh pixel says enough; seven shares no factor with the usual row lengths.
  for (let at = 0; at < values.length; at += 7) {
    const value = values[at] ?? 0;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (!(most > least)) return { center: least * picture.slope + picture.intercept, width: 2 };
  const low = least * picture.slope + picture.intercept;
  const high = most * picture.slope + picture.intercept;
  return { center: (low + high + 1) / 2, width: Math.abs(high - low) + 1 };
}

/** Change a window by a drag, in steps that suit its width. */
export function dragged(
  window: { center: number; width: number },
  dx: number,
  dy: number,
): { center: number; width: number } {
  const step = Math.max(window.width, 16) / 256;
  return {
    center: window.center + dy * step,
    width: Math.max(window.width + dx * step * 1.5, 1),
  };
}
