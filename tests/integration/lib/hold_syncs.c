/* LD_PRELOAD for tests: a disk that stands still. While there is a FIFO at $HOLD_SYNCS, whoever
 * syncs a file opens it for reading, which takes until somebody opens it for writing. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static void wait_for_release(void) {
    const char *held = getenv("HOLD_SYNCS");
    if (!held) return;
    int fifo = open(held, O_RDONLY | O_CLOEXEC);
    if (fifo >= 0) close(fifo);
}

int fsync(int file) {
    wait_for_release();
    return (int)syscall(SYS_fsync, file);
}

int fdatasync(int file) {
    wait_for_release();
    return (int)syscall(SYS_fdatasync, file);
}
