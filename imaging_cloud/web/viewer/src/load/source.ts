/** Where series and pictures come from: the server's series documents and WADO-RS. */

import type { Picture, Series, Window } from "../model.ts";

/** A whole HTJ2K code stream, or the values as they are (explicit little endian). */
export interface Encoded {
  bytes: ArrayBuffer;
  coded: boolean;
}

export interface Source {
  frame(picture: Picture, signal: AbortSignal): Promise<Encoded>;
  /** A picture that the server has rendered: a PNG. */
  flat(picture: Picture, signal: AbortSignal): Promise<Encoded>;
  /**
   * Small versions of all pictures that have one, in the order of the series. Step 2 goes on where
   * step 1 of the same picture ended.
   */
  previews(series: Series, step: 1 | 2, signal: AbortSignal): AsyncIterable<Piece>;
  /** Bytes of both steps of all pictures, as far as is known. */
  previewBytes(): number;
  /** What comes after both steps of the pictures `first` to `last`, in one answer. */
  rests(first: number, last: number, signal: AbortSignal): AsyncIterable<Piece>;
}

/** Bytes of the picture at `index` of the series. */
export interface Piece {
  index: number;
  encoded: ArrayBuffer;
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

/** The facts of the slices that can be shown, with their place in the document. */
function shownSlices(facts: SeriesFacts) {
  return facts.slices
    .map((each, at) => ({ ...facts.common, ...each, at }))
    .filter((each) => readPicture(each) !== null);
}

export class ServerSource implements Source {
  /** Of the pictures that are shown: where in the document, and the lengths by which answers are cut. */
  private slices: { at: number; ends?: number[]; preview?: [number, number] }[];

  /** `facts` is the document as it came. */
  constructor(
    private readonly seriesAddress: string,
    private readonly viewAddress: string,
    private facts: SeriesFacts,
    private readonly soon: number[] = SOON_MS,
  ) {
    this.slices = shownSlices(facts);
  }

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

  async flat(picture: Picture, signal: AbortSignal): Promise<Encoded> {
    const answer = await get(`${this.frameAddress(picture)}/rendered`, "image/png", signal);
    return { bytes: await answer.arrayBuffer(), coded: true };
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
      this.slices = shownSlices(now);
      // What was made meanwhile: where each resolution of a picture ends.
      const { pictures } = readSeries(now, series);
      for (const [at, each] of series.pictures.entries()) each.prefixes = pictures[at]?.prefixes ?? [];
    }
    return this.facts.derived ?? false;
  }

  async *previews(series: Series, step: 1 | 2, signal: AbortSignal) {
    if (!(await this.derived(series, signal))) return;
    const address = `${this.viewAddress}/previews?version=${this.facts.version}&step=${step}`;
    const lengths = this.slices.map((each) => each.preview?.[step - 1] ?? 0);
    const last = Math.min(this.slices.length, series.pictures.length) - 1;
    yield* this.pieces(address, lengths, 0, last, signal);
  }

  previewBytes(): number {
    return this.slices.reduce((sum, { preview }) => sum + (preview?.[0] ?? 0) + (preview?.[1] ?? 0), 0);
  }

  async *rests(first: number, last: number, signal: AbortSignal) {
    const [from, to] = [this.slices[first]?.at ?? 0, this.slices[last]?.at ?? 0];
    const address = `${this.viewAddress}/slices/${from}-${to}?version=${this.facts.version}&rest=1`;
    const lengths = this.slices.map(({ ends, preview }) => {
      const held = (preview?.[0] ?? 0) + (preview?.[1] ?? 0);
      return Math.max((ends?.at(-1) ?? held) - held, 0);
    });
    yield* this.pieces(address, lengths, first, last, signal);
  }

  /** Cut an answer that holds so many bytes of each slice; those that are not shown have none. */
  private async *pieces(address: string, lengths: number[], first: number, last: number, signal: AbortSignal) {
    const answer = await get(address, "", signal);
    if (answer.body === null) return;
    const reader = new Pieces(answer.body.getReader());
    for (let index = first; index <= last; index++) {
      const bytes = lengths[index] ?? 0;
      if (bytes > 0) yield { index, encoded: await reader.take(bytes) };
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
