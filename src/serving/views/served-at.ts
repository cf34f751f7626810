import type { ViewPart } from '../../domain/view.js';
import { dim, line, strong } from '../../render/parts/parts.js';

/** How a program loads a model, by the ending of its file. */
const LOADERS: readonly (readonly [RegExp, (path: string) => string])[] = [
  [/\.joblib$/i, (path) => `joblib.load("${path}")`],
  [/\.(pkl|pickle)$/i, (path) => `pickle.load(open("${path}", "rb"))`],
  [/\.(pt|pth)$/i, (path) => `torch.load("${path}")`],
  [/\.onnx$/i, (path) => `onnxruntime.InferenceSession("${path}")`],
  [/\.keras$/i, (path) => `keras.saving.load_model("${path}")`],
  [/\.safetensors$/i, (path) => `safetensors.torch.load_file("${path}")`],
  [/\.cbm$/i, (path) => `CatBoost().load_model("${path}")`],
  [/\.ubj$/i, (path) => `xgboost.Booster(model_file="${path}")`],
  [/\.rds$/i, (path) => `readRDS("${path}")`],
];

/** Where the model is that serves now, and how a program loads it. The path stays the same when another version serves. */
export function servedAtParts(path: string | undefined): readonly ViewPart[] {
  if (path === undefined)
    return [line(dim('  nothing was copied: "publish" in the "model" section puts what serves into a folder'))];
  const load = LOADERS.find(([ending]) => ending.test(path))?.[1](path);
  return [
    line('  the model: ', strong(path), dim(', also after the next promotion')),
    ...(load === undefined ? [] : [line(dim('  load it: '), load)]),
  ];
}
