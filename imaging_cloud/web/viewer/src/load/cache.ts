/** A cache bounded by bytes; what was used longest ago goes first. */

export class ByteCache<Value> {
  private readonly held = new Map<string, { value: Value; bytes: number }>();
  private total = 0;

  constructor(
    private readonly most: number,
    private readonly dropped: (value: Value) => void = () => undefined,
  ) {}

  get bytes(): number {
    return this.total;
  }

  get size(): number {
    return this.held.size;
  }

  has(key: string): boolean {
    return this.held.has(key);
  }

  get(key: string): Value | undefined {
    const found = this.held.get(key);
    if (found === undefined) return undefined;
    this.held.delete(key);
    this.held.set(key, found);
    return found.value;
  }

  /** One entry larger than the whole cache is still kept: it is being looked at. */
  set(key: string, value: Value, bytes: number): void {
    this.delete(key);
    this.held.set(key, { value, bytes });
    this.total += bytes;
    for (const oldest of this.held.keys()) {
      if (this.total <= this.most || oldest === key) break;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const found = this.held.get(key);
    if (found === undefined) return;
    this.held.delete(key);
    this.total -= found.bytes;
    this.dropped(found.value);
  }

  clear(): void {
    for (const key of [...this.held.keys()]) this.delete(key);
  }
}
