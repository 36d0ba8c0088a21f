// Everything in one bundle, dependencies included.
import commonjs from '@rollup/plugin-commonjs';
import json from '@rollup/plugin-json';
import { nodeResolve } from '@rollup/plugin-node-resolve';

export default {
  input: 'express.js',
  output: { dir: 'out/rollup' },
  // Node 20 lacks node:sqlite, which undici asks for where it is used.
  plugins: [nodeResolve({ exportConditions: ['node'] }), commonjs({ ignore: ['node:sqlite'] }), json()],
};
