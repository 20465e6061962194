import assert from "node:assert/strict";
import { test } from "node:test";
import { dragged, greyTable, presetsOf, storedRange, windowed, windowOfValues } from "../src/image/grey.ts";
import { angleOf, ellipseStatistics, lengthOf } from "../src/image/measure.ts";
import type { Picture } from "../src/model.ts";

const PICTURE: Picture = {
  sopInstanceUid: "1.2",
  frame: 1,
  rows: 4,
  columns: 4,
  kind: "grey",
  bitsAllocated: 16,
  bitsStored: 12,
  signed: false,
  inverted: false,
  slope: 1,
  intercept: -1024,
  windows: [{ center: 40, width: 400, name: "", curve: "linear" }],
  hasLut: false,
  pixelSpacing: [0.5, 0.5],
  spacingIsReal: true,
  orientation: null,
  position: null,
  frameOfReference: "",
  prefixes: [],
  spacingAt: "patient",
  directions: null,
  units: "HU",
  frameTime: 0,
};

test("the window function is that of PS3.3 C.11.2.1.2.1, at its corners", () => {
  const window = { center: 2048, width: 4096 };
  assert.equal(windowed(0, window), 0);
  assert.equal(windowed(4095, window), 255);
  assert.ok(Math.abs(windowed(2047.5, window) - 127.5) < 1e-9);
  assert.equal(windowed(-5000, window), 0);
  assert.equal(windowed(9000, window), 255);
});

test("a window of width 1 is a threshold", () => {
  const window = { center: 100, width: 1 };
  assert.equal(windowed(99.5, window), 0);
  assert.equal(windowed(99.6, window), 255);
});

test("the table applies slope and intercept, and turns MONOCHROME1 round", () => {
  const { table, lowest } = greyTable(PICTURE, { center: 40, width: 400 }, false);
  assert.equal(lowest, 0);
  assert.equal(table[1024 + 40 - 1 - lowest], Math.round(windowed(39, { center: 40, width: 400 })));
  const inverted = greyTable({ ...PICTURE, inverted: true }, { center: 40, width: 400 }, false).table;
  assert.equal(inverted[0], 255);
  const twice = greyTable({ ...PICTURE, inverted: true }, { center: 40, width: 400 }, true).table;
  assert.deepEqual(twice, table);
});

test("signed and 8-bit values have their own range", () => {
  assert.deepEqual(storedRange({ ...PICTURE, signed: true }), [-32768, 32767]);
  assert.deepEqual(storedRange({ ...PICTURE, bitsAllocated: 8 }), [0, 255]);
});

test("a CT has its own windows first, then those of daily work; an MR only its own", () => {
  assert.equal(presetsOf(PICTURE, "CT")[0]?.width, 400);
  assert.ok(presetsOf(PICTURE, "CT").some((each) => each.text === "lung"));
  assert.equal(presetsOf(PICTURE, "MR").length, 1);
});

test("a picture without a window gets one that spans its values", () => {
  const values = Int16Array.from({ length: 700 }, (_, at) => at - 100);
  const window = windowOfValues(values, { slope: 2, intercept: 10 });
  assert.ok(windowed(-200 + 10, window) < 1);
  assert.ok(windowed(593 * 2 + 10, window) > 254);
  assert.equal(windowOfValues(new Int16Array(9), { slope: 1, intercept: 0 }).width, 2);
});

test("a drag never makes a window that has no width", () => {
  assert.equal(dragged({ center: 40, width: 4 }, -1e5, 0).width, 1);
});

test("lengths and angles are those of the patient, not of the pixels", () => {
  assert.equal(lengthOf([{ x: 0, y: 0 }, { x: 3, y: 4 }], [2, 2]), 10);
  const right = [{ x: 1, y: 0 }, { x: 0, y: 0 }, { x: 0, y: 1 }];
  assert.ok(Math.abs(angleOf(right, [2, 1]) - 90) < 1e-9);
  const even = [{ x: 1, y: 0 }, { x: 0, y: 0 }, { x: 1, y: 1 }];
  assert.ok(Math.abs(angleOf(even, [1, 1]) - 45) < 1e-9);
  assert.ok(angleOf(even, [2, 1]) > 60);
});

test("the mean of an ellipse is of its pixels' output values", () => {
  const values = new Int16Array(16).fill(1064);
  const frame = { kind: "grey" as const, columns: 4, rows: 4, values, full: true };
  const found = ellipseStatistics(frame, [{ x: 0, y: 0 }, { x: 4, y: 4 }], PICTURE);
  assert.equal(found.mean, 40);
  assert.equal(found.deviation, 0);
  assert.ok(found.count >= 12);
  assert.equal(ellipseStatistics(frame, [{ x: 9, y: 9 }, { x: 12, y: 12 }], PICTURE).count, 0);
});
