#include "daemon/commands/doctor_machine.hpp"

#include "daemon/commands/human_figures.hpp"

#include <algorithm>
#include <sys/statvfs.h>
#include <sys/timex.h>

namespace postern::daemon::commands {
namespace {

using std::chrono::days;

constexpr std::uint64_t kMebibyte = 1024 * 1024;
// Room for a day of work at least, between the first warning and the first refused webhook.
constexpr std::uint64_t kRoomFactor = 8;
// On a small disk the marks are shares of it, as the daemon itself takes them.
constexpr std::uint64_t kShareOfDisk = 16;
constexpr std::uint64_t kFewFilesShare = 50;  // one in that many is left

constexpr std::chrono::milliseconds kClockErrorMax{1000};

// Renewal is automatic in most places, and begins a month before the end.
constexpr days kExpiresSoon{21};
constexpr days kExpiresAtOnce{3};

std::string room_text(const DiskFacts& disk) {
    std::string text = bytes_text(static_cast<double>(disk.free_bytes));
    text += " of ";
    text += bytes_text(static_cast<double>(disk.total_bytes));
    text += " are free";
    return text;
}

std::string days_text(TimePoint::duration time) {
    return duration_text(std::chrono::duration<double>(time));
}

}  // namespace

std::optional<DiskFacts> read_disk(std::filesystem::path folder) {
    std::error_code error;
    folder = std::filesystem::absolute(folder, error);
    while (!std::filesystem::exists(folder, error) && folder.has_relative_path()) {
        folder = folder.parent_path();
    }
    struct statvfs status {};
    if (::statvfs(folder.c_str(), &status) != 0) return std::nullopt;
    return DiskFacts{
        .free_bytes = std::uint64_t{status.f_bavail} * status.f_frsize,
        .total_bytes = std::uint64_t{status.f_blocks} * status.f_frsize,
        .free_files = status.f_favail,
        .total_files = status.f_files};
}

Findings judge_disk(const DiskFacts& disk, const config::Storage& storage) {
    const std::uint64_t wanted = static_cast<std::uint64_t>(storage.low_water_mib) * kMebibyte;
    const std::uint64_t low = std::min(wanted, disk.total_bytes / kShareOfDisk);
    const std::string advice = "make room, or give the store a larger disk; below "
                               + bytes_text(static_cast<double>(low))
                               + " webhooks are answered 503, and their providers keep them";
    Findings findings;
    if (disk.free_bytes < low) {
        findings.push_back({"disk", Severity::error, room_text(disk), advice});
    } else if (disk.free_bytes < low * kRoomFactor) {
        findings.push_back({"disk", Severity::warning, room_text(disk), advice});
    } else {
        findings.push_back({"disk", Severity::fine, room_text(disk)});
    }
    if (disk.total_files > 0 && disk.free_files < disk.total_files / kFewFilesShare) {
        findings.push_back(
            {"disk",
             Severity::warning,
             "only " + std::to_string(disk.free_files) + " more files can be made",
             "remove files that nobody needs: `df --inodes` shows which file system it is"}
        );
    }
    return findings;
}

// Asks the kernel, as a time service told it; nothing is set.
ClockFacts read_clock() {
    timex state{};
    const int verdict = adjtimex(&state);
    ClockFacts clock;
    if (verdict == -1) return clock;
    if (verdict != TIME_ERROR) clock.kept = ClockFacts::Kept::yes;
    clock.error_max = Microseconds{state.maxerror};
    return clock;
}

Finding judge_clock(const ClockFacts& clock) {
    const std::string advice =
        "run a time service (`timedatectl set-ntp true`, or chrony): signatures bear times, and "
        "those more than minutes away are refused, here and by merchants";
    if (clock.kept == ClockFacts::Kept::no) {
        return {"clock", Severity::warning, "nothing keeps it in step with the world's", advice};
    }
    const std::string error = duration_text(std::chrono::duration<double>(clock.error_max));
    if (clock.error_max > kClockErrorMax) {
        return {"clock", Severity::warning, "it may be wrong by " + error, advice};
    }
    return {"clock", Severity::fine, "kept in step, wrong by at most " + error};
}

Result<CertificateFacts, Complaint> read_certificates(std::string_view pem) {
    const auto chain = Certificate::parse_chain(pem);
    if (!chain) return chain.error();
    CertificateFacts facts;
    facts.not_before = chain->front().not_before();
    facts.not_after = chain->front().not_after();
    for (const Certificate& certificate : *chain) {
        facts.not_before = std::max(facts.not_before, certificate.not_before());
        facts.not_after = std::min(facts.not_after, certificate.not_after());
    }
    return facts;
}

Finding judge_certificate(const CertificateFacts& certificate, TimePoint now) {
    Finding finding{.subject = certificate.subject};
    const std::string until = to_iso8601(certificate.not_after);
    const auto left = certificate.not_after - now;
    finding.state = "expires in " + days_text(left) + ", at " + until;
    finding.advice = "renew it, and let the daemon read it: `systemctl reload postern`, or SIGHUP";
    if (left <= TimePoint::duration::zero()) {
        finding.severity = Severity::error;
        finding.state = "expired at " + until;
    } else if (certificate.not_before > now) {
        finding.severity = Severity::error;
        finding.state = "holds only from " + to_iso8601(certificate.not_before);
        finding.advice = "wait until then, or look at this machine's clock";
    } else if (left < kExpiresAtOnce) {
        finding.severity = Severity::error;
    } else if (left < kExpiresSoon) {
        finding.severity = Severity::warning;
    } else {
        finding.advice.clear();
    }
    return finding;
}

}  // namespace postern::daemon::commands
