import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteCache } from "../src/load/cache.ts";
import { Pieces, readSeries } from "../src/load/source.ts";
import { DICTIONARIES, texts } from "../src/ui/texts.ts";

test("a cache stays within its bytes and drops what was used longest ago", () => {
  const dropped: string[] = [];
  const cache = new ByteCache<string>(30, (value) => dropped.push(value));
  for (const key of ["a", "b", "c"]) cache.set(key, key, 10);
  cache.get("a");
  cache.set("d", "d", 10);
  assert.deepEqual(dropped, ["b"]);
  assert.equal(cache.bytes, 30);
});

test("what is being looked at is kept even when it is larger than the cache", () => {
  const cache = new ByteCache<string>(5);
  cache.set("huge", "huge", 100);
  assert.equal(cache.get("huge"), "huge");
  cache.set("small", "small", 1);
  assert.equal(cache.has("huge"), false);
});

test("an entry set again counts once", () => {
  const cache = new ByteCache<string>(100);
  cache.set("a", "one", 40);
  cache.set("a", "two", 50);
  assert.equal(cache.bytes, 50);
  assert.equal(cache.size, 1);
});

test("pieces are cut right however the stream is broken up", async () => {
  const whole = Uint8Array.from({ length: 100 }, (_, at) => at);
  for (const step of [1, 7, 33, 100]) {
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < 100; at += step) chunks.push(whole.slice(at, at + step));
    const pieces = new Pieces({
      read: async () => {
        const value = chunks.shift();
        return value ? { done: false, value } : { done: true };
      },
    });
    const first = new Uint8Array(await pieces.take(13));
    const second = new Uint8Array(await pieces.take(87));
    assert.deepEqual([...first, ...second], [...whole]);
    await assert.rejects(pieces.take(1));
  }
});

test("facts that all slices share are put back, and slices without a picture left out", () => {
  const series = readSeries(
    {
      format: 1,
      version: "v",
      study: "1",
      series: "2",
      common: { rows: 2, columns: 3, frame: 1, slope: 2, windows: [[40, 400, "LINEAR", "soft"]] },
      slices: [
        { instance: "a", form: "htj2k", ends: [5, 9], aspect: 1.5 },
        { instance: "b", form: "none" },
        { instance: "c", form: "raw", photometric: "MONOCHROME1", spacing: [1, 2], spacingAt: "patient" },
      ],
    },
    { modality: "CT", description: "", number: 1 },
  );
  assert.deepEqual(series.pictures.map((each) => each.sopInstanceUid), ["a", "c"]);
  const [first, second] = series.pictures;
  assert.equal(first?.slope, 2);
  assert.deepEqual(first?.pixelSpacing, [1.5, 1]);
  assert.equal(first?.spacingIsReal, false);
  assert.equal(second?.inverted, true);
  assert.deepEqual(second?.pixelSpacing, [1, 2]);
  assert.equal(second?.windows[0]?.name, "soft");
});

test("both languages have the same words, and none is empty", () => {
  const { zh, en } = DICTIONARIES;
  assert.deepEqual(Object.keys(zh ?? {}).sort(), Object.keys(en ?? {}).sort());
  for (const words of [zh, en]) for (const word of Object.values(words ?? {})) assert.notEqual(word, "");
  assert.equal(texts("en")("slice", 3, 12), "3 of 12");
});
