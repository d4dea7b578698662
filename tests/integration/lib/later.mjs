// A daemon for which it is later than it is: its wall clock runs ahead, its timers do not.
import fs from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { startDaemon, temporaryFolder } from './daemon.mjs';

const kSource = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

int clock_gettime(clockid_t clock, struct timespec* at) {
    static int (*real)(clockid_t, struct timespec*);
    if (!real) real = (int (*)(clockid_t, struct timespec*))dlsym(RTLD_NEXT, "clock_gettime");
    const int result = real(clock, at);
    const char* ahead = getenv("TEST_SECONDS_AHEAD");
    if (result == 0 && clock == CLOCK_REALTIME && ahead) at->tv_sec += atoll(ahead);
    return result;
}
`;

function buildShim(t) {
  const shim = path.join(temporaryFolder(t), 'later.so');
  const built = spawnSync('cc', ['-shared', '-fPIC', '-x', 'c', '-', '-o', shim, '-ldl'], {
    input: kSource,
    encoding: 'utf8',
  });
  if (!fs.existsSync(shim)) throw new Error(`cc: ${built.error ?? built.stderr}`);
  return shim;
}

// `folder` is the one of an earlier daemon that has gone.
export const startLater = (t, { seconds, env = {}, ...options }) =>
  startDaemon(t, {
    ...options,
    env: { ...env, LD_PRELOAD: buildShim(t), TEST_SECONDS_AHEAD: String(seconds) },
  });
