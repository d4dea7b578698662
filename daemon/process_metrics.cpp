#include "daemon/process_metrics.hpp"

#include "daemon/version.hpp"

#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/resource.h>
#include <system_error>
#include <unistd.h>

namespace postern::daemon {
namespace {

constexpr double kNanosecondsInSecond = 1e9;

double cpu_seconds_used() {
    timespec used{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec)
           + static_cast<double>(used.tv_nsec) / kNanosecondsInSecond;
}

double resident_bytes() {
    std::ifstream file{"/proc/self/statm"};
    double pages_mapped = 0;
    double pages_resident = 0;
    file >> pages_mapped >> pages_resident;
    return pages_resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double open_files() {
    std::error_code ignored;  // where /proc is not mounted there is nothing to tell
    const std::filesystem::directory_iterator files{"/proc/self/fd", ignored};
    return static_cast<double>(std::distance(begin(files), end(files)));
}

double open_files_max() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    return static_cast<double>(limit.rlim_cur);
}

}  // namespace

ProcessMetrics::ProcessMetrics(const Parts& parts)
    : cpu_seconds_{parts.registry.counter(
        {"process_cpu_seconds_total", "Processor time that was used, in seconds"}
    )},
      resident_bytes_{parts.registry.gauge(
          {"process_resident_memory_bytes", "Memory that is resident, in bytes"}
      )},
      open_files_{parts.registry.gauge({"process_open_fds", "File descriptors that are open"})} {
    parts.registry.gauge({"process_max_fds", "File descriptors that may be open"})
        .set(open_files_max());
    parts.registry.gauge({"process_start_time_seconds", "When the process began, in Unix seconds"})
        .set(static_cast<double>(unix_seconds(parts.clock.now())));
    parts.registry
        .gauge(
            {"postern_build_info", "1, with the versions as labels"},
            {{"version", kVersion}, {"store", parts.store}}
        )
        .set(1);
    refresh();
}

void ProcessMetrics::refresh() {
    const double used = cpu_seconds_used();
    const double more = used - cpu_seconds_.value();
    if (more > 0) cpu_seconds_.add(more);  // another thread may have told more already
    resident_bytes_.set(resident_bytes());
    open_files_.set(open_files());
}

}  // namespace postern::daemon
