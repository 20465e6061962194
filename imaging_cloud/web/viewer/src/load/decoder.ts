/** A few decoding workers and their queue. What is no longer wanted is never started. */

import type { GreyFrame } from "../model.ts";
import type { Done, Job } from "./decode.worker.ts";

interface Waiting {
  job: Job;
  wanted: () => boolean;
  resolve: (frame: GreyFrame | null) => void;
  reject: (error: Error) => void;
}

export class Decoder {
  private readonly idle: Worker[] = [];
  private readonly queue: Waiting[] = [];
  private readonly running = new Map<number, Waiting>();
  private next = 1;
  private made = 0;

  /** `script` and `wasm` are addresses; at most `most` workers are started, the first at once. */
  constructor(
    private readonly script: string,
    private readonly wasm: string,
    private readonly most: number,
  ) {
    this.idle.push(this.start());
  }

  /** Null when `wanted` said no before its turn came. */
  decode(
    encoded: ArrayBuffer,
    skip: number,
    signed: boolean,
    wanted: () => boolean,
    first: boolean,
  ): Promise<GreyFrame | null> {
    return new Promise((resolve, reject) => {
      const job = { id: this.next++, encoded, skip, signed };
      const waiting = { job, wanted, resolve, reject };
      if (first) this.queue.unshift(waiting);
      else this.queue.push(waiting);
      this.pump();
    });
  }

  private start(): Worker {
    this.made++;
    const worker = new Worker(this.script, { type: "module", name: this.wasm });
    worker.onmessage = (event: MessageEvent<Done>) => {
      this.idle.push(worker);
      this.finish(event.data);
      this.pump();
    };
    return worker;
  }

  private finish(done: Done): void {
    const waiting = this.running.get(done.id);
    this.running.delete(done.id);
    if (waiting === undefined) return;
    if (done.values === null) {
      waiting.reject(new Error(done.error));
      return;
    }
    const { columns, rows, values } = done;
    waiting.resolve({ kind: "grey", columns, rows, values, full: waiting.job.skip === 0 });
  }

  private pump(): void {
    while (this.queue.length > 0) {
      if (this.idle.length === 0) {
        if (this.made >= this.most) return;
        this.idle.push(this.start());
      }
      const waiting = this.queue.shift();
      if (waiting === undefined) return;
      if (!waiting.wanted()) {
        waiting.resolve(null);
        continue;
      }
      const worker = this.idle.pop();
      if (worker === undefined) return;
      this.running.set(waiting.job.id, waiting);
      // A copy: the compressed bytes stay in their cache.
      worker.postMessage(waiting.job);
    }
  }
}
