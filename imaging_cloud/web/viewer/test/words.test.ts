import assert from "node:assert/strict";
import { test } from "node:test";
import { Words } from "../src/alert/texts.ts";
import { windowList } from "../src/ui/presets.ts";
import { readSeries } from "../src/load/source.ts";
import { projectionMarks } from "../src/image/geometry.ts";

const BOTH = "肠梗阻：慎用钡餐；宜用水溶性对比剂或 CT。 Obstruction: barium with caution (eGFR ≥ 30).";

test("of a message in both languages the reader's comes first, and nothing is lost", () => {
  const [zh, en] = [new Words("zh-CN").inOrder(BOTH), new Words("en").inOrder(BOTH)];
  assert.deepEqual(zh, ["肠梗阻：慎用钡餐；宜用水溶性对比剂或 CT。", "Obstruction: barium with caution (eGFR ≥ 30)."]);
  assert.deepEqual(en, [...zh].reverse());
  for (const single of ["只有中文 CT", "English only", "", "钆 (I/III) 中文"]) {
    assert.deepEqual(new Words("en").inOrder(single), [single, ""]);
  }
});

const own = (name: string, center: number, width: number) => ({ name, text: "", center, width });

test("windows that devices name are listed in the reader's words, each once", () => {
  const list = windowList([own("MEDIASTINUM", 40, 400), own("纵隔", 40, 400), own("Lung Std", -600, 1500)], "CT", own("", 40, 400));
  assert.deepEqual(list.map((each) => each.text), ["mediastinum", "lung"]);
});

test("where contrast is all there is, a harder and a softer window are offered", () => {
  const mr = windowList([own("", 500, 1000)], "MR", { center: 500, width: 1000 });
  assert.deepEqual(mr.slice(1).map((each) => [each.center, each.width]), [[500, 600], [500, 1600]]);
  const pt = windowList([], "PT", { center: 50, width: 100 });
  assert.deepEqual(pt.map((each) => [each.center, each.width]), [[30, 60], [80, 160]]);
});

const FACTS = { format: 1, version: "1", study: "1.2", series: "1.3", common: { rows: 2, columns: 2, instance: "1.4", frame: 1 } };
const ABOUT = { modality: "DX", description: "", number: 1 };

test("a projection has its marks from Patient Orientation, and says where its spacing holds", () => {
  const slices = [{ patientOrientation: ["L", "F"], spacing: [0.1, 0.1] as [number, number], spacingAt: "detector" }];
  const [picture] = readSeries({ ...FACTS, slices }, ABOUT).pictures;
  assert.deepEqual(projectionMarks(picture?.directions ?? null), { right: "L", bottom: "F", left: "R", top: "H" });
  assert.equal(picture?.spacingAt, "detector");
  for (const wrong of [undefined, [], ["L"], ["<b>", "F"]]) {
    const facts = { ...FACTS, slices: [wrong === undefined ? {} : { patientOrientation: wrong }] };
    assert.equal(readSeries(facts, ABOUT).pictures[0]?.directions, null);
  }
});

test("CT values are Hounsfield units unless the object says otherwise", () => {
  const read = (modality: string, slice: object) => readSeries({ ...FACTS, slices: [slice] }, { ...ABOUT, modality }).pictures[0]?.units;
  assert.equal(read("CT", {}), "HU");
  assert.equal(read("CT", { units: "US" }), "US");
  assert.equal(read("MR", {}), "");
});
