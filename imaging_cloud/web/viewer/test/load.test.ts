import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteCache } from "../src/load/cache.ts";
import type { Decoder } from "../src/load/decoder.ts";
import { limitsOf, Loader } from "../src/load/loader.ts";
import { Pieces, readSeries, type Source } from "../src/load/source.ts";
import { DICTIONARIES, texts } from "../src/ui/texts.ts";

test("a cache stays within its bytes and drops what was used longest ago", () => {
  const dropped: string[] = [];
  const cache = new ByteCache<string, string>(30, (value) => dropped.push(value));
  for (const key of ["a", "b", "c"]) cache.set(key, key, 10);
  cache.get("a");
  cache.set("d", "d", 10);
  assert.deepEqual(dropped, ["b"]);
  assert.equal(cache.bytes, 30);
});

test("what is being looked at is kept even when it is larger than the cache", () => {
  const cache = new ByteCache<string, string>(5);
  cache.set("huge", "huge", 100);
  assert.equal(cache.get("huge"), "huge");
  cache.set("small", "small", 1);
  assert.equal(cache.has("huge"), false);
});

test("what lies farthest from what is looked at goes first, even if it has just come", () => {
  let at = 5;
  const cache = new ByteCache<number, number>(30, undefined, (key) => Math.abs(key - at));
  for (const key of [5, 9, 4]) cache.set(key, key, 10);
  cache.set(6, 6, 10);
  assert.deepEqual([4, 5, 6, 9].filter((key) => cache.has(key)), [4, 5, 6]);
  at = 100;
  cache.set(99, 99, 10);
  assert.deepEqual([4, 5, 6, 99].filter((key) => cache.has(key)), [5, 6, 99]);
  cache.set(1, 1, 10);
  assert.equal(cache.has(1), false);
});

test("an entry set again counts once", () => {
  const cache = new ByteCache<string, string>(100);
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

const COUNT = 20;

/** A series of 512-pixel slices: 10 bytes hold step 1, 30 both, 100 all. */
function madeUp(asked: string[], broken: string[] = [], more: object = {}, values = 2, count = COUNT) {
  const facts = {
    format: 1,
    version: "v",
    study: "1",
    series: "2",
    common: { rows: 512, columns: 512, frame: 1, form: "htj2k", ends: [5, 10, 30, 60, 100], preview: [10, 20] as [number, number], ...more },
    slices: Array.from({ length: count }, (_, at) => ({ instance: String(at) })),
  };
  const series = readSeries(facts, { modality: "CT", description: "", number: 1 });
  const note = (what: string) => {
    asked.push(what);
    if (broken.includes(what.split(" ")[0] ?? "")) throw new Error("not derived");
  };
  async function* pieces(first: number, last: number, bytes: number) {
    for (let index = first; index <= last; index++) {
      await Promise.resolve();
      yield { index, encoded: new Uint8Array(bytes).fill(index).buffer };
    }
  }
  const source: Source = {
    frame: async ({ sopInstanceUid }) => {
      note(`frame ${sopInstanceUid}`);
      return { bytes: new Uint8Array(100).fill(Number(sopInstanceUid)).buffer, coded: true };
    },
    flat: async ({ sopInstanceUid }) => {
      note(`flat ${sopInstanceUid}`);
      return { bytes: new ArrayBuffer(50), coded: true };
    },
    previewBytes: () => count * 30,
    async *previews(_series, step) {
      note(`previews ${step}`);
      yield* pieces(0, count - 1, step * 10);
    },
    async *rests(first, last) {
      note(`rests ${first}-${last}`);
      yield* pieces(first, last, 70);
    },
  };
  const decoder = {
    reuse: () => undefined,
    decode: async (encoded: ArrayBuffer, { skip }: { skip: number }) => {
      const found = new Int16Array(values);
      found.set([encoded.byteLength, new Uint8Array(encoded)[0] ?? -1]);
      return { kind: "grey" as const, columns: 1, rows: values, values: found, full: skip === 0 };
    },
  };
  return { source, series, decoder: decoder as unknown as Decoder };
}

async function loaded(asked: string[], broken: string[] = []): Promise<Loader> {
  const { source, series, decoder } = madeUp(asked, broken);
  const loader = new Loader(series, source, decoder, limitsOf(8, false), () => undefined);
  const previews = loader.loadPreviews();
  loader.show(10);
  await previews;
  while (loader.progress().full < COUNT) await new Promise((next) => setTimeout(next));
  return loader;
}

test("the shown picture comes first, then both steps of all, then what is missing, outwards", async () => {
  const asked: string[] = [];
  const loader = await loaded(asked);
  assert.deepEqual(new Set(asked.slice(0, 2)), new Set(["previews 1", "frame 10"]));
  assert.equal(asked[2], "previews 2");
  assert.deepEqual(asked.slice(3), ["rests 11-16", "rests 4-9", "rests 17-19", "rests 0-3"]);
  assert.deepEqual(loader.progress(), { full: COUNT, preview: COUNT, sharper: COUNT, total: COUNT });
  // What was held and what came later are one stream again: 100 bytes of its own picture.
  const frame = loader.frameAt(12);
  assert.deepEqual(frame?.kind === "grey" ? [...frame.values] : [], [100, 12]);
});

test("without previews every picture comes by itself", async () => {
  const asked: string[] = [];
  await loaded(asked, ["previews"]);
  assert.equal(asked.filter((each) => each.startsWith("frame")).length, COUNT);
  assert.equal(asked.some((each) => each.startsWith("rests")), false);
});

test("when answers of several pictures fail, the pictures come one by one", async () => {
  const asked: string[] = [];
  await loaded(asked, ["rests"]);
  assert.equal(asked.filter((each) => each.startsWith("frame")).length, COUNT);
});

/** Room for one decoded picture of 512 x 512 and a half. */
const SCANT = { ...limitsOf(8, false), decodedBytes: 512 * 512 * 3 };

async function until(ended: () => boolean): Promise<void> {
  while (!ended()) await new Promise((next) => setTimeout(next));
}

test("where hardly one decoded picture fits, it is the shown one that stays", async () => {
  const { source, series, decoder } = madeUp([], [], {}, 512 * 512);
  const loader = new Loader(series, source, decoder, SCANT, () => undefined);
  const previews = loader.loadPreviews();
  loader.show(10);
  await previews;
  await until(() => loader.progress().full === COUNT);
  assert.equal(loader.frameAt(10)?.full, true);
  loader.show(11);
  await until(() => loader.frameAt(11)?.full === true);
});

test("pictures in colour are fetched once, however few of them are decoded at a time", async () => {
  const made: { width: number; close(): void }[] = [];
  const bitmap = () => {
    const one = { width: 512, height: 512, close: () => void (one.width = 0) };
    made.push(one);
    return Promise.resolve(one);
  };
  Object.assign(globalThis, { createImageBitmap: bitmap });
  const asked: string[] = [];
  const { source, series, decoder } = madeUp(asked, ["previews"], { samples: 3, form: "rendered" });
  const loader = new Loader(series, source, decoder, { ...SCANT, decodedBytes: 512 * 512 * 4 * 3 }, () => undefined);
  void loader.loadPreviews();
  for (let at = 0; at < COUNT; at++) {
    loader.show(at);
    await until(() => loader.frameAt(at)?.full === true);
  }
  await until(() => loader.progress().full === COUNT);
  assert.equal(asked.filter((each) => each.startsWith("flat")).length, COUNT);
  assert.ok(made.filter((each) => each.width > 0).length <= 3);
});

test("a series too long for sharper previews keeps the first ones, and loads what fits", async () => {
  const asked: string[] = [];
  const { source, series, decoder } = madeUp(asked);
  const limits = { ...limitsOf(8, false), previewBytes: COUNT * 10, compressedBytes: 500 };
  const loader = new Loader(series, source, decoder, limits, () => undefined);
  const previews = loader.loadPreviews();
  loader.show(10);
  await previews;
  await until(() => loader.progress().full === 5);
  await new Promise((next) => setTimeout(next, 5));
  const { full, preview, sharper } = loader.progress();
  assert.deepEqual([full, preview, sharper], [5, COUNT, 5]);
  assert.equal(asked.includes("previews 2"), false);
  assert.equal(asked.filter((each) => each.startsWith("frame")).length, 5);
});

test("through two thousand slices and back no more is held than is allowed", async () => {
  const count = 2000;
  let [held, most] = [0, 0];
  const { source, series, decoder } = madeUp([], [], {}, 2, count);
  const counting = {
    // What the loader lets go comes back here; the rest it holds.
    reuse: () => void held--,
    decode: async (...job: Parameters<Decoder["decode"]>) => {
      if (!job[2]()) return null;
      most = Math.max(most, ++held);
      return decoder.decode(...job);
    },
  };
  const limits = { ...limitsOf(8, false), previewBytes: count * 30, compressedBytes: 60 * 100, decodedBytes: 30 * 4 };
  const loader = new Loader(series, source, counting as unknown as Decoder, limits, () => undefined);
  const previews = loader.loadPreviews();
  loader.show(0);
  await previews;
  const there = [...series.pictures.keys()].filter((at) => at % 19 === 0);
  for (const at of [...there, ...there.reverse()]) {
    loader.show(at);
    await until(() => loader.frameAt(at)?.full === true);
    assert.ok(loader.progress().full <= 60 + 30);
  }
  assert.equal(loader.progress().preview, count);
  // Decoded ones, small ones (a third as many bytes), and what is under way.
  assert.ok(most <= 30 + 10 + 9, `${most}`);
});
