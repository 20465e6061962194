/** HTJ2K to stored values, away from the page's thread. */

// The Emscripten module's shape, as far as it is used here.
interface Decoder {
  getEncodedBuffer(length: number): Uint8Array;
  getDecodedBuffer(): Uint8Array;
  decode(): void;
  decodeSubResolution(level: number): void;
  readHeader(): void;
  getFrameInfo(): { width: number; height: number; bitsPerSample: number; isSigned: boolean };
  delete(): void;
}
interface Openjph {
  HTJ2KDecoder: new () => Decoder;
}

import makeOpenjph from "@cornerstonejs/codec-openjph";

export interface Job {
  id: number;
  /** It begins with the code stream, or with so much of it as holds a smaller resolution. */
  encoded: ArrayBuffer;
  length: number;
  /** 0: full; n: each side halved n times. */
  skip: number;
  signed: boolean;
  /** For the values, where its size is theirs; null: none is to be had. */
  room: ArrayBuffer | null;
}

export interface Done {
  id: number;
  columns: number;
  rows: number;
  values: Int16Array | Uint16Array | Int8Array | Uint8Array | null;
  error: string;
  /** Bytes of the codec's memory, which only ever grows. */
  heap: number;
  /** Comes back to be filled again. */
  encoded: ArrayBuffer;
}

declare const self: DedicatedWorkerGlobalScope;

/** The page compiles the module once for all workers and sends it first. */
let ready: Promise<Openjph> | null = null;

function begin(module: WebAssembly.Module): Promise<Openjph> {
  return makeOpenjph({
    instantiateWasm: (imports: WebAssembly.Imports, done: (it: WebAssembly.Instance) => void) => {
      void WebAssembly.instantiate(module, imports).then(done);
      return {};
    },
    print: () => undefined,
    printErr: () => undefined,
  }) as Promise<Openjph>;
}

self.onmessage = async (event: MessageEvent<Job | WebAssembly.Module>) => {
  if (event.data instanceof WebAssembly.Module) {
    ready = begin(event.data);
    return;
  }
  const { id, encoded, length, skip, signed, room } = event.data;
  try {
    if (ready === null) throw new Error("a job before the codec");
    const done = decode(await ready, new Uint8Array(encoded, 0, length), skip, signed, room);
    self.postMessage({ id, error: "", encoded, ...done }, [done.values.buffer, encoded]);
  } catch (error) {
    const none = { columns: 0, rows: 0, values: null, heap: 0 };
    self.postMessage({ id, error: String(error), encoded, ...none }, [encoded]);
  }
};

function decode(openjph: Openjph, encoded: Uint8Array, skip: number, signed: boolean, room: ArrayBuffer | null) {
  const decoder = new openjph.HTJ2KDecoder();
  try {
    decoder.getEncodedBuffer(encoded.length).set(encoded);
    if (skip > 0) decoder.decodeSubResolution(skip);
    else decoder.decode();
    const info = decoder.getFrameInfo();
    const columns = Math.ceil(info.width / 2 ** skip);
    const rows = Math.ceil(info.height / 2 ** skip);
    const decoded = decoder.getDecodedBuffer();
    const count = columns * rows;
    const wide = info.bitsPerSample > 8;
    const size = wide ? count * 2 : count;
    if (decoded.length < size) throw new Error("a short picture");
    const bytes = room?.byteLength === size ? room : new ArrayBuffer(size);
    new Uint8Array(bytes).set(decoded.subarray(0, size));
    const values = wide
      ? signed
        ? new Int16Array(bytes)
        : new Uint16Array(bytes)
      : signed
        ? new Int8Array(bytes)
        : new Uint8Array(bytes);
    return { columns, rows, values, heap: decoded.buffer.byteLength };
  } finally {
    decoder.delete();
  }
}
