/** Lengths, angles and statistics in the picture's own coordinates: pure arithmetic. */

import type { GreyFrame } from "../model.ts";
import type { Point } from "./geometry.ts";

/** In mm when the spacing is in mm. `spacing` is between rows, then between columns. */
export function lengthOf(points: Point[], spacing: [number, number]): number {
  const [a, b] = points;
  if (a === undefined || b === undefined) return 0;
  return Math.hypot((a.x - b.x) * spacing[1], (a.y - b.y) * spacing[0]);
}

/** Degrees at the middle one of three points, 0 to 180. */
export function angleOf(points: Point[], spacing: [number, number]): number {
  const [a, b, c] = points;
  if (a === undefined || b === undefined || c === undefined) return 0;
  const first = Math.atan2((a.y - b.y) * spacing[0], (a.x - b.x) * spacing[1]);
  const second = Math.atan2((c.y - b.y) * spacing[0], (c.x - b.x) * spacing[1]);
  const between = (Math.abs(first - second) * 180) / Math.PI;
  return between > 180 ? 360 - between : between;
}

/** Mean and deviation of the output values whose pixel centres lie in the ellipse of a box. */
export function ellipseStatistics(
  frame: GreyFrame,
  points: Point[],
  picture: { slope: number; intercept: number },
): { mean: number; deviation: number; count: number } {
  const [a, b] = points;
  if (a === undefined || b === undefined) return { mean: 0, deviation: 0, count: 0 };
  const [cx, cy] = [(a.x + b.x) / 2, (a.y + b.y) / 2];
  const [rx, ry] = [Math.abs(a.x - b.x) / 2, Math.abs(a.y - b.y) / 2];
  let count = 0;
  let sum = 0;
  let squares = 0;
  const firstRow = Math.max(Math.floor(cy - ry), 0);
  const lastRow = Math.min(Math.ceil(cy + ry), frame.rows - 1);
  const firstColumn = Math.max(Math.floor(cx - rx), 0);
  const lastColumn = Math.min(Math.ceil(cx + rx), frame.columns - 1);
  for (let row = firstRow; row <= lastRow; row++) {
    for (let column = firstColumn; column <= lastColumn; column++) {
      const [dx, dy] = [(column + 0.5 - cx) / (rx || 1), (row + 0.5 - cy) / (ry || 1)];
      if (dx * dx + dy * dy > 1) continue;
      const stored = frame.values[row * frame.columns + column] ?? 0;
      const value = stored * picture.slope + picture.intercept;
      count++;
      sum += value;
      squares += value * value;
    }
  }
  if (count === 0) return { mean: 0, deviation: 0, count };
  const mean = sum / count;
  return { mean, deviation: Math.sqrt(Math.max(squares / count - mean * mean, 0)), count };
}
