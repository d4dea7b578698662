#pragma once

#include "config/config.hpp"
#include "core/crypto.hpp"
#include "core/time.hpp"
#include "daemon/commands/doctor_report.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

// What `postern doctor` thinks of the machine: disk, clock and certificates. Reading and judging
// are separate functions, so that every judgement can be tested.
namespace postern::daemon::commands {

struct DiskFacts {
    std::uint64_t free_bytes = 0;
    std::uint64_t total_bytes = 0;
    std::uint64_t free_files = 0;
    std::uint64_t total_files = 0;  // 0: a file system without such a limit
};
// Of the file system that the folder is on, or would be made on.
std::optional<DiskFacts> read_disk(std::filesystem::path folder);
Findings judge_disk(const DiskFacts& disk, const config::Storage& storage);

struct ClockFacts {
    enum class Kept : std::uint8_t { no, yes } kept = Kept::no;
    Microseconds error_max{0};  // as the kernel estimates it
};
ClockFacts read_clock();
Finding judge_clock(const ClockFacts& clock);

struct CertificateFacts {
    std::string subject;  // "certificate /etc/postern/tls.pem"
    TimePoint not_before;
    TimePoint not_after;
};
// A chain is as old as its oldest certificate.
Result<CertificateFacts, Complaint> read_certificates(std::string_view pem);
Finding judge_certificate(const CertificateFacts& certificate, TimePoint now);

}  // namespace postern::daemon::commands
