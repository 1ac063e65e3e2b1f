import type { Pin, PinFinder } from './pin.ts';

/** `.python-version` of pyenv and uv, `.tool-versions` of asdf, `mise.toml`, `runtime.txt`. */
export const pythonVersionPins: PinFinder = {
  reads: (file) => /^(?:\.python-version|\.tool-versions|\.?mise\.toml|runtime\.txt)$/.test(file),
  find: (text) => text.split('\n').flatMap(pythonOf).slice(0, 1),
};

function pythonOf(line: string, index: number): Pin[] {
  const python = /^\s*(?:(?:c?python)[\s=-]+)?["']?(3\.\d+)(?:\.\d+)?["']?\s*(?:#.*)?$/.exec(line)?.[1];
  return python === undefined ? [] : [{ python, line: index + 1 }];
}
