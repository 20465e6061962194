/** Two stages that scroll together: by place in the patient where both have one, else by share. */

import { alongNormal } from "../image/geometry.ts";
import type { Pane } from "./pane.ts";

/** Where both stood when they were linked by hand: what was side by side stays so. */
export interface Anchor {
  leader: number;
  other: number;
}

export class Linking {
  on: boolean;
  private anchors = new Map<Pane, number>();

  constructor(private readonly panes: () => Pane[]) {
    this.on = panes().length > 1;
  }

  toggle(): void {
    this.on = !this.on;
    this.anchors = new Map(this.on ? this.panes().map((pane) => [pane, pane.index]) : []);
  }

  /** A new series has no place beside what was linked before. */
  forget(): void {
    this.anchors.clear();
  }

  scrolled(leader: Pane): void {
    if (!this.on) return;
    for (const other of this.panes()) {
      if (other === leader) continue;
      const [at, there] = [this.anchors.get(leader), this.anchors.get(other)];
      const anchor = at === undefined || there === undefined ? null : { leader: at, other: there };
      const place = indexBeside(leader, other, anchor);
      if (place !== null) other.goTo(place);
    }
  }
}

/** Which picture of `other` belongs beside the one that `leader` shows. */
export function indexBeside(leader: Pane, other: Pane, anchor: Anchor | null): number | null {
  const mine = other.series?.pictures ?? [];
  const theirs = leader.series?.pictures ?? [];
  const shown = leader.picture;
  if (mine.length === 0 || shown === null) return null;
  const along = (at: number[] | null) => alongNormal(shown.orientation, at);
  const place = along(shown.position);
  const oneFrame = mine[0]?.frameOfReference !== "" && mine[0]?.frameOfReference === shown.frameOfReference;
  if (place !== null && (oneFrame || anchor !== null)) {
    const from = along(theirs[anchor?.leader ?? 0]?.position ?? null);
    const to = along(mine[anchor?.other ?? 0]?.position ?? null);
    const moved = anchor === null || from === null || to === null ? 0 : to - from;
    const found = nearest(mine.map((each) => along(each.position)), place + moved);
    if (found !== null) return found;
  }
  if (anchor !== null) return anchor.other + (leader.index - anchor.leader);
  return (leader.index / Math.max(theirs.length - 1, 1)) * (mine.length - 1);
}

function nearest(places: (number | null)[], wanted: number): number | null {
  let best: number | null = null;
  let least = Infinity;
  places.forEach((there, at) => {
    const away = there === null ? Infinity : Math.abs(there - wanted);
    if (away < least) [best, least] = [at, away];
  });
  return best;
}
