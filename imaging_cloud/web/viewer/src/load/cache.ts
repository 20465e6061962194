/** A cache bounded by bytes; what lies farthest away goes first, of these what was used longest ago. */

export class ByteCache<Key, Value> {
  private readonly held = new Map<Key, { value: Value; bytes: number }>();
  private total = 0;

  constructor(
    private readonly most: number,
    private readonly dropped: (value: Value) => void = () => undefined,
    /** How far from what is looked at; 0 is never given up for something else. */
    private readonly distance: (key: Key) => number = () => 0,
  ) {}

  get bytes(): number {
    return this.total;
  }

  get size(): number {
    return this.held.size;
  }

  has(key: Key): boolean {
    return this.held.has(key);
  }

  get(key: Key): Value | undefined {
    const found = this.held.get(key);
    if (found === undefined) return undefined;
    this.held.delete(key);
    this.held.set(key, found);
    return found.value;
  }

  /** One entry larger than the whole cache is still kept: it is being looked at. */
  set(key: Key, value: Value, bytes: number): void {
    this.delete(key);
    this.held.set(key, { value, bytes });
    this.total += bytes;
    while (this.total > this.most && this.held.size > 1) this.delete(this.farthest(key));
  }

  delete(key: Key): void {
    const found = this.held.get(key);
    if (found === undefined) return;
    this.held.delete(key);
    this.total -= found.bytes;
    this.dropped(found.value);
  }

  clear(): void {
    for (const key of [...this.held.keys()]) this.delete(key);
  }

  /** The keys are in the order of their use; `last` has just come. */
  private farthest(last: Key): Key {
    let [found, most] = [last, -1];
    for (const key of this.held.keys()) {
      const away = this.distance(key);
      if (away > most) [found, most] = [key, away];
    }
    return found;
  }
}
