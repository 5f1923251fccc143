/**
 * What Ink has loaded takes long to load: its layout engine fetches its WebAssembly from its own
 * text, by the whole of Node's HTTP client, where it can be decoded. What measures texts makes what
 * finds graphemes (15 ms) and knows emoji (3 ms) before any text asks for them.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Plugin } from 'esbuild';

interface SlowStart {
  readonly file: string;
  /** Texts, and what stands for them. */
  readonly changes: readonly (readonly [was: string, is: string])[];
}

const SLOW_STARTS: readonly SlowStart[] = [
  {
    file: 'node_modules/yoga-layout/dist/binaries/yoga-wasm-base64-esm.js',
    changes: [
      [
        'return w||"function"!=typeof fetch?',
        'return Promise.resolve(Buffer.from(H.slice(H.indexOf(",")+1),"base64"));return w?',
      ],
    ],
  },
  {
    file: 'node_modules/string-width/index.js',
    changes: [
      [
        'const segmenter = new Intl.Segmenter();',
        'let made;const segmenter={segment:(text)=>(made??=new Intl.Segmenter()).segment(text)};',
      ],
      [
        'const rgiEmojiRegex = /^\\p{RGI_Emoji}$/v;',
        'let emoji;const rgiEmojiRegex={test:(text)=>(emoji??=/^\\p{RGI_Emoji}$/v).test(text)};',
      ],
    ],
  },
];

/** In the packages below `root`. */
export function quickInk(root: string): Plugin {
  return {
    name: 'quick-ink',
    setup(build) {
      for (const { file, changes } of SLOW_STARTS) {
        const whole = resolve(root, file);
        const filter = new RegExp(`^${whole.replace(/[.+]/g, '\\$&')}$`);
        build.onLoad({ filter }, () => {
          let contents = readFileSync(whole, 'utf8');
          for (const [was, is] of changes) {
            // Another version of it: what is slow there has to be found again.
            if (!contents.includes(was)) throw new Error(`${file} has no: ${was}`);
            contents = contents.replace(was, () => is);
          }
          return { contents, loader: 'js' };
        });
      }
    },
  };
}
