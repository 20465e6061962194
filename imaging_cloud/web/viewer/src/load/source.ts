/** Where series and pictures come from: the server's series documents and WADO-RS. */

import type { Picture, Series, Window } from "../model.ts";

/** A whole HTJ2K code stream, or the values as they are (explicit little endian). */
export interface Encoded {
  bytes: ArrayBuffer;
  coded: boolean;
}

export interface Source {
  frame(picture: Picture, signal: AbortSignal): Promise<Encoded>;
  /** A picture that the server has rendered. */
  flat(picture: Picture, signal: AbortSignal): Promise<ImageBitmap>;
  /** Small versions of all pictures that have one, in the order of the series. */
  previews(series: Series, signal: AbortSignal): AsyncIterable<{ index: number; encoded: ArrayBuffer }>;
}

/** docs/http.md, "The series document"; what stands in `common` holds for every slice. */
interface SliceFacts {
  instance: string;
  frame: number;
  rows: number;
  columns: number;
  samples?: number;
  bitsAllocated?: number;
  bitsStored?: number;
  signed?: boolean;
  photometric?: string;
  aspect?: number;
  slope?: number;
  intercept?: number;
  modalityLut?: unknown;
  voiLut?: unknown;
  windows?: [number, number, string, string][];
  inverse?: boolean;
  position?: number[];
  orientation?: number[];
  frameOfReference?: string;
  spacing?: [number, number];
  spacingAt?: string;
  patientOrientation?: string[];
  units?: string;
  frameTime?: number;
  form?: string;
  ends?: number[];
  preview?: [number, number];
}

export interface SeriesFacts {
  format: number | string;
  version: string;
  study: string;
  series: string;
  common: Partial<SliceFacts>;
  slices: Partial<SliceFacts>[];
  derived?: boolean;
}

/** A series that has just come is derived soon: how long to wait before each further look. */
const SOON_MS = [2000, 4000, 8000, 15000, 30000];

export class NotReached extends Error {
  constructor(readonly status: number) {
    super(`the server answered ${status}`);
  }
}

/**
 * The wanted form stands in the address (PS3.18 8.3.3.1), so that what the page preloads and what
 * is asked for here are the same request.
 */
async function get(address: string, accept: string, signal: AbortSignal): Promise<Response> {
  const form = accept === "" ? "" : `?accept=${encodeURIComponent(accept)}`;
  const answer = await fetch(`${address}${form}`, { signal });
  if (!answer.ok) throw new NotReached(answer.status);
  return answer;
}

/** What the server's document says, in the viewer's own terms. */
export function readSeries(
  facts: SeriesFacts,
  about: { modality: string; description: string; number: number | null },
): Series {
  // Without a word of their own, CT values are Hounsfield units (PS3.3 C.11.1.1.2).
  const usual = about.modality === "CT" ? { units: "HU" } : {};
  const pictures = facts.slices.map((each) => readPicture({ ...usual, ...facts.common, ...each }));
  const { study: studyUid, series: seriesUid } = facts;
  return { studyUid, seriesUid, ...about, pictures: pictures.filter((each) => each !== null) };
}

function readPicture(facts: Partial<SliceFacts>): Picture | null {
  const { instance, frame, rows, columns, form } = facts;
  if (!instance || !frame || !rows || !columns || form === "none") return null;
  const aspect = facts.aspect ?? 1;
  const real = facts.spacing !== undefined && facts.spacingAt !== undefined;
  const wide = (facts.bitsAllocated ?? 16) > 16;
  return {
    sopInstanceUid: instance,
    frame,
    rows,
    columns,
    kind: form === "rendered" || (facts.samples ?? 1) > 1 ? "colour" : "grey",
    bitsAllocated: facts.bitsAllocated ?? 16,
    bitsStored: facts.bitsStored ?? facts.bitsAllocated ?? 16,
    signed: facts.signed ?? false,
    inverted: facts.inverse ?? facts.photometric === "MONOCHROME1",
    slope: facts.slope ?? 1,
    intercept: facts.intercept ?? 0,
    windows: (facts.windows ?? []).filter((each) => each[1] > 0).map(readWindow),
    // A table cannot be told by a line; 32-bit values do not fit the card: the server renders both.
    hasLut: Boolean(facts.modalityLut ?? facts.voiLut) || wide,
    pixelSpacing: facts.spacing ?? [aspect, 1],
    spacingIsReal: real,
    spacingAt: real ? (facts.spacingAt ?? "") : "",
    orientation: facts.orientation ?? null,
    directions: directionsOf(facts.patientOrientation),
    position: facts.position ?? null,
    frameOfReference: facts.frameOfReference ?? "",
    prefixes: facts.ends ?? [],
    units: facts.units ?? "",
    frameTime: facts.frameTime ?? 0,
  };
}

function directionsOf(words: string[] | undefined): [string, string] | null {
  const [right = "", bottom = ""] = words ?? [];
  return /^[A-Z]{1,3}$/.test(right) && /^[A-Z]{1,3}$/.test(bottom) ? [right, bottom] : null;
}

function readWindow([center, width, word, name]: [number, number, string, string]): Window {
  const curve = word === "linear-exact" || word === "sigmoid" ? word : "linear";
  return { center, width, name, curve };
}

/**
 * Frames are asked for as HTJ2K, which the server makes where it has not yet, and as plain values
 * where that cannot be; web/view_page.py says the same.
 */
const VALUES =
  "image/jphc;transfer-syntax=1.2.840.10008.1.2.4.202," +
  "application/octet-stream;transfer-syntax=1.2.840.10008.1.2.1";

export class ServerSource implements Source {
  /** `facts` is the document as it came: previews are cut by the lengths in it. */
  constructor(
    private readonly seriesAddress: string,
    private readonly viewAddress: string,
    private facts: SeriesFacts,
    private readonly soon: number[] = SOON_MS,
  ) {}

  static async open(
    about: { address: string; view: string; modality: string; description: string; number: number | null },
    signal: AbortSignal,
  ): Promise<{ source: ServerSource; series: Series }> {
    const { address, view, modality, description, number } = about;
    const facts = (await (await get(view, "", signal)).json()) as SeriesFacts;
    const series = readSeries(facts, { modality, description, number });
    return { source: new ServerSource(address, view, facts), series };
  }

  async frame(picture: Picture, signal: AbortSignal): Promise<Encoded> {
    const answer = await get(this.frameAddress(picture), VALUES, signal);
    const coded = answer.headers.get("content-type")?.startsWith("image/") ?? false;
    return { bytes: await answer.arrayBuffer(), coded };
  }

  async flat(picture: Picture, signal: AbortSignal): Promise<ImageBitmap> {
    const answer = await get(`${this.frameAddress(picture)}/rendered`, "image/png", signal);
    return createImageBitmap(await answer.blob());
  }

  /** Wait until previews exist; false: they do not, or the series is another one by now. */
  private async derived(series: Series, signal: AbortSignal): Promise<boolean> {
    for (const pause of this.soon) {
      if (this.facts.derived) return true;
      await new Promise((resolve) => setTimeout(resolve, pause));
      if (signal.aborted) return false;
      const now = (await (await get(this.viewAddress, "", signal)).json()) as SeriesFacts;
      if (now.version !== this.facts.version) return false;
      this.facts = now;
      // What was made meanwhile: where each resolution of a picture ends.
      const { pictures } = readSeries(now, series);
      for (const [at, each] of series.pictures.entries()) each.prefixes = pictures[at]?.prefixes ?? [];
    }
    return this.facts.derived ?? false;
  }

  async *previews(series: Series, signal: AbortSignal) {
    if (!(await this.derived(series, signal))) return;
    const address = `${this.viewAddress}/previews?version=${this.facts.version}&step=1`;
    const answer = await get(address, "", signal);
    if (answer.body === null) return;
    const lengths = this.facts.slices
      .map((each) => ({ ...this.facts.common, ...each }))
      .map((each) => ({ shown: each.form !== "none", bytes: each.preview?.[0] ?? 0 }));
    const reader = new Pieces(answer.body.getReader());
    let index = 0;
    for (const { shown, bytes } of lengths) {
      const encoded = bytes > 0 ? await reader.take(bytes) : null;
      if (encoded !== null && shown && index < series.pictures.length) yield { index, encoded };
      if (shown) index++;
    }
  }

  private frameAddress(picture: Picture): string {
    return `${this.seriesAddress}/instances/${picture.sopInstanceUid}/frames/${picture.frame}`;
  }
}

/** Cuts a stream into pieces of known lengths as it comes. */
export class Pieces {
  private rest = new Uint8Array(0);

  constructor(
    private readonly reader: { read(): Promise<{ done: boolean; value?: Uint8Array | undefined }> },
  ) {}

  async take(bytes: number): Promise<ArrayBuffer> {
    const parts: Uint8Array[] = [];
    let missing = bytes;
    while (missing > 0) {
      if (this.rest.length === 0) {
        const { done, value } = await this.reader.read();
        if (done || value === undefined) throw new Error("the previews end early");
        this.rest = value as Uint8Array<ArrayBuffer>;
      }
      const part = this.rest.subarray(0, missing);
      parts.push(part);
      this.rest = this.rest.subarray(part.length);
      missing -= part.length;
    }
    const whole = new Uint8Array(bytes);
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole.buffer;
  }
}
