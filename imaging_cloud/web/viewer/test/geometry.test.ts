import assert from "node:assert/strict";
import { test } from "node:test";
import {
  alongNormal,
  extent,
  FITTED,
  keepInSight,
  orientationMarks,
  rectangle,
  scaleBar,
  toPixel,
  toStage,
  zoomAbout,
} from "../src/image/geometry.ts";

const STAGE = { width: 390, height: 600 };

test("a fitted picture touches two opposite edges and keeps its shape", () => {
  const there = rectangle(extent(512, 512, [1, 1]), STAGE, FITTED);
  assert.deepEqual(there, { x: 0, y: 105, width: 390, height: 390 });
});

test("pixels that are twice as high as wide make the picture so", () => {
  const there = rectangle(extent(100, 100, [2, 1]), STAGE, FITTED);
  assert.equal(there.height, 2 * there.width);
});

test("what lies under the fingers stays there while they pinch", () => {
  const at = { x: 100, y: 150 };
  const spacing: [number, number] = [0.7, 0.7];
  const before = toPixel(at, STAGE, FITTED, 512, 512, spacing);
  const placed = zoomAbout({ ...FITTED, x: 20 }, 2.5, at, STAGE);
  const first = toPixel(at, STAGE, { ...FITTED, x: 20 }, 512, 512, spacing);
  const after = toPixel(at, STAGE, placed, 512, 512, spacing);
  assert.ok(Math.abs(after.x - first.x) < 1e-6 && Math.abs(after.y - first.y) < 1e-6);
  assert.notEqual(before.x, first.x);
});

test("zoom stays within its bounds however the fingers move", () => {
  assert.equal(zoomAbout(FITTED, 1e6, { x: 0, y: 0 }, STAGE).zoom, 16);
  assert.equal(zoomAbout(FITTED, 1e-6, { x: 0, y: 0 }, STAGE).zoom, 0.5);
});

test("a picture cannot be pushed off the stage", () => {
  const kept = keepInSight({ zoom: 1, x: 1e6, y: -1e6 }, { width: 390, height: 390 }, STAGE);
  const there = rectangle({ width: 390, height: 390 }, STAGE, kept);
  assert.ok(there.x < STAGE.width && there.y + there.height > 0);
});

test("stage and pixel coordinates are each other's inverse", () => {
  const placed = { zoom: 3, x: -40, y: 17 };
  const pixel = { x: 101.25, y: 33.5 };
  const back = toPixel(toStage(pixel, STAGE, placed, 300, 200, [0.5, 0.8]), STAGE, placed, 300, 200, [0.5, 0.8]);
  assert.ok(Math.abs(back.x - pixel.x) < 1e-9 && Math.abs(back.y - pixel.y) < 1e-9);
});

test("an axial slice has the patient's right on the left of the screen", () => {
  assert.deepEqual(orientationMarks([1, 0, 0, 0, 1, 0]), { left: "R", right: "L", top: "A", bottom: "P" });
});

test("sagittal, coronal and oblique planes are named by their axes", () => {
  assert.deepEqual(orientationMarks([0, 1, 0, 0, 0, -1]), { left: "A", right: "P", top: "H", bottom: "F" });
  assert.equal(orientationMarks([0.8, 0.6, 0, 0, 0, -1])?.right, "LP");
});

test("without orientation there are no marks, rather than wrong ones", () => {
  for (const bad of [null, [], [1, 0, 0], [0, 0, 0, 0, 0, 0], [NaN, 0, 0, 0, 1, 0]]) {
    assert.equal(orientationMarks(bad), null);
  }
});

test("the scale bar is a round length of at most a third of the stage", () => {
  const { mm, length } = scaleBar(1.1, 390);
  assert.equal(mm, 100);
  assert.ok(length <= 130 && Math.abs(length - 110) < 1e-9);
  assert.equal(scaleBar(0, 390).mm, 0);
});

test("slices are placed along their own normal", () => {
  const plane = [1, 0, 0, 0, 1, 0];
  assert.equal(alongNormal(plane, [5, 6, 42]), 42);
  assert.equal(alongNormal(plane, null), null);
});
