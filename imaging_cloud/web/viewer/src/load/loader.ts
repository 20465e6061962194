/**
 * Which picture to fetch next, and what to show meanwhile: the shown one first, small previews of
 * all, then the full ones outwards from the thumb. Bounded memory whatever the series' length.
 */

import { bytesOf, type Frame, type Picture, type Series } from "../model.ts";
import { ByteCache } from "./cache.ts";
import type { Decoder } from "./decoder.ts";
import type { Encoded, Source } from "./source.ts";

const MB = 2 ** 20;

export interface Limits {
  compressedBytes: number;
  decodedBytes: number;
  previewBytes: number;
  /** Requests at a time: HTTP/1.1 browsers have six connections, one stays free. */
  requests: number;
  /** Pictures on either side that are fetched ahead; Infinity: all that fit. */
  ahead: number;
}

/** What this device should hold. `deviceMemory` is in GiB, rounded; not all browsers tell. */
export function limitsOf(deviceMemory: number | undefined, saveData: boolean): Limits {
  const small = deviceMemory !== undefined && deviceMemory <= 3;
  return {
    compressedBytes: (small ? 32 : 64) * MB,
    decodedBytes: (small ? 24 : 48) * MB,
    previewBytes: 16 * MB,
    requests: 5,
    ahead: saveData ? 3 : Infinity,
  };
}

/** Pictures on either side of the shown one that are decoded before they are asked for. */
const DECODED_AHEAD = 4;

export class Loader {
  private readonly compressed: ByteCache<Encoded>;
  private readonly decoded: ByteCache<Frame>;
  private readonly small: ByteCache<Frame>;
  private readonly previews: ByteCache<ArrayBuffer>;
  private readonly fetching = new Map<number, AbortController>();
  private readonly decoding = new Set<string>();
  private readonly failed = new Map<number, number>();
  private current = 0;
  private forward = true;
  private stopped = new AbortController();
  private rendered = new Map<string, AbortController>();

  constructor(
    readonly series: Series,
    private readonly source: Source,
    private readonly decoder: Decoder,
    private readonly limits: Limits,
    private readonly arrived: (index: number) => void,
  ) {
    const close = (frame: Frame) => {
      if (frame.kind === "flat") frame.bitmap.close();
    };
    this.compressed = new ByteCache(limits.compressedBytes);
    this.decoded = new ByteCache(limits.decodedBytes, close);
    this.small = new ByteCache(limits.decodedBytes / 3, close);
    this.previews = new ByteCache(limits.previewBytes);
  }

  /** The best there is of a picture now. */
  frameAt(index: number): Frame | null {
    return this.decoded.get(String(index)) ?? this.small.get(String(index)) ?? null;
  }

  /** How many pictures are there in full, and how many at least small. */
  progress(): { full: number; preview: number; total: number } {
    const total = this.series.pictures.length;
    let full = 0;
    let preview = 0;
    for (let at = 0; at < total; at++) {
      const whole = this.compressed.has(String(at)) || this.decoded.has(String(at));
      if (whole) full++;
      if (whole || this.previews.has(String(at)) || this.small.has(String(at))) preview++;
    }
    return { full, preview, total };
  }

  show(index: number): void {
    this.forward = index >= this.current;
    this.current = index;
    this.decodeAround();
    this.pump();
  }

  /** Small versions of all pictures, in as few requests as the source can. */
  async loadPreviews(): Promise<void> {
    try {
      for await (const { index, encoded } of this.source.previews(this.series, this.stopped.signal)) {
        this.previews.set(String(index), encoded, encoded.byteLength);
        if (Math.abs(index - this.current) <= DECODED_AHEAD) this.decodePreview(index);
      }
    } catch (error) {
      if (!this.stopped.signal.aborted) console.warn("previews:", error);
    }
  }

  /** What failed while there was no network is asked for again. */
  retry(): void {
    this.failed.clear();
    this.pump();
  }

  stop(): void {
    this.stopped.abort();
    for (const each of this.fetching.values()) each.abort();
    for (const each of this.rendered.values()) each.abort();
    for (const cache of [this.compressed, this.decoded, this.small, this.previews]) cache.clear();
  }

  private picture(index: number): Picture | undefined {
    return this.series.pictures[index];
  }

  /** Indices outwards from the shown one, those ahead of the movement first. */
  private *outwards(most: number): Generator<number> {
    const total = this.series.pictures.length;
    yield this.current;
    const step = this.forward ? 1 : -1;
    for (let away = 1; away < total && away <= most; away++) {
      for (const index of [this.current + step * away, this.current - step * away]) {
        if (index >= 0 && index < total) yield index;
      }
    }
  }

  private pump(): void {
    if (this.stopped.signal.aborted) return;
    let room = this.limits.compressedBytes;
    for (const index of this.outwards(this.limits.ahead)) {
      if (this.fetching.size >= this.limits.requests && index !== this.current) return;
      const picture = this.picture(index);
      if (picture === undefined) continue;
      room -= guessedBytes(picture);
      if (room < 0 && index !== this.current) return;
      const key = String(index);
      if (this.decoded.has(key) || this.compressed.has(key) || this.fetching.has(index)) continue;
      if ((this.failed.get(index) ?? 0) > 2) continue;
      void this.fetch(index, picture);
    }
  }

  private async fetch(index: number, picture: Picture): Promise<void> {
    const controller = new AbortController();
    this.fetching.set(index, controller);
    try {
      if (picture.kind === "grey" && !picture.hasLut) {
        const encoded = await this.source.frame(picture, controller.signal);
        this.compressed.set(String(index), encoded, encoded.bytes.byteLength);
        if (Math.abs(index - this.current) <= DECODED_AHEAD) await this.decodeFull(index);
      } else {
        const bitmap = await this.source.flat(picture, controller.signal);
        const { width: columns, height: rows } = bitmap;
        const frame: Frame = { kind: "flat", columns, rows, bitmap, full: true };
        this.keep(index, frame);
      }
      this.failed.delete(index);
    } catch (error) {
      if (!controller.signal.aborted) {
        this.failed.set(index, (this.failed.get(index) ?? 0) + 1);
        console.warn(`picture ${index + 1}:`, error);
      }
    } finally {
      this.fetching.delete(index);
      this.arrived(index);
      this.pump();
    }
  }

  private decodeAround(): void {
    for (const index of this.outwards(DECODED_AHEAD)) {
      const key = String(index);
      if (this.decoded.has(key)) continue;
      if (this.compressed.has(key)) void this.decodeFull(index);
      if (!this.small.has(key)) this.decodePreview(index);
    }
  }

  private near(index: number): boolean {
    return Math.abs(index - this.current) <= DECODED_AHEAD;
  }

  private async decodeFull(index: number): Promise<void> {
    const encoded = this.compressed.get(String(index));
    const picture = this.picture(index);
    const name = `${index}/full`;
    if (encoded === undefined || picture === undefined || this.decoding.has(name)) return;
    this.decoding.add(name);
    try {
      const frame =
        !encoded.coded
          ? rawFrame(picture, encoded.bytes)
          : await this.decoder.decode(
              encoded.bytes,
              0,
              picture.signed,
              () => this.near(index) && !this.stopped.signal.aborted,
              index === this.current,
            );
      if (frame !== null) this.keep(index, frame);
    } catch (error) {
      // The next look fetches it again; a stream that will not decode is the server's fault.
      this.compressed.delete(String(index));
      this.failed.set(index, (this.failed.get(index) ?? 0) + 1);
      console.warn(`picture ${index + 1}:`, error);
    } finally {
      this.decoding.delete(name);
    }
  }

  private decodePreview(index: number): void {
    const encoded = this.previews.get(String(index));
    const picture = this.picture(index);
    const name = `${index}/small`;
    if (encoded === undefined || picture === undefined || this.decoding.has(name)) return;
    if (this.decoded.has(String(index))) return;
    this.decoding.add(name);
    const settle = (frame: Frame | null) => {
      this.decoding.delete(name);
      if (frame === null || this.stopped.signal.aborted) return;
      this.small.set(String(index), frame, bytesOf(frame));
      this.arrived(index);
    };
    if (picture.kind === "colour" || picture.hasLut || picture.prefixes.length === 0) {
      createImageBitmap(new Blob([encoded])).then(
        (bitmap) => {
          const { width: columns, height: rows } = bitmap;
          settle({ kind: "flat", columns, rows, bitmap, full: false });
        },
        () => settle(null),
      );
      return;
    }
    const level = picture.prefixes.findIndex((bytes) => bytes >= encoded.byteLength);
    const skip = picture.prefixes.length - 1 - Math.max(level, 0);
    this.decoder
      .decode(encoded, skip, picture.signed, () => this.near(index), index === this.current)
      .then(settle, () => settle(null));
  }

  private keep(index: number, frame: Frame): void {
    if (this.stopped.signal.aborted) return;
    this.decoded.set(String(index), frame, bytesOf(frame));
    this.small.delete(String(index));
    this.arrived(index);
  }
}

/** HTJ2K halves most pictures; it is only a guess for planning. */
function guessedBytes(picture: Picture): number {
  const whole = picture.prefixes.at(-1);
  return whole ?? (picture.rows * picture.columns * picture.bitsAllocated) / 8;
}

/** Explicit little endian, as WADO-RS sends frames that are not compressed. */
export function rawFrame(picture: Picture, bytes: ArrayBuffer): Frame {
  const { columns, rows, signed } = picture;
  const count = columns * rows;
  const wide = picture.bitsAllocated > 8;
  if (bytes.byteLength < (wide ? count * 2 : count)) throw new Error("a short picture");
  const values = wide
    ? signed
      ? new Int16Array(bytes, 0, count)
      : new Uint16Array(bytes, 0, count)
    : signed
      ? new Int8Array(bytes, 0, count)
      : new Uint8Array(bytes, 0, count);
  return { kind: "grey", columns, rows, values, full: true };
}
