import assert from "node:assert/strict";
import { test } from "node:test";
import { readSeries, ServerSource, type SeriesFacts } from "../src/load/source.ts";

const SLICE = { rows: 2, columns: 2, frame: 1, form: "htj2k" };
const NEW: SeriesFacts = { format: 1, version: "v", study: "1", series: "2", derived: false, common: SLICE, slices: [{ instance: "3" }, { instance: "4" }] };
const DERIVED: SeriesFacts = {
  ...NEW,
  derived: true,
  slices: [{ instance: "3", ends: [2, 9], preview: [2, 0] }, { instance: "4", ends: [3, 8], preview: [3, 0] }],
};

/** The server answers with these documents one after the other, and with five bytes of previews. */
function answering(...documents: SeriesFacts[]): string[] {
  const asked: string[] = [];
  globalThis.fetch = ((address: string) => {
    asked.push(address);
    const body = address.includes("/previews") ? new Uint8Array([1, 2, 3, 4, 5]) : JSON.stringify(documents.shift());
    return Promise.resolve(new Response(body));
  }) as typeof fetch;
  return asked;
}

async function previewsOf(facts: SeriesFacts) {
  const series = readSeries(facts, { modality: "CT", description: "", number: 1 });
  const source = new ServerSource("/dicom-web/s", "/view-api/s", facts, [0, 0]);
  const found: number[] = [];
  for await (const { encoded } of source.previews(series, 1, new AbortController().signal)) found.push(encoded.byteLength);
  return { found, series };
}

test("a series that has only just come has its previews as soon as they are made", async () => {
  const asked = answering(NEW, DERIVED);
  const { found, series } = await previewsOf(NEW);
  assert.deepEqual(found, [2, 3]);
  assert.deepEqual(series.pictures.map((each) => each.prefixes), [[2, 9], [3, 8]]);
  assert.equal(asked.length, 3);
});

test("one that changes meanwhile, or is never derived, is not waited for any longer", async () => {
  answering({ ...DERIVED, version: "w" });
  assert.deepEqual((await previewsOf(NEW)).found, []);
  const asked = answering(NEW, NEW);
  assert.deepEqual((await previewsOf(NEW)).found, []);
  assert.equal(asked.filter((each) => each.includes("/previews")).length, 0);
});
