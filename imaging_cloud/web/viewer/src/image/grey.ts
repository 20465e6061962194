/** From stored values to grey (PS3.3 C.11.2.1.2, C.7.6.3.1.2): pure arithmetic. */

import type { Curve, Picture, Window } from "../model.ts";

export interface Preset extends Omit<Window, "curve"> {
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

/** A window as the formulas need it: its middle, its span, and whether it is a sigmoid. */
export function curveOf(window: { center: number; width: number; curve?: Curve }) {
  const { center, curve } = window;
  if (curve === "sigmoid") return { middle: center, span: window.width, sigmoid: true };
  // LINEAR counts from the middle of a value to that of another one (C.11.2.1.2.1).
  const exact = curve === "linear-exact";
  return { middle: exact ? center : center - 0.5, span: exact ? window.width : window.width - 1, sigmoid: false };
}

/**
 * Grey of an output value under a window, 0 to 255, by the functions of C.11.2.1.2 and C.11.2.1.3;
 * width 1 of the LINEAR one is a threshold.
 */
export function windowed(output: number, window: { center: number; width: number; curve?: Curve }): number {
  const { middle, span, sigmoid } = curveOf(window);
  if (sigmoid) return 255 / (1 + Math.exp((-4 * (output - middle)) / span));
  if (span <= 0) return output <= middle ? 0 : 255;
  return Math.min(Math.max((output - middle) / span + 0.5, 0), 1) * 255;
}

/** One table for all stored values, so that 2-D drawing is one look-up a pixel. */
export function greyTable(
  picture: Picture,
  window: { center: number; width: number; curve?: Curve },
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
