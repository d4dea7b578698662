#include "daemon/health.hpp"

#include <gtest/gtest.h>

namespace postern::daemon {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Reasons = std::vector<std::string_view>;

constexpr Vitals with_oldest_waiting(std::chrono::microseconds age) {
    Vitals vitals;
    vitals.writer.oldest_waiting = age;
    return vitals;
}
constexpr Vitals with_standstill(dispatch::Standstill standstill) {
    Vitals vitals;
    vitals.standstill = standstill;
    return vitals;
}
constexpr Vitals full_disk() {
    Vitals vitals;
    vitals.writer.room = storage::Room::low;
    return vitals;
}
constexpr Vitals full_disk_for_long() {
    Vitals vitals = full_disk();
    vitals.standstill.deliveries = seconds{301};
    return vitals;
}
constexpr Vitals stopping_with_a_failed_store() {
    Vitals vitals;
    vitals.store = Vitals::Store::failed;
    vitals.service = Vitals::Service::stopping;
    return vitals;
}

constexpr Vitals unreachable_for_long() {
    Vitals vitals = with_oldest_waiting(seconds{61});
    vitals.reach = Vitals::Reach::not_reached;
    vitals.place = Vitals::Place::lost;
    return vitals;
}

constexpr Vitals waiting_for_others() {
    Vitals vitals = with_oldest_waiting(seconds{61});
    vitals.commits = Vitals::Commits::of_many;
    return vitals;
}

TEST(Health, SaysWhy) {
    struct Case {
        const char* name;
        Vitals vitals;
        Reasons not_ready;
        Reasons not_alive;
    };
    const Case cases[] = {
        {"all is well", {}, {}, {}},
        {"a commit of two seconds", with_oldest_waiting(seconds{2}), {}, {}},
        {"a commit of more", with_oldest_waiting(milliseconds{2'001}), {"commits are slow"}, {}},
        {"a disk that hangs",
         with_oldest_waiting(seconds{61}),
         {"commits are slow"},
         {"a commit does not end"}},
        {"a commit that waits for other nodes", waiting_for_others(), {"commits are slow"}, {}},
        {"a full disk", full_disk(), {"the disk is nearly full"}, {}},
        {"a store that failed",
         {.store = Vitals::Store::failed},
         {"the store failed"},
         {"the store failed"}},
        {"a late tick", with_standstill({.loop = seconds{5}}), {}, {}},
        {"a loop that hangs for a while",
         with_standstill({.loop = seconds{6}}),
         {"deliveries do not move"},
         {}},
        {"a loop that hangs",
         with_standstill({.loop = seconds{31}}),
         {"deliveries do not move"},
         {"deliveries do not move"}},
        {"deliveries that hang for a while",
         with_standstill({.deliveries = seconds{61}}),
         {"deliveries do not move"},
         {}},
        {"deliveries that hang",
         with_standstill({.deliveries = seconds{301}}),
         {"deliveries do not move"},
         {"deliveries do not move"}},
        {"deliveries that wait for room on the disk",
         full_disk_for_long(),
         {"the disk is nearly full", "deliveries do not move"},
         {}},
        {"an orderly end", {.service = Vitals::Service::stopping}, {"stopping"}, {}},
        {"a server that does not answer",
         unreachable_for_long(),
         {"the store cannot be reached", "commits are slow"},
         {}},
        {"a node that the others do not know",
         {.place = Vitals::Place::lost},
         {"this node has no place among the others"},
         {}},
        {"lanes that nobody confirms",
         {.lanes = Vitals::Lanes::unconfirmed},
         {"the store does not say which endpoints this node serves"},
         {}},
        {"two reasons", stopping_with_a_failed_store(), {"stopping", "the store failed"}, {}},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(why_not_ready(test_case.vitals), test_case.not_ready);
        EXPECT_EQ(why_not_alive(test_case.vitals), test_case.not_alive);
    }
}

}  // namespace
}  // namespace postern::daemon
