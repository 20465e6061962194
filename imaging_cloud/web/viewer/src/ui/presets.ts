/** The windows that a picture's list offers: its own, then those of its modality. */

import type { Preset } from "../image/grey.ts";
import type { Text } from "./texts.ts";

type Value = { center: number; width: number };

/** What devices call their windows, by the first word that is found. */
const NAMES: [RegExp, Text][] = [
  [/LUNG|肺/i, "lung"],
  [/MEDIAST|SOFT|纵隔|软组织/i, "mediastinum"],
  [/ABDOM|LIVER|腹|肝/i, "abdomen"],
  [/BONE|SPINE|骨/i, "bone"],
  [/BRAIN|HEAD|脑/i, "brain"],
  [/^(NORMAL|DEFAULT|STANDARD|WINDOW ?1|默认|标准)$/i, "standard"],
];
/** Of these the low end means "nothing": their contrast is changed from above. */
const FROM_ZERO = new Set(["PT", "NM"]);
const HARDER = 0.6;
const SOFTER = 1.6;

/** `base` is the picture's usual window; the same window twice is listed once. */
export function windowList(own: Preset[], modality: string, base: Value): Preset[] {
  const named = own.map((each) => ({ ...each, text: each.text || textOf(each.name) }));
  const list = modality === "CT" ? named : [...named, ...byContrast(modality, base)];
  return list.filter((each, at) => list.findIndex((other) => sameWindow(each, other)) === at);
}

function textOf(name: string): string {
  return NAMES.find(([words]) => words.test(name.trim()))?.[1] ?? "";
}

function byContrast(modality: string, base: Value): Preset[] {
  return ([["harder", HARDER], ["softer", SOFTER]] as const).map(([text, share]) => {
    const width = Math.max(base.width * share, 1);
    const low = base.center - base.width / 2;
    return { text, name: text, width, center: FROM_ZERO.has(modality) ? low + width / 2 : base.center };
  });
}

function sameWindow(a: Value, b: Value): boolean {
  return Math.abs(a.center - b.center) < 1 && Math.abs(a.width - b.width) < 1;
}
