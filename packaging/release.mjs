// The release that is packed, as debian/changelog says: a build that takes its time from there is
// the same at any time.
import fs from 'node:fs';

const kChangelog = new URL('debian/changelog', import.meta.url);

export function releasedAt() {
  return new Date(/^ -- .*> {2}(.*)$/m.exec(fs.readFileSync(kChangelog, 'utf8'))[1]);
}

export function releaseVersion() {
  return /^postern \((.*?)\)/.exec(fs.readFileSync(kChangelog, 'utf8'))[1];
}
