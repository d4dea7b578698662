#!/usr/bin/env node
// run.mjs [--build=build/fuzz] [--seconds=20] [--only=NAME] [--jobs=1]
// Makes first seeds out of tests/corpora and tests/fuzz/seeds, runs every fuzz target that was
// built, prints a line each and last "passed P of N". What was learned stays in the build folder.
import fs from 'node:fs';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { seedsFor } from './seeds.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const options = Object.fromEntries(
  process.argv.slice(2).map((argument) => {
    const parts = /^--([a-z]+)=(.*)$/.exec(argument);
    if (!parts) {
      console.error(`unknown argument ${argument}`);
      process.exit(2);
    }
    return [parts[1], parts[2]];
  }),
);
const build = path.resolve(options.build ?? path.join(here, '../../build/fuzz'));
const seconds = Number(options.seconds ?? 20);
const jobs = Number(options.jobs ?? 1);

function targets() {
  const folder = path.join(build, 'tests/fuzz');
  return fs
    .readdirSync(folder)
    .filter((name) => name.startsWith('fuzz_') && name.includes(options.only ?? ''))
    .filter((name) => fs.statSync(path.join(folder, name)).isFile())
    .map((name) => ({ name: name.slice('fuzz_'.length), file: path.join(folder, name) }));
}

function prepare(target) {
  const corpus = path.join(build, 'corpus', target.name);
  const findings = path.join(build, 'findings', target.name);
  fs.mkdirSync(corpus, { recursive: true });
  fs.mkdirSync(findings, { recursive: true });
  for (const [name, bytes] of seedsFor(target.name)) {
    fs.writeFileSync(path.join(corpus, `seed-${name}`), bytes);
  }
  return { corpus, findings };
}

function run(target) {
  const { corpus, findings } = prepare(target);
  const args = [
    `-max_total_time=${seconds}`,
    '-timeout=5',
    '-rss_limit_mb=2048',
    '-max_len=65536',
    '-print_final_stats=1',
    `-artifact_prefix=${findings}/`,
    corpus,
  ];
  return new Promise((resolve) => {
    const child = spawn(target.file, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    const chunks = [];
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    child.on('exit', (code) => resolve({ code, text: Buffer.concat(chunks).toString() }));
  });
}

function report(target, { code, text }) {
  const runs = /stat::number_of_executed_units: (\d+)/.exec(text)?.[1] ?? '?';
  const covered = [...text.matchAll(/cov: (\d+)/g)].at(-1)?.[1] ?? '?';
  console.log(
    `${code === 0 ? 'pass' : 'FAIL'}  ${target.name.padEnd(18)} runs ${runs} cov ${covered}`,
  );
  if (code !== 0) console.log(text.split('\n').slice(-60).join('\n'));
  return code === 0;
}

const queue = targets();
const total = queue.length;
let passed = 0;
async function worker() {
  for (let target = queue.shift(); target; target = queue.shift()) {
    if (report(target, await run(target))) passed += 1;
  }
}
await Promise.all(Array.from({ length: jobs }, worker));
console.log(`passed ${passed} of ${total}`);
process.exit(total > 0 && passed === total ? 0 : 1);
