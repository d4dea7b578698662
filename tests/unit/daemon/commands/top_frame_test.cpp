#include "daemon/commands/top_frame.hpp"

#include <gtest/gtest.h>

namespace postern::daemon::commands {
namespace {

TopView busy_view() {
    TopView view{.address = "http://x", .version = "1.2.3", .state = "ready"};
    view.uptime_seconds = 11'520;
    view.span_seconds = 2;
    view.groups = {
        {"webhooks",
         {{"received", 12.34, FigureUnit::per_second},
          {"p99", 0.0042, FigureUnit::seconds},
          {"p50", std::nullopt, FigureUnit::seconds}}},
        {"store", {{"queue", 3, FigureUnit::count}, {"queue size", 2048, FigureUnit::bytes}}}};
    view.gateways = {{.id = "stripe", .received = 12, .received_ever = 1234}};
    view.endpoints = {
        {.id = "we_1", .state = "paused", .url = "https://a", .attempts = 1, .failures = 1},
        {.id = "we_2",
         .state = "",
         .url = "https://b",
         .attempts = 2,
         .failures = 0,
         .seconds = 1}};
    return view;
}

TEST(TopFrame, ShowsFiguresGatewaysAndEndpoints) {
    const std::vector<std::string> wanted = {
        "postern 1.2.3  ready  up 3 h 12 min                             rates over 2 s",
        "",
        "webhooks  received 12.3/s  p99 4.2 ms  p50 -",
        "store     queue 3  queue size 2 KiB",
        "",
        "GATEWAY  RECEIVED/s  REFUSED/s  DUPLICATES/s  SHED/s  EVER",
        "stripe           12          0             0       0  1234",
        "",
        "ENDPOINT  ATTEMPTS/s  FAILED/s  TAKES  STATE   URL",
        "we_1               1         1      -  paused  https://a",
        "we_2               2         0    1 s  -       https://b",
    };
    EXPECT_EQ(frame_lines(busy_view(), {.columns = 78, .rows = 24}), wanted);
}

TEST(TopFrame, SaysOnlyWhatIsKnownOfADaemonThatIsAway) {
    const TopView never{.state = "refused"};
    EXPECT_EQ(frame_lines(never, {.columns = 78, .rows = 24})[0], "postern  refused");
    const TopView away = view_without_answer(busy_view(), {"refused\n  is it running?"});
    const auto lines = frame_lines(away, {.columns = 78, .rows = 24});
    EXPECT_EQ(lines[0], "postern 1.2.3  refused");
    EXPECT_EQ(lines[1], "what stands below is the last that it told");
    EXPECT_EQ(lines[3], "webhooks  received 12.3/s  p99 4.2 ms  p50 -");
}

TEST(TopFrame, WrapsFiguresAtTheEdge) {
    const auto lines = frame_lines(busy_view(), {.columns = 30, .rows = 24});
    EXPECT_EQ(lines[2], "webhooks  received 12.3/s");
    EXPECT_EQ(lines[3], "          p99 4.2 ms  p50 -");
}

TEST(TopFrame, FitsEveryTerminal) {
    TopView view = busy_view();
    for (int i = 0; i < 50; ++i) {
        view.gateways.push_back({.id = "gateway" + std::to_string(i)});
        view.endpoints.push_back({.id = "we_" + std::to_string(i), .state = "failing"});
    }
    for (std::size_t rows = 1; rows < 130; ++rows) {
        SCOPED_TRACE(rows);
        const auto lines = frame_lines(view, {.columns = 40, .rows = rows});
        EXPECT_LE(lines.size(), rows);
        for (const std::string& line : lines) EXPECT_LE(line.size(), 40U);
    }
}

bool shows(const std::vector<std::string>& lines, std::string_view beginning) {
    for (const std::string& line : lines) {
        if (line.starts_with(beginning)) return true;
    }
    return false;
}

TEST(TopFrame, LeavesRoomForGatewaysAboveManyEndpoints) {
    TopView view = busy_view();
    for (int i = 0; i < 50; ++i) view.endpoints.push_back({.id = "we", .state = "failing"});
    const auto lines = frame_lines(view, {.columns = 80, .rows = 24});
    EXPECT_TRUE(shows(lines, "stripe"));
    EXPECT_TRUE(shows(lines, "we_1"));
    EXPECT_EQ(lines.size(), 24U);
}

TEST(TopFrame, HoldsNothingThatATerminalActsOn) {
    TopView view = busy_view();
    view.notice = "a\x1b[31m";
    view.endpoints[0].url =
        "https://\x9b"
        "2J\n";
    for (const std::string& line : frame_lines(view, {.columns = 120, .rows = 50})) {
        for (const char c : line) EXPECT_TRUE(c >= 0x20 && c < 0x7f) << line;
    }
}

}  // namespace
}  // namespace postern::daemon::commands
