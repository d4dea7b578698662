// Certificates made for one test: an authority, and what it signs.
import fs from 'node:fs';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { temporaryFolder } from './daemon.mjs';

const openssl = (...args) => execFileSync('openssl', args, { stdio: 'pipe' });
const ecKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

export class Authority {
  #folder;
  #next = 0;

  constructor(t, name = 'Test authority') {
    this.#folder = temporaryFolder(t);
    const [key, certificate] = this.#files('authority');
    openssl(
      'req',
      '-x509',
      ...ecKey,
      '-keyout',
      key,
      '-out',
      certificate,
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
    );
    this.certificate = fs.readFileSync(certificate, 'utf8');
  }

  #files(name) {
    return ['key', 'crt', 'csr', 'ext'].map((end) => path.join(this.#folder, `${name}.${end}`));
  }

  // { key, cert } for names like "IP:127.0.0.1,DNS:shop.example.com".
  issue({ names = 'IP:127.0.0.1', expired = false, purpose = 'serverAuth' } = {}) {
    const [authorityKey, authorityCertificate] = this.#files('authority');
    const [key, certificate, request, extensions] = this.#files(`leaf${this.#next++}`);
    openssl('req', ...ecKey, '-keyout', key, '-out', request, '-subj', '/CN=leaf');
    fs.writeFileSync(extensions, `subjectAltName=${names}\nextendedKeyUsage=${purpose}\n`);
    const authority = ['-CA', authorityCertificate, '-CAkey', authorityKey, '-CAcreateserial'];
    const made = ['-in', request, '-out', certificate, '-extfile', extensions];
    openssl('x509', '-req', ...made, ...authority, '-days', expired ? '-1' : '2');
    const read = (file) => fs.readFileSync(file, 'utf8');
    return { key: read(key), cert: read(certificate) };
  }
}
