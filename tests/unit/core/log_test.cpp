#include "core/log.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace postern::log {
namespace {

std::string name_of_standard_error() {
    struct stat status {};
    EXPECT_EQ(fstat(STDERR_FILENO, &status), 0);
    return std::to_string(status.st_dev) + ':' + std::to_string(status.st_ino);
}

// What a few lines become where JOURNAL_STREAM names our standard error, or something else.
std::string written(Format format, const std::string& stream) {
    testing::internal::CaptureStderr();
    const std::string named = stream.empty() ? name_of_standard_error() : stream;
    setenv("JOURNAL_STREAM", named.c_str(), 1);
    configure({.level = Level::debug, .format = format});
    debug("a.detail");
    info("a.change", {{"count", 3}});
    warn("a.worry", {{"why", "two words"}});
    error("an.alarm");
    unsetenv("JOURNAL_STREAM");
    std::string text = testing::internal::GetCapturedStderr();
    configure({});
    return text;
}

TEST(Log, TellsTheJournalHowGraveALineIs) {
    EXPECT_EQ(
        written(Format::text, ""),
        "<7>debug a.detail\n"
        "<6>info a.change count=3\n"
        "<4>warn a.worry why=\"two words\"\n"
        "<3>error an.alarm\n"
    );
    EXPECT_NE(written(Format::json, "").find("\n<4>{\"time\":"), std::string::npos);
}

TEST(Log, WritesPlainLinesWhereStandardErrorIsNotTheJournals) {
    const std::string text = written(Format::text, "0:0");
    EXPECT_EQ(text.find('<'), std::string::npos) << text;
    EXPECT_NE(text.find(" info a.change count=3\n"), std::string::npos) << text;
}

TEST(Log, SaysWhatEndedATaskAndNothingOfOneThatEndedWell) {
    testing::internal::CaptureStderr();
    failure("task.failed", nullptr);
    failure("task.failed", std::make_exception_ptr(std::runtime_error{"out of order"}));
    const std::string text = testing::internal::GetCapturedStderr();
    EXPECT_NE(text.find(" error task.failed what=\"out of order\"\n"), std::string::npos) << text;
    EXPECT_EQ(text.find("task.failed"), text.rfind("task.failed"));
}

}  // namespace
}  // namespace postern::log
