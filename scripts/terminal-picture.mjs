// Draws what a command left on a terminal as an SVG, from the bytes it really wrote:
//
//   script -qec 'stty cols 128 rows 40; ./devenv run-dag docs/examples/orders/dags/orders.py' /dev/null </dev/null |
//     node scripts/terminal-picture.mjs './devenv run-dag docs/examples/orders/dags/orders.py' >docs/images/run-dag.svg
import { text } from 'node:stream/consumers';

const COLORS = {
  31: '#e5534b',
  32: '#57ab5a',
  33: '#c69026',
  35: '#b083f0',
  36: '#39c5cf',
  90: '#768390',
};
const [FOREGROUND, BACKGROUND, DIM] = ['#cdd9e5', '#1c2128', '#8b98a5'];
const [CHARACTER, LINE, MARGIN] = [8.43, 20, 16];
/** Must be what `stty cols` says: longer lines are wrapped there. */
const COLUMNS = 128;
const PLAIN = { color: FOREGROUND, bold: false, dim: false };

const [command = ''] = process.argv.slice(2);
const promptStyle = { ...PLAIN, bold: true };
const prompt = [...`$ ${command}`].map((character) => ({ character, style: promptStyle }));
process.stdout.write(draw([prompt, ...screenOf(await text(process.stdin))]));

/** The lines on the screen at the end, each a list of cells. */
function screenOf(bytes) {
  const lines = [[]];
  const at = { line: 0, column: 0 };
  let style = PLAIN;
  // A control sequence, or one character.
  for (const [token, parameters, final] of bytes.matchAll(/\x1b\[([?\d;]*)([A-Za-z])|[\s\S]/gu)) {
    if (final === undefined) put(token);
    else if (final === 'm') style = parameters.split(';').map(Number).reduce(styleAfter, style);
    else move(final, parameters);
  }
  while (lines.at(-1)?.length === 0) lines.pop();
  return lines;

  function put(character) {
    if (character === '\r') at.column = 0;
    else if (character === '\n') {
      at.line += 1;
      lines[at.line] ??= [];
    } else {
      if (at.column === COLUMNS) ['\r', '\n'].forEach(put);
      lines[at.line][at.column] = { character, style };
      at.column += 1;
    }
  }
  function move(final, parameters) {
    const count = Number(parameters) || 1;
    if (final === 'A') at.line = Math.max(0, at.line - count);
    else if (final === 'B') at.line += count;
    else if (final === 'G') at.column = count - 1;
    else if (final === 'K') lines[at.line] = parameters === '2' ? [] : lines[at.line].slice(0, at.column);
    else if (final === 'J') lines.splice(at.line + 1);
    lines[at.line] ??= [];
  }
}

function styleAfter(style, code) {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, dim: true };
  if (code === 22) return { ...style, bold: false, dim: false };
  if (code === 39) return { ...style, color: FOREGROUND };
  return { ...style, color: COLORS[code] ?? style.color };
}

function draw(lines) {
  const [width, height] = [COLUMNS * CHARACTER + 2 * MARGIN, lines.length * LINE + 2 * MARGIN];
  const rows = lines.map(
    (line, index) => `<text x="${MARGIN}" y="${MARGIN + LINE * (index + 0.75)}">${spans(line)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.ceil(width)}" height="${height}" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14">
<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>
${rows.join('\n')}
</svg>
`;
}

/** Neighbours of one style together, each at its own column. */
function spans(line) {
  const runs = [];
  for (let column = 0; column < line.length; column += 1) {
    const { character, style } = line[column] ?? { character: ' ', style: PLAIN };
    const last = runs.at(-1);
    if (last?.style === style) last.text += character;
    else runs.push({ column, style, text: character });
  }
  return runs
    .filter((run) => run.text.trim() !== '')
    .map(({ column, style, text: padded }) => {
      const words = padded.trim();
      const start = column + padded.length - padded.trimStart().length;
      const fill = style.dim && style.color === FOREGROUND ? DIM : style.color;
      const weight = style.bold ? ' font-weight="bold"' : '';
      // Forces the columns to line up in a font of another width.
      const [x, length] = [MARGIN + start * CHARACTER, words.length * CHARACTER].map((each) =>
        each.toFixed(1),
      );
      return `<tspan x="${x}" textLength="${length}" fill="${fill}"${weight}>${escape(words)}</tspan>`;
    })
    .join('');
}

function escape(words) {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
