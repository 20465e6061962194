/** What the viewer knows of a series: one entry a picture, in the order they are shown. */

/** How stored values become grey (PS3.3 C.11): modality first, then one of the windows. */
export interface Window {
  center: number;
  width: number;
  name: string;
  /** VOI LUT Function (PS3.3 C.11.2.1.2, C.11.2.1.3). */
  curve: Curve;
}

export type Curve = "linear" | "linear-exact" | "sigmoid";

export interface Picture {
  sopInstanceUid: string;
  /** 1-based, as in WADO-RS. */
  frame: number;
  rows: number;
  columns: number;
  /** Colour frames come as ordinary pictures; grey ones as HTJ2K, or raw where that cannot be. */
  kind: "grey" | "colour";
  bitsAllocated: number;
  bitsStored: number;
  signed: boolean;
  /** MONOCHROME1: the lowest value is white. */
  inverted: boolean;
  slope: number;
  intercept: number;
  windows: Window[];
  /** A VOI LUT or a modality LUT that no line describes: the server renders it. */
  hasLut: boolean;
  /** Height and width of a pixel: in mm where `spacingIsReal`, else only their ratio counts. */
  pixelSpacing: [number, number];
  spacingIsReal: boolean;
  /** Where the spacing holds: "patient", "detector" (a projection enlarges), "ultrasound" or "". */
  spacingAt: string;
  /** PS3.3 C.7.6.2: direction cosines of a row and of a column, and the first pixel's place. */
  orientation: number[] | null;
  /** Patient Orientation (PS3.3 C.7.6.1.1.1) of pictures that have no orientation in space. */
  directions: [string, string] | null;
  position: number[] | null;
  frameOfReference: string;
  /** Bytes of the HTJ2K frame that hold each resolution, smallest first; empty: none. */
  prefixes: number[];
  /** Of the modality values: "HU" where the object says so, else "". */
  units: string;
  /** Frame time of a moving picture, in ms; 0: none is given. */
  frameTime: number;
}

export interface Series {
  studyUid: string;
  seriesUid: string;
  modality: string;
  description: string;
  number: number | null;
  pictures: Picture[];
}

/** One decoded grey frame: its stored values, nothing applied. */
export interface GreyFrame {
  kind: "grey";
  columns: number;
  rows: number;
  values: Int16Array | Uint16Array | Int8Array | Uint8Array;
  /** Of the full matrix, not of a smaller resolution. */
  full: boolean;
  /** The values are those of the answer as it is kept: not this frame's to be used again. */
  borrowed?: boolean;
}

/** One ordinary picture: colour, or grey that the server has windowed already. */
export interface FlatFrame {
  kind: "flat";
  columns: number;
  rows: number;
  bitmap: ImageBitmap;
  full: boolean;
}

export type Frame = GreyFrame | FlatFrame;

export function bytesOf(frame: Frame): number {
  return frame.kind === "grey" ? frame.values.byteLength : frame.columns * frame.rows * 4;
}

/** Whether it comes as an ordinary picture, which the server has rendered. */
export function isFlat(picture: Picture): boolean {
  return picture.kind === "colour" || picture.hasLut;
}

/** Whether it still holds its picture: what has left the cache is closed, or its memory used again. */
export function isHeld(frame: Frame): boolean {
  return frame.kind === "flat" ? frame.bitmap.width > 0 : frame.values.length > 0;
}
