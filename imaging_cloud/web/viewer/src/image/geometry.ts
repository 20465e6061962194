/** Where the picture lies on the screen: pure arithmetic, CSS pixels, no DOM. */

export interface Size {
  width: number;
  height: number;
}

export interface Point {
  x: number;
  y: number;
}

/** `zoom` 1 fits the whole picture; `x`, `y` are the offset of its middle from the stage's. */
export interface Placement {
  zoom: number;
  x: number;
  y: number;
}

export const FITTED: Placement = { zoom: 1, x: 0, y: 0 };
/** Beyond 16 a pixel of a slice is a thumbnail of its own. */
export const MOST_ZOOM = 16;
export const LEAST_ZOOM = 0.5;

/** The picture's size in millimetres or their like: pixels need not be square. */
export function extent(rows: number, columns: number, spacing: [number, number]): Size {
  return { width: columns * spacing[1], height: rows * spacing[0] };
}

export function extentOf(picture: { rows: number; columns: number; pixelSpacing: [number, number] }): Size {
  return extent(picture.rows, picture.columns, picture.pixelSpacing);
}

/** Screen pixels of one unit of `picture` when it just fits. */
export function fitScale(picture: Size, stage: Size): number {
  if (picture.width <= 0 || picture.height <= 0) return 1;
  return Math.min(stage.width / picture.width, stage.height / picture.height);
}

/** The rectangle of the picture on the stage. */
export function rectangle(picture: Size, stage: Size, placed: Placement): Point & Size {
  const scale = fitScale(picture, stage) * placed.zoom;
  const width = picture.width * scale;
  const height = picture.height * scale;
  return {
    x: stage.width / 2 + placed.x - width / 2,
    y: stage.height / 2 + placed.y - height / 2,
    width,
    height,
  };
}

/** Zoom by `factor` so that what lies under `at` stays there. */
export function zoomAbout(placed: Placement, factor: number, at: Point, stage: Size): Placement {
  const zoom = clamp(placed.zoom * factor, LEAST_ZOOM, MOST_ZOOM);
  const real = zoom / placed.zoom;
  const middle = { x: at.x - stage.width / 2, y: at.y - stage.height / 2 };
  return {
    zoom,
    x: middle.x - (middle.x - placed.x) * real,
    y: middle.y - (middle.y - placed.y) * real,
  };
}

/** Keep at least a quarter of the stage covered, so that the picture cannot be lost. */
export function keepInSight(placed: Placement, picture: Size, stage: Size): Placement {
  const scale = fitScale(picture, stage) * placed.zoom;
  const roomX = Math.max((picture.width * scale + stage.width) / 2 - stage.width / 4, 0);
  const roomY = Math.max((picture.height * scale + stage.height) / 2 - stage.height / 4, 0);
  return { zoom: placed.zoom, x: clamp(placed.x, -roomX, roomX), y: clamp(placed.y, -roomY, roomY) };
}

/** From a point on the stage to pixel coordinates (column, row), fractions kept. */
export function toPixel(
  at: Point,
  stage: Size,
  placed: Placement,
  rows: number,
  columns: number,
  spacing: [number, number],
): Point {
  const there = rectangle(extent(rows, columns, spacing), stage, placed);
  return {
    x: ((at.x - there.x) / there.width) * columns,
    y: ((at.y - there.y) / there.height) * rows,
  };
}

/** The other way round. */
export function toStage(
  pixel: Point,
  stage: Size,
  placed: Placement,
  rows: number,
  columns: number,
  spacing: [number, number],
): Point {
  const there = rectangle(extent(rows, columns, spacing), stage, placed);
  return {
    x: there.x + (pixel.x / columns) * there.width,
    y: there.y + (pixel.y / rows) * there.height,
  };
}

export interface Marks {
  left: string;
  right: string;
  top: string;
  bottom: string;
}

const OPPOSITE: Record<string, string> = { R: "L", L: "R", A: "P", P: "A", H: "F", F: "H" };

/**
 * The letters at the edges (PS3.3 C.7.6.1.1.1): up to two for an oblique direction. Patient axes
 * are x to the Left, y to the Posterior, z to the Head.
 */
export function orientationMarks(orientation: number[] | null): Marks | null {
  if (orientation === null || orientation.length !== 6 || !orientation.every(Number.isFinite)) {
    return null;
  }
  const right = directionLetters(orientation.slice(0, 3));
  const bottom = directionLetters(orientation.slice(3, 6));
  if (right === "" || bottom === "") return null;
  return { right, bottom, left: opposite(right), top: opposite(bottom) };
}

/** The same from Patient Orientation: where rows and columns of a projection lead. */
export function projectionMarks(directions: [string, string] | null): Marks | null {
  if (directions === null) return null;
  const [right, bottom] = directions;
  return { right, bottom, left: opposite(right), top: opposite(bottom) };
}

/** Components below this say nothing: about 17 degrees off an axis. */
const SMALL = 0.3;

function directionLetters(direction: number[]): string {
  const named = [
    { size: Math.abs(direction[0] ?? 0), letter: (direction[0] ?? 0) > 0 ? "L" : "R" },
    { size: Math.abs(direction[1] ?? 0), letter: (direction[1] ?? 0) > 0 ? "P" : "A" },
    { size: Math.abs(direction[2] ?? 0), letter: (direction[2] ?? 0) > 0 ? "H" : "F" },
  ];
  named.sort((a, b) => b.size - a.size);
  return named
    .filter((each) => each.size > SMALL)
    .slice(0, 2)
    .map((each) => each.letter)
    .join("");
}

function opposite(letters: string): string {
  return [...letters].map((letter) => OPPOSITE[letter] ?? "").join("");
}

/** A round length in mm that takes up to a third of the stage, and its length on the screen. */
export function scaleBar(screenPerMm: number, stageWidth: number): { mm: number; length: number } {
  if (!(screenPerMm > 0)) return { mm: 0, length: 0 };
  const most = stageWidth / 3 / screenPerMm;
  let mm = 0;
  for (const each of [1, 2, 5, 10, 20, 50, 100, 200, 500]) if (each <= most) mm = each;
  return { mm, length: mm * screenPerMm };
}

/** Place of a slice along the normal of its plane, in mm; null where geometry is missing. */
export function alongNormal(orientation: number[] | null, position: number[] | null): number | null {
  if (orientation?.length !== 6 || position?.length !== 3) return null;
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = orientation;
  const normal = [b * f - c * e, c * d - a * f, a * e - b * d];
  return normal.reduce((sum, part, at) => sum + part * (position[at] ?? 0), 0);
}

export function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
