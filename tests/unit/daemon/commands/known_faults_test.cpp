#include "daemon/commands/known_faults.hpp"

#include <gtest/gtest.h>

namespace postern::daemon::commands {
namespace {

struct VersionCase {
    const char* text;
    std::optional<VersionNumber> version;
};

TEST(KnownFaults, ReadVersions) {
    const VersionCase cases[] = {
        {"3.40.1", VersionNumber{3, 40, 1}},
        {"1.81", VersionNumber{1, 81, 0}},
        {"3", VersionNumber{3, 0, 0}},
        {"3.0.22-dev", VersionNumber{3, 0, 22}},
        {"1.1.1w", VersionNumber{1, 1, 1}},
        {"", std::nullopt},
        {"x", std::nullopt},
        {"3.", std::nullopt},
    };
    for (const VersionCase& test_case : cases) {
        SCOPED_TRACE(test_case.text);
        EXPECT_EQ(parse_version(test_case.text), test_case.version);
    }
}

struct FaultCase {
    LibraryVersion library;
    Severity severity;
};

// The first and the last version of each range, and their neighbours.
TEST(KnownFaults, BeginAndEndWhereTheirTableSays) {
    const FaultCase cases[] = {
        {{"SQLite", "3.6.23"}, Severity::fine},
        {{"SQLite", "3.7.0"}, Severity::note},
        {{"SQLite", "3.40.1"}, Severity::note},
        {{"SQLite", "3.44.5"}, Severity::note},
        {{"SQLite", "3.44.6"}, Severity::fine},
        {{"SQLite", "3.45.0"}, Severity::note},
        {{"SQLite", "3.50.6"}, Severity::note},
        {{"SQLite", "3.50.7"}, Severity::fine},
        {{"SQLite", "3.51.0"}, Severity::note},
        {{"SQLite", "3.51.2"}, Severity::note},
        {{"SQLite", "3.51.3"}, Severity::fine},
        {{"PostgreSQL", "12.22"}, Severity::error},
        {{"PostgreSQL", "13.0"}, Severity::fine},
        {{"PostgreSQL", "15.14 (Debian 15.14-0)"}, Severity::fine},
        {{"OpenSSL", "1.1.1"}, Severity::fine},
        {{"OpenSSL", "3.0.6"}, Severity::error},
        {{"OpenSSL", "3.0.7"}, Severity::fine},
        {{"Boost", "1.81.0"}, Severity::note},
        {{"Boost", "1.85.0"}, Severity::fine},
    };
    for (const FaultCase& test_case : cases) {
        SCOPED_TRACE(
            std::string{test_case.library.library} + std::string{test_case.library.version}
        );
        const Findings findings = judge_version(test_case.library);
        ASSERT_EQ(findings.size(), 1U);
        EXPECT_EQ(findings[0].severity, test_case.severity);
        EXPECT_EQ(findings[0].advice.empty(), test_case.severity == Severity::fine);
    }
}

TEST(KnownFaults, SayNothingOfWhatTheyDoNotKnow) {
    EXPECT_TRUE(judge_version({"compiler", "12.2.0"}).empty());
    EXPECT_TRUE(judge_version({"SQLite", "unknown"}).empty());
}

}  // namespace
}  // namespace postern::daemon::commands
