#include "daemon/commands/doctor_machine.hpp"

#include <gtest/gtest.h>

namespace postern::daemon::commands {
namespace {

using std::chrono::days;
using std::chrono::hours;

constexpr std::uint64_t kMebibyte = 1024 * 1024;
const TimePoint kNow = from_unix_seconds(1'700'000'000);

struct DiskCase {
    const char* name;
    DiskFacts disk;  // bytes in MiB
    Severity severity;
};

TEST(DoctorMachine, WarnsBeforeTheDiskIsFull) {
    const DiskCase cases[] = {
        {"plenty", {.free_bytes = 50'000, .total_bytes = 100'000}, Severity::fine},
        {"just enough", {.free_bytes = 1'024, .total_bytes = 100'000}, Severity::fine},
        {"soon too little", {.free_bytes = 1'023, .total_bytes = 100'000}, Severity::warning},
        {"at the mark", {.free_bytes = 128, .total_bytes = 100'000}, Severity::warning},
        {"below the mark", {.free_bytes = 127, .total_bytes = 100'000}, Severity::error},
        {"a small disk of its own marks", {.free_bytes = 9, .total_bytes = 16}, Severity::fine},
    };
    for (DiskCase test_case : cases) {
        SCOPED_TRACE(test_case.name);
        test_case.disk.free_bytes *= kMebibyte;
        test_case.disk.total_bytes *= kMebibyte;
        const Findings findings = judge_disk(test_case.disk, {});
        ASSERT_EQ(findings.size(), 1U);
        EXPECT_EQ(findings[0].severity, test_case.severity) << findings[0].state;
        EXPECT_EQ(findings[0].advice.empty(), test_case.severity == Severity::fine);
    }
}

TEST(DoctorMachine, WarnsWhenNoMoreFilesCanBeMade) {
    DiskFacts disk{.free_bytes = 1ULL << 40, .total_bytes = 1ULL << 41};
    disk.total_files = 1'000;
    disk.free_files = 19;
    const Findings findings = judge_disk(disk, {});
    ASSERT_EQ(findings.size(), 2U);
    EXPECT_EQ(findings[1].severity, Severity::warning);
}

TEST(DoctorMachine, LooksAtTheDiskOfAFolderThatIsNotThereYet) {
    const auto disk = read_disk("/absent/folder");
    ASSERT_TRUE(disk.has_value());
    EXPECT_GT(disk->total_bytes, 0U);
}

TEST(DoctorMachine, WarnsOfAClockThatNobodyKeeps) {
    using std::chrono::milliseconds;
    const ClockFacts kept{ClockFacts::Kept::yes, milliseconds{20}};
    EXPECT_EQ(judge_clock(kept).severity, Severity::fine);
    const ClockFacts vague{ClockFacts::Kept::yes, milliseconds{1'001}};
    EXPECT_EQ(judge_clock(vague).severity, Severity::warning);
    EXPECT_EQ(judge_clock({}).severity, Severity::warning);
}

struct CertificateCase {
    const char* name;
    TimePoint::duration begins;  // from now
    TimePoint::duration ends;
    Severity severity;
};

TEST(DoctorMachine, WarnsBeforeACertificateExpires) {
    const CertificateCase cases[] = {
        {"fresh", -days{1}, days{89}, Severity::fine},
        {"three weeks", -days{1}, days{21}, Severity::fine},
        {"less than three weeks", -days{1}, days{21} - hours{1}, Severity::warning},
        {"less than three days", -days{1}, days{3} - hours{1}, Severity::error},
        {"expired", -days{1}, hours{0}, Severity::error},
        {"not yet valid", hours{1}, days{89}, Severity::error},
    };
    for (const CertificateCase& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        const CertificateFacts facts{"certificate", kNow + test_case.begins, kNow + test_case.ends};
        const Finding finding = judge_certificate(facts, kNow);
        EXPECT_EQ(finding.severity, test_case.severity) << finding.state;
        EXPECT_EQ(finding.advice.empty(), test_case.severity == Severity::fine);
    }
}

TEST(DoctorMachine, TakesTheEndOfTheOldestCertificateOfAChain) {
    const PrivateKey key = PrivateKey::generate_rsa_2048();
    const SelfSigned leaf{"leaf", kNow - days{1}, kNow + days{9}};
    const SelfSigned authority{"authority", kNow - days{2}, kNow + days{5}};
    const auto facts = read_certificates(
        Certificate::make_self_signed_pem(key, leaf)
        + Certificate::make_self_signed_pem(key, authority)
    );
    ASSERT_TRUE(facts.has_value());
    EXPECT_EQ(facts->not_before, kNow - days{1});
    EXPECT_EQ(facts->not_after, kNow + days{5});
    EXPECT_FALSE(read_certificates("no certificate").has_value());
}

}  // namespace
}  // namespace postern::daemon::commands
