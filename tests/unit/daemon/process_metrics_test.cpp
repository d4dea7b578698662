#include "daemon/process_metrics.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace postern::daemon {
namespace {

TEST(ProcessMetrics, TellsWhatTheProcessUses) {
    MetricRegistry registry;
    const SystemClock clock;
    ProcessMetrics metrics{{.registry = registry, .clock = clock, .store = "SQLite 3"}};
    for (const std::string_view name :
         {"process_resident_memory_bytes", "process_open_fds", "process_max_fds"}) {
        SCOPED_TRACE(name);
        EXPECT_GT(registry.gauge({name, ""}).value(), 0);
    }
    EXPECT_NE(registry.render().find("store=\"SQLite 3\""), std::string::npos);
}

TEST(ProcessMetrics, CountsProcessorTimeThatIsUsedMeanwhile) {
    MetricRegistry registry;
    const SystemClock clock;
    ProcessMetrics metrics{{.registry = registry, .clock = clock, .store = "SQLite 3"}};
    const Counter used = registry.counter({"process_cpu_seconds_total", ""});
    const double before = used.value();
    while (used.value() <= before) metrics.refresh();
    EXPECT_GT(used.value(), before);
}

}  // namespace
}  // namespace postern::daemon
