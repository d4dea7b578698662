// The merchants' guide shows how to verify a delivery in several languages: each of them judges the
// same deliveries, where its language is installed.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { temporaryFolder } from './lib/daemon.mjs';
import { createEndpoint, eventually, postPayment, startDelivering } from './lib/delivery.mjs';
import { codeBlocks, pageText } from './lib/documents.mjs';
import { startSink } from './lib/sink.mjs';

const run = promisify(execFile);
const kRunMilliseconds = 120_000;

// A program around each snippet: a case comes as JSON in case.json, its body in body.bin, and the
// verdict goes to standard output.
const kLanguages = {
  js: {
    programs: [['node', 'main.mjs']],
    main: `import fs from 'node:fs';
import { isGenuine } from './hooks.mjs';
const { secret, headers } = JSON.parse(fs.readFileSync('case.json'));
console.log(isGenuine(secret, headers, fs.readFileSync('body.bin')));
`,
  },
  python: {
    programs: [['python3', 'main.py']],
    main: `import json
from hooks import is_genuine
case = json.load(open("case.json"))
print(str(is_genuine(case["secret"], case["headers"], open("body.bin", "rb").read())).lower())
`,
  },
  php: {
    programs: [['php', 'main.php']],
    main: `<?php
require 'hooks.php';
$case = json_decode(file_get_contents('case.json'), true);
echo json_encode(is_genuine($case['secret'], $case['headers'], file_get_contents('body.bin')));
`,
  },
  ruby: {
    programs: [['ruby', 'main.rb']],
    main: `require 'json'
require_relative 'hooks'
found = JSON.parse(File.read('case.json'))
puts genuine?(found['secret'], found['headers'], File.binread('body.bin'))
`,
  },
  go: {
    programs: [['go', 'run', 'main.go', 'hooks.go']],
    main: `package main
import ("encoding/json"; "fmt"; "net/http"; "os")
func main() {
	var found struct { Secret string; Headers map[string]string }
	text, _ := os.ReadFile("case.json")
	body, _ := os.ReadFile("body.bin")
	_ = json.Unmarshal(text, &found)
	headers := http.Header{}
	for name, value := range found.Headers { headers.Set(name, value) }
	fmt.Println(isGenuine(found.Secret, headers, body))
}
`,
  },
  java: {
    programs: [
      ['javac', 'Main.java', 'Hooks.java'],
      ['java', '-cp', '.', 'Main'],
    ],
    main: `import java.nio.file.*;
import java.util.*;
class Main {
    public static void main(String[] none) throws Exception {
        Properties found = new Properties();
        found.load(Files.newBufferedReader(Path.of("case.properties")));
        Map<String, String> headers = new HashMap<>();
        found.forEach((name, value) -> headers.put((String) name, (String) value));
        byte[] body = Files.readAllBytes(Path.of("body.bin"));
        System.out.println(Hooks.isGenuine(headers.get("secret"), headers, body));
    }
}
`,
  },
};

const isInstalled = (program) => !spawnSync(program, ['--help']).error;

// [{ name, secret, headers, body, genuine }]: a real delivery, and what is made of it.
async function casesOf(t) {
  const daemon = await startDelivering(t);
  const sink = await startSink(t);
  const { secret } = await createEndpoint(daemon, { url: sink.url() });
  await postPayment(daemon);
  const { headers: all, text: body } = await eventually('a delivery', () => sink.requests[0]);
  const names = Object.keys(all).filter((name) => name.startsWith('webhook-'));
  const headers = Object.fromEntries(names.map((name) => [name, all[name]]));
  const signature = headers['webhook-signature'];
  const other = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const signedAt = (seconds) => {
    const sent = Number(headers['webhook-timestamp']) + seconds;
    const made = new Webhook(secret).sign(headers['webhook-id'], new Date(sent * 1000), body);
    return { ...headers, 'webhook-timestamp': String(sent), 'webhook-signature': made };
  };
  const signedBy = (text) => ({ ...headers, 'webhook-signature': text });
  return [
    { name: 'a delivery', genuine: true },
    { name: 'beside another', headers: signedBy(`v1,AAAA ${signature}`), genuine: true },
    { name: 'an hour old', headers: signedAt(-3600) },
    { name: 'an hour ahead', headers: signedAt(3600) },
    { name: 'without a time', headers: { ...headers, 'webhook-timestamp': 'soon' } },
    { name: 'another body', body: body.replace('payment', 'Payment') },
    { name: 'another secret', secret: other },
    { name: 'another version', headers: signedBy(signature.replace('v1,', 'v9,')) },
    { name: 'no signature', headers: signedBy('') },
  ].map((one) => ({ secret, headers, body, genuine: false, ...one }));
}

function writeCase(folder, { secret, headers, body }) {
  const properties = Object.entries({ ...headers, secret });
  const lines = properties.map(([name, value]) => `${name}=${value}\n`);
  fs.writeFileSync(path.join(folder, 'case.json'), JSON.stringify({ secret, headers }));
  fs.writeFileSync(path.join(folder, 'case.properties'), lines.join(''));
  fs.writeFileSync(path.join(folder, 'body.bin'), body);
}

// The last of the programs says the verdict; those before it only have to succeed, once.
async function verdict(programs, folder) {
  const options = { cwd: folder, timeout: kRunMilliseconds };
  const [[program, ...args]] = programs.slice(-1);
  return (await run(program, args, options)).stdout.trim();
}

test('each snippet takes what is genuine and nothing else', async (t) => {
  const cases = await casesOf(t);
  const snippets = codeBlocks(pageText('docs/MERCHANTS.md'));
  for (const [language, { programs, main }] of Object.entries(kLanguages)) {
    const missing = programs.map(([program]) => program).find((one) => !isInstalled(one));
    await t.test(language, { skip: missing && `${missing} is not installed` }, async () => {
      const folder = temporaryFolder(t);
      const { text } = snippets.find((one) => one.language === language);
      const [, name] = text.match(/(?:\/\/|#) ([\w.]+)$/m);
      const [mainName] = JSON.stringify(programs).match(/[Mm]ain\.\w+/);
      fs.writeFileSync(path.join(folder, name), text);
      fs.writeFileSync(path.join(folder, mainName), main);
      for (const [program, ...args] of programs.slice(0, -1)) {
        await run(program, args, { cwd: folder, timeout: kRunMilliseconds });
      }
      for (const one of cases) {
        writeCase(folder, one);
        assert.equal(await verdict(programs, folder), String(one.genuine), one.name);
      }
    });
  }
});
